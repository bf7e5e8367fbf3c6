/**
 * The colors of the components as CSS variables of both color schemes. The primary color and the links are those of
 * the host's theme. The selectors have no specificity, so a host's own `--lk-…` wins.
 */
export const tokens = `
:where(:root) {
  --lk-bg: #f8f9fa;
  --lk-surface: #fff;
  --lk-sunk: #f1f3f5;
  --lk-hover: #f8f9fa;
  --lk-line: #e9ecef;
  --lk-line-strong: #ced4da;
  --lk-field: #868e96;
  --lk-text: #1c1f23;
  --lk-muted: #5a6168;
  --lk-ok: #1f6b34;
  --lk-ok-soft: #e8f7ec;
  --lk-ok-dot: #2f9e44;
  --lk-warn: #7a4a00;
  --lk-warn-soft: #fff5e0;
  --lk-warn-dot: #e08600;
  --lk-attention: #9a3900;
  --lk-attention-soft: #fff1e6;
  --lk-attention-line: #ffd8bd;
  --lk-attention-dot: #e8590c;
  --lk-bad: #a92121;
  --lk-bad-soft: #fff0f0;
  --lk-bad-line: #ffd0d0;
  --lk-bad-dot: #d92b2b;
  --lk-idle: #495057;
  --lk-idle-soft: #f1f3f5;
  --lk-idle-dot: #868e96;
  --lk-shadow: 0 1px 2px rgba(20, 24, 30, 0.05);
  --lk-shadow-large: 0 24px 64px -12px rgba(20, 24, 30, 0.35), 0 2px 8px rgba(20, 24, 30, 0.12);
  --lk-scrim: rgba(24, 28, 33, 0.48);
  --lk-on-color: #fff;
  --lk-qr-dark: #000;
  --lk-qr-light: #fff;
  --lk-primary: var(--mantine-primary-color-filled);
  --lk-primary-soft: var(--mantine-primary-color-light);
  --lk-link: var(--mantine-color-anchor);
  --lk-mono: ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace;
}
:where([data-mantine-color-scheme="dark"]) {
  --lk-bg: #18191b;
  --lk-surface: #222325;
  --lk-sunk: #2a2b2e;
  --lk-hover: #27282b;
  --lk-line: #323438;
  --lk-line-strong: #45474c;
  --lk-field: #7a7d84;
  --lk-text: #e9eaec;
  --lk-muted: #a6abb2;
  --lk-ok: #8ce0a0;
  --lk-ok-soft: #19301f;
  --lk-ok-dot: #40c057;
  --lk-warn: #ffd58a;
  --lk-warn-soft: #34290f;
  --lk-warn-dot: #fab005;
  --lk-attention: #ffb98a;
  --lk-attention-soft: #33221a;
  --lk-attention-line: #5b3a26;
  --lk-attention-dot: #fd7e14;
  --lk-bad: #ffa8a8;
  --lk-bad-soft: #371f20;
  --lk-bad-line: #6a3232;
  --lk-bad-dot: #fa5252;
  --lk-idle: #c1c5ca;
  --lk-idle-soft: #2f3135;
  --lk-idle-dot: #8f949b;
  --lk-shadow: none;
  --lk-shadow-large: 0 24px 64px rgba(0, 0, 0, 0.6), 0 0 0 1px #37393d;
  --lk-scrim: rgba(0, 0, 0, 0.62);
}
`
