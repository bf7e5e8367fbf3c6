import { PHONE } from './flow-styles.ts'

/** The width up to which the tiles are below each other, as a media query: a name is not cut for a note at its end. */
export const ONE_COLUMN = '(max-width: 56em)'

/** The style sheet of the picker. */
export const pickerStyles = `
.lk-pick{display:flex;flex-direction:column;height:min(652px,90dvh)}
.lk-pick-few{height:min(452px,90dvh)}
.lk-pick-head{display:flex;align-items:center;gap:14px;padding-block:20px 14px;padding-inline:24px 20px}
.lk-pick-search{padding-inline:24px;padding-block-end:16px;border-block-end:1px solid var(--lk-line)}
.lk-pick-main{flex:1;min-height:0;display:flex}
.lk-pick-nav{flex:none;width:176px;padding-block:12px;padding-inline:14px 10px;border-inline-end:1px solid var(--lk-line);overflow-y:auto;display:grid;gap:2px;align-content:start}
.lk-pick-nav button{display:flex;justify-content:space-between;gap:8px;align-items:center;min-height:36px;padding-inline:10px;border:0;border-radius:8px;background:none;color:inherit;font:inherit;font-size:13px;text-align:start;cursor:pointer}
.lk-pick-nav button span{font-size:12px;color:var(--lk-muted)}
.lk-pick-nav button:hover{background:var(--lk-hover)}
.lk-pick-nav button[aria-pressed=true]{background:var(--lk-primary-soft);color:var(--lk-text);font-weight:600}
.lk-pick-nav button[aria-pressed=true] span{color:inherit}
.lk-pick-list{flex:1;min-width:0;overflow-y:auto;padding:14px 18px}
.lk-pick-part{font-size:12px;overflow-wrap:anywhere;font-weight:600;color:var(--lk-muted);padding:2px 12px 4px;margin:0}
.lk-pick-part:not(:first-child){padding-block-start:12px}
.lk-plain{list-style:none;margin:0;padding:0}
.lk-tiles{position:relative;display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:2px}
.lk-tile{display:flex;gap:12px;align-items:center;padding:11px 12px;border-radius:10px;min-height:60px;box-sizing:border-box}
.lk-tile[role=option]{cursor:pointer}
.lk-tile[role=option]:hover{background:var(--lk-hover)}
.lk-tile[aria-selected=true]{background:var(--lk-primary-soft);box-shadow:inset 0 0 0 2px var(--lk-primary)}
.lk-tile b,.lk-tile small{display:block;overflow:hidden;white-space:nowrap;text-overflow:ellipsis}
.lk-tile b{font-weight:600;font-size:14px}
.lk-tile small{font-size:13px;color:var(--lk-muted)}
.lk-tile-note{flex:none;font-size:12px;color:var(--lk-muted)}
.lk-pick-foot{display:flex;flex-wrap:wrap;gap:14px;align-items:center;padding:12px 24px;border-block-start:1px solid var(--lk-line);font-size:12px;color:var(--lk-muted)}
.lk-kbd{font:500 12px var(--lk-mono);border:1px solid var(--lk-line-strong);border-block-end-width:2px;border-radius:5px;padding:0 5px;margin-inline-end:4px}
.lk-ignored summary{cursor:pointer;font-size:13px;min-height:24px;padding:6px 12px}
@media ${ONE_COLUMN}{
.lk-tiles{grid-template-columns:minmax(0,1fr)}
}
@media ${PHONE}{
.lk-pick-inner.lk-pick-inner{padding:0}
.lk-pick-dialog.lk-pick-dialog{flex:1 1 100%;max-height:100dvh;border-radius:0}
.lk-pick.lk-pick{height:100dvh}
.lk-pick-head{padding-inline:16px 8px}
.lk-pick-search{padding-inline:16px;border:0}
.lk-pick-search input{font-size:16px}
.lk-pick-main{flex-direction:column}
.lk-pick-nav{width:auto;display:flex;gap:6px;padding:0 16px 12px;border:0;overflow-x:auto}
.lk-pick-nav button{flex:none;min-height:44px;padding-inline:16px;border:1px solid var(--lk-line);border-radius:99px}
.lk-pick-list{padding:0 8px}
.lk-keys{display:none}
.lk-pick-foot:not(:has(a)){display:none}
}
`
