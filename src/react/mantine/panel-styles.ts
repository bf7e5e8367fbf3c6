/** The styles of the panels above the list of connections. */
export const panelStyles = `
.lkl-panel { overflow: hidden; margin-bottom: 12px; border: 1px solid var(--lk-attention-line); border-radius: 12px;
  background: var(--lk-surface); color: var(--lk-text); font-size: 14px; line-height: 1.45; animation: lkl-appear 160ms; }
.lkl-panel-head { display: flex; align-items: center; gap: 10px; padding: 11px 16px; background: var(--lk-attention-soft);
  color: var(--lk-attention); border-bottom: 1px solid var(--lk-attention-line); }
.lkl-panel-warn { border-color: var(--lk-line-strong); }
.lkl-panel-warn > .lkl-panel-head { background: var(--lk-warn-soft); color: var(--lk-warn); border-color: var(--lk-line-strong); }
.lkl-panel-head > h2 { flex: 1; margin: 0; font-size: 14.5px; font-weight: 650; letter-spacing: -0.011em; }
.lkl-panel-all { min-height: 24px; padding: 0 4px; margin: -2px -4px; border: 0; background: none; color: inherit; font: inherit;
  font-size: 13px; font-weight: 500; cursor: pointer; white-space: nowrap; }
.lkl-panel > ul, .lkl-found > ul { margin: 0; padding: 0; list-style-type: ""; }
.lkl-line { display: flex; align-items: center; gap: 12px; padding: 12px 16px; }
.lkl-line + .lkl-line { border-top: 1px solid var(--lk-line); }
.lkl-line-text { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.lkl-line-title { font-weight: 600; }
.lkl-line-detail { font-size: 13px; color: var(--lk-muted); }
.lkl-line-detail > time { white-space: nowrap; }
.lkl-line-actions { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 8px; }
.lkl-mono { font-family: var(--lk-mono); font-size: 12.5px; }
.lkl-panel-failure { margin: 0; padding: 0 16px 12px; font-size: 13px; color: var(--lk-bad); }
.lkl-found { margin-bottom: 12px; border: 1px solid var(--lk-line); border-radius: 12px; background: var(--lk-surface);
  box-shadow: var(--lk-shadow); color: var(--lk-text); font-size: 14px; line-height: 1.45; }
.lkl-found .lkl-line { padding-block: 11px; }
.lkl-found-name { font-size: 13px; font-weight: 600; }
.lkl-found-name > span { font-weight: 400; color: var(--lk-muted); }
.lkl-found-kind { font-size: 12px; color: var(--lk-muted); }
.lkl-found-foot { padding: 8px 16px; border-top: 1px solid var(--lk-line); font-size: 13px; }
.lkl-found-foot:first-child { border-top: 0; }
.lkl-found-foot > summary { cursor: pointer; min-height: 24px; }
.lkl-panel [aria-disabled=true], .lkl-found [aria-disabled=true] { opacity: 0.6; cursor: default; }
@keyframes lkl-appear { from { opacity: 0; } }
@media (prefers-reduced-motion: reduce) { .lkl-panel { animation: none; } }
@media (pointer: coarse) { .lkl-panel-all { min-height: 44px; margin: -11px -4px; } .lkl-found-foot > summary { min-height: 44px; } }
@media (max-width: 47.99em) {
  .lkl-line { flex-wrap: wrap; }
  .lkl-panel .lkl-line { align-items: flex-start; }
  .lkl-line-actions, .lkl-line > .mantine-Button-root { flex: 1 1 100%; }
  .lkl-line-actions > * { flex: 1; }
  .lkl-found-kind { display: none; }
}
`
