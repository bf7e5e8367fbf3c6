/** The styles of the list of connections and of the panels above it. */
export const listStyles = `
.lkl-list { container: lkl-list / inline-size; color: var(--lk-text); font-size: 14px; line-height: 1.45; }
.lkl-tools { display: flex; align-items: center; gap: 10px; margin: 24px 0 12px; }
.lkl-search { flex: 0 20 250px; min-width: 140px; }
.lkl-kbd { font: 500 12px var(--lk-mono); border: 1px solid var(--lk-line-strong); border-bottom-width: 2px; border-radius: 5px;
  padding: 0 5px; color: var(--lk-muted); }
.lkl-chips { display: flex; flex: 1 1 auto; gap: 6px; min-width: 0; overflow-x: auto; scrollbar-width: none; padding: 3px; margin: -3px; }
.lkl-chip { flex: none; display: inline-flex; align-items: center; gap: 6px; height: 32px; padding: 0 12px; border-radius: 99px;
  border: 1px solid var(--lk-line); background: var(--lk-surface); color: var(--lk-muted); font: inherit; font-size: 13px;
  font-weight: 550; white-space: nowrap; cursor: pointer; }
.lkl-chip > span { font-weight: 500; }
.lkl-chip[aria-checked=true] { background: var(--lk-text); border-color: var(--lk-text); color: var(--lk-surface); }
.lkl-card { position: relative; border: 1px solid var(--lk-line); border-radius: 12px; background: var(--lk-surface);
  box-shadow: var(--lk-shadow); }
.lkl-section { position: absolute; inset-inline: 0; }
.lkl-section-rows { position: relative; margin: 0; padding: 0; list-style-type: ""; }
.lkl-head { position: sticky; top: 0; z-index: 2; display: flex; align-items: center; gap: 10px; height: 42px; padding-inline: 16px;
  background: var(--lk-sunk); border-top: 1px solid var(--lk-line); color: var(--lk-muted); font-size: 13px; font-weight: 500; }
.lkl-section:first-child > .lkl-head { border-top-color: transparent; border-start-start-radius: 11px; border-start-end-radius: 11px; }
.lkl-head > h2 { margin: 0; font-size: 13px; font-weight: 600; color: var(--lk-text); overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; }
.lkl-row { position: absolute; inset-inline: 0; display: grid;
  grid-template-columns: minmax(0, 1fr) minmax(0, 178px) minmax(0, 190px) 190px; align-items: center; gap: 14px;
  padding-inline: 50px 16px; border-top: 1px solid var(--lk-line); scroll-margin-block: 64px; transition: background 120ms; }
.lkl-row.lkl-own { padding-inline-start: 66px; }
.lkl-section:first-child > .lkl-section-rows:first-child > .lkl-row[aria-posinset="1"] { border-top-color: transparent; }
.lkl-row:hover, .lkl-row:focus-within { background: var(--lk-hover); }
.lkl-row[data-selected] { background: var(--lk-primary-soft); }
.lkl-gutter { position: absolute; inset-inline-start: 16px; top: 0; bottom: 0; display: flex; align-items: center; z-index: 1; }
.lkl-pick { position: relative; display: grid; place-items: center; cursor: pointer; }
.lkl-pick > input { width: 24px; height: 24px; margin: 0; accent-color: var(--lk-primary); cursor: inherit; }
.lkl-gutter .lkl-pick { opacity: 0; }
.lkl-row:hover .lkl-pick, .lkl-row:focus-within .lkl-pick, .lkl-selecting .lkl-pick { opacity: 1; }
.lkl-own .lkl-gutter .lkl-pick { display: none; }
.lkl-selecting .lkl-own .lkl-pick { display: grid; }
.lkl-selecting .lkl-own .lkl-gutter > :not(.lkl-pick) { display: none !important; }
.lkl-title { display: block; font-weight: 600; letter-spacing: -0.006em; color: inherit; text-decoration: none; outline: none;
  white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.lkl-title::after { content: ""; position: absolute; inset: 0; border-radius: 4px; }
.lkl-title:focus-visible::after { outline: 2px solid var(--lk-primary); outline-offset: -3px; }
.lkl-detail { font-size: 12.5px; color: var(--lk-muted); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.lkl-age { font-size: 13px; color: var(--lk-muted); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.lkl-actions { position: relative; z-index: 1; display: flex; justify-content: flex-end; align-items: center; gap: 4px;
  pointer-events: none; }
.lkl-actions > * { pointer-events: auto; }
.lkl-state { display: inline-flex; align-items: center; gap: 7px; max-width: 100%; font-size: 13px; font-weight: 550;
  white-space: nowrap; color: var(--lk-state-color, var(--lk-text)); }
.lkl-state > span:last-child { overflow: hidden; text-overflow: ellipsis; }
.lkl-dot { flex: none; width: 8px; height: 8px; border-radius: 50%; background: var(--lk-state-dot);
  box-shadow: 0 0 0 3px var(--lk-state-soft); margin-inline: 3px; forced-color-adjust: none; }
.lkl-ok { --lk-state-dot: var(--lk-ok-dot); --lk-state-soft: var(--lk-ok-soft); }
.lkl-warn { --lk-state-color: var(--lk-warn); --lk-state-dot: var(--lk-warn-dot); --lk-state-soft: var(--lk-warn-soft); }
.lkl-attention { --lk-state-color: var(--lk-attention); --lk-state-dot: var(--lk-attention-dot);
  --lk-state-soft: var(--lk-attention-soft); }
.lkl-bad { --lk-state-color: var(--lk-bad); --lk-state-dot: var(--lk-bad-dot); --lk-state-soft: var(--lk-bad-soft); }
.lkl-idle { --lk-state-color: var(--lk-muted); --lk-state-dot: var(--lk-idle-dot); --lk-state-soft: var(--lk-idle-soft); }
.lkl-quiet { --lk-state-color: var(--lk-warn); }
.lkl-quiet > .lkl-dot { width: 9px; height: 9px; background: transparent; border: 2px solid var(--lk-warn-dot); box-shadow: none; }
.lkl-busy > .lkl-dot { background: transparent; border: 2px solid var(--lk-line-strong); border-top-color: var(--lk-primary);
  width: 12px; height: 12px; box-shadow: none; margin-inline: 1px; animation: lkl-turn 900ms linear infinite; }
@keyframes lkl-turn { to { transform: rotate(1turn); } }
.lkl-foot { display: flex; justify-content: space-between; gap: 12px; padding: 12px 4px; font-size: 13px; color: var(--lk-muted); }
.lkl-none { display: grid; grid-template-columns: minmax(0, 1fr); justify-items: center; gap: 12px; padding: 48px 24px;
  text-align: center; overflow-wrap: anywhere; }
.lkl-sk { height: 12px; border-radius: 6px; background: var(--lk-sunk); }
.lkl-skeleton { display: grid; grid-template-columns: 36px minmax(0, 1fr) minmax(0, 178px) minmax(0, 394px); gap: 14px;
  align-items: center; height: 60px; padding-inline: 16px; border-top: 1px solid var(--lk-line); }
.lkl-skeleton:first-child { border-top-color: transparent; }
.lkl-compact .lkl-row { gap: 10px; }
.lkl-compact .lkl-head { height: 32px; }
.lkl-compact .lkl-row > :first-of-type:not(.lkl-gutter) { display: flex; gap: 8px; align-items: baseline; }
.lkl-list [aria-disabled=true] { opacity: 0.6; cursor: default; }
@container lkl-list (max-width: 760px) {
  .lkl-row, .lkl-row.lkl-own { grid-template-columns: minmax(0, 1fr) minmax(0, 196px) 182px; gap: 0 10px; align-content: center; }
  .lkl-row .lkl-quick { padding-inline: 8px; }
  .lkl-row > .lkl-main { grid-row: 1 / 3; }
  .lkl-row > .lkl-status { grid-area: 1 / 2; }
  .lkl-row > .lkl-age { grid-area: 2 / 2; padding-inline-start: 21px; font-size: 12.5px; }
  .lkl-row > .lkl-actions { grid-area: 1 / 3 / 3; }
}
@media (prefers-reduced-motion: reduce) {
  .lkl-row { transition: none; }
  .lkl-busy > .lkl-dot { animation: none; border-style: dotted; }
}
@media (forced-colors: active) {
  .lkl-chip[aria-checked=true] { forced-color-adjust: none; background: Highlight; color: HighlightText; }
}
@media (pointer: coarse) {
  .lkl-chip { height: 44px; padding: 0 16px; }
  .lkl-title { -webkit-touch-callout: none; }
  .lkl-pick { width: 44px; height: 44px; margin-inline: -10px; }
  .lkl-own .lkl-pick { margin-inline: -4px; }
}
@media (max-width: 47.99em) {
  .lkl-tools { margin: 14px 0 12px; }
  .lkl-tools { flex-wrap: wrap; }
  .lkl-tools > .lkl-grouping { display: none; }
  .lkl-search { flex: 1 1 100%; }
  .lkl-chips { margin-inline-end: -16px; }
  .lkl-row, .lkl-row.lkl-own { grid-template-columns: minmax(0, 1fr) 44px; gap: 0 12px; align-content: center;
    padding-inline: 66px 4px; }
  .lkl-row > .lkl-main { grid-area: 1 / 1; align-self: end; }
  .lkl-row > .lkl-status { grid-area: 2 / 1; align-self: start; display: grid; min-width: 0; line-height: 1.3; }
  .lkl-row .lkl-title, .lkl-row .lkl-detail { line-height: 1.3; }
  .lkl-kbd { display: none; }
  .lkl-row > .lkl-age, .lkl-row .lkl-quick { display: none; }
  .lkl-row > .lkl-actions { grid-area: 1 / 2 / 3 / 3; }
  .lkl-skeleton { grid-template-columns: 40px minmax(0, 1fr); height: 68px; }
  .lkl-skeleton > :nth-child(n + 3) { display: none; }
}
`
