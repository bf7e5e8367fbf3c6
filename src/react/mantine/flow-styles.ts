/** The width of a phone, as a media query. */
export const PHONE = '(max-width: 36em)'

/** The style sheet of the components that show a flow. */
export const flowStyles = `
.lk-head{display:flex;gap:14px;align-items:center;padding-block:20px 0;padding-inline:24px 20px}
.lk-heading{flex:1;min-width:0}
.lk-title.lk-title{font-size:17px;font-weight:650;line-height:1.3;letter-spacing:-.011em;margin:0;outline:none}
.lk-sub{font-size:13px;line-height:1.45;min-height:1.45em;color:var(--lk-muted)}
.lk-title,.lk-sub{overflow-wrap:anywhere}
.lk-body{padding:18px 24px 0;display:grid;grid-template-columns:minmax(0,1fr);gap:16px;font-size:14px;line-height:1.45}
.lk-body.lk-place{font-size:13px;color:var(--lk-muted)}
.lk-body:focus{outline:none}
.lk-foot{padding:20px 24px 22px;display:flex;flex-wrap:wrap;gap:10px;align-items:center;justify-content:flex-end}
.lk-flow [data-error]{--input-placeholder-color:var(--mantine-color-placeholder)}
.lk-buttons{display:flex;flex-wrap:wrap;gap:10px;align-items:center;justify-content:flex-end}
.lk-aside{margin-inline-end:auto;font-size:13px;text-decoration:none}
.lk-aside:hover{text-decoration:underline}
.lk-link{color:var(--lk-link);font-size:13px;font-weight:500}
.lk-muted{color:var(--lk-muted)}
.lk-note{border-radius:10px;padding:12px 14px;display:flex;gap:11px;font-size:13.5px;line-height:1.45;border:1px solid}
.lk-note>svg{margin-block-start:1px}
.lk-note[data-kind=bad]{background:var(--lk-bad-soft);border-color:var(--lk-bad-line)}
.lk-note[data-kind=bad]>svg{color:var(--lk-bad)}
.lk-note[data-kind=attention]{background:var(--lk-attention-soft);border-color:var(--lk-attention-line)}
.lk-note[data-kind=attention]>svg{color:var(--lk-attention)}
.lk-note[data-kind=ok]{background:var(--lk-ok-soft);border-color:var(--lk-line)}
.lk-note[data-kind=ok]>svg{color:var(--lk-ok)}
.lk-note[data-kind=info]{background:var(--lk-sunk);border-color:var(--lk-line)}
.lk-rows{display:grid;gap:10px;border:0;margin:4px 0 0;padding:0;min-width:0}
.lk-row.lk-row{display:flex;align-items:center;gap:14px;width:100%;min-height:64px;padding:12px 14px;border:1px solid var(--lk-line);border-radius:12px;background:var(--lk-surface);color:inherit;font:inherit;text-align:start;cursor:pointer}
.lk-row.lk-row:disabled{cursor:default;opacity:.6}
.lk-row:hover:not(:disabled){background:var(--lk-sunk)}
.lk-row b{display:block;font-weight:600}
.lk-row small{font-size:13px;color:var(--lk-muted)}
.lk-grow{flex:1;min-width:0;overflow-wrap:anywhere}
.lk-card{border:1px solid var(--lk-line);border-radius:12px;overflow:hidden}
.lk-who{display:flex;gap:12px;align-items:center;padding:13px 14px}
.lk-who+.lk-who{border-block-start:1px solid var(--lk-line)}
.lk-who small{display:block;font-size:12px;color:var(--lk-muted)}
.lk-who small[data-kind=bad]{color:var(--lk-bad)}
.lk-who b{font-weight:600}
.lk-mono{font-family:var(--lk-mono);font-size:12.5px;font-weight:500;color:var(--lk-muted);overflow-wrap:anywhere}
.lk-opens{display:flex;gap:8px;align-items:center;justify-content:center;font-size:13px;overflow-wrap:anywhere}
.lk-steps{display:grid;margin:0;padding:0;list-style:none}
.lk-steps li{display:flex;gap:12px;align-items:center;min-height:40px}
.lk-steps li[data-state=ahead]{color:var(--lk-muted)}
.lk-steps li[data-state=current]{font-weight:600}
.lk-mark{width:22px;height:22px;border-radius:50%;display:grid;place-items:center;flex:none;background:var(--lk-sunk);box-shadow:inset 0 0 0 1px var(--lk-line);color:var(--lk-muted)}
li[data-state=done]>.lk-mark{background:var(--lk-ok-soft);color:var(--lk-ok)}
li[data-state=current]>.lk-mark{background:none;box-shadow:none}
.lk-flip:dir(rtl){transform:scaleX(-1)}
.lk-skeleton{display:grid;gap:16px;margin-block-end:var(--mantine-spacing-sm)}
.lk-bone{background:var(--lk-sunk);border-radius:6px}
.lk-values{display:grid;grid-template-columns:auto minmax(0,1fr);gap:10px 18px;margin:0;font-size:13.5px}
.lk-values dt{color:var(--lk-muted)}
.lk-values dd{margin:0;overflow-wrap:anywhere;font-family:var(--lk-mono);font-size:12.5px}
.lk-device{display:flex;gap:22px;align-items:center}
.lk-device ol{flex:1;min-width:0;margin:0;padding-inline-start:18px;display:grid;gap:8px;overflow-wrap:anywhere}
.lk-code{font:600 34px/1 var(--lk-mono);letter-spacing:.1em;padding:18px 8px;text-align:center;background:var(--lk-sunk);border-radius:12px;overflow-wrap:anywhere}
.lk-bar{display:flex;flex-wrap:wrap;gap:8px;align-items:center;font-size:13px}
.lk-dialog.lk-dialog{border-radius:16px;background:var(--lk-surface);color:var(--lk-text)}
@media ${PHONE}{
.lk-inner.lk-inner{align-items:flex-end;padding:0}
.lk-dialog.lk-dialog{flex:1 1 100%;border-radius:20px 20px 0 0;max-height:calc(100dvh - 24px)}
.lk-head{padding-inline:20px 12px}
.lk-body{padding-inline:20px}
.lk-foot{flex-direction:column-reverse;align-items:stretch;padding-inline:20px;text-align:center}
.lk-buttons{display:contents}
.lk-aside{margin-inline:auto;padding-block:12px}
.lk-foot .mantine-Button-root{min-height:44px}
.lk-foot .lk-back{order:1}
.lk-body input,.lk-body textarea{font-size:16px}
}
@media (pointer:coarse){
.lk-flow .mantine-Button-root,.lk-flow .mantine-Input-input,.lk-flow .mantine-PasswordInput-input,.lk-flow .mantine-PasswordInput-innerInput{min-height:44px}
.lk-flow .lk-close,.lk-flow .mantine-PasswordInput-visibilityToggle{min-width:44px;min-height:44px}
}
@media (prefers-reduced-motion:no-preference){
.lk-note,.lk-code{animation:lk-in 160ms ease-out}
@keyframes lk-in{from{opacity:0;transform:translateY(8px)}}
}
`
