import { ActionIcon, Button, type CSSVariablesResolver, createTheme } from '@mantine/core'

/** The shades are dark enough for white text (WCAG AA). */
export const theme = createTheme({
  primaryColor: 'blue',
  primaryShade: { light: 8, dark: 8 },
  defaultRadius: 8,
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
  components: {
    Button: Button.extend({
      defaultProps: { size: 'sm' },
      vars: (_, { size }) => ({
        root:
          size === 'xs'
            ? { '--button-height': '32px', '--button-fz': '13px', '--button-padding-x': '12px' }
            : size === 'sm'
              ? { '--button-fz': '13.5px', '--button-padding-x': '14px' }
              : {},
      }),
    }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray', size: 36 } }),
    // Plain objects: the components of menus and dialogs load later.
    Menu: {
      // Inside the main landmark, so that screen readers find it
      defaultProps: {
        position: 'bottom-end',
        returnFocus: true,
        withInitialFocusPlaceholder: false,
        portalProps: { target: '#menus' },
      },
      styles: { dropdown: { maxWidth: 'calc(100vw - 32px)' } },
    },
    ModalOverlay: { defaultProps: { color: 'var(--lk-scrim)', backgroundOpacity: 1 } },
    Modal: {
      // Inside the main landmark: its header would count as a second banner.
      defaultProps: { radius: 16, portalProps: { target: '#menus' } },
      styles: {
        header: { minHeight: 0, paddingBlock: '20px 12px', paddingInlineEnd: 20 },
        // A fixed box without an inset begins where its portal is.
        inner: { insetInline: 0 },
        title: { fontSize: 17, fontWeight: 650, lineHeight: 1.35, overflowWrap: 'anywhere' },
      },
    },
  },
})

const own = {
  '--mantine-color-body': 'var(--lk-surface)',
  '--mantine-color-text': 'var(--lk-text)',
  '--mantine-color-dimmed': 'var(--lk-muted)',
  '--mantine-color-placeholder': 'var(--lk-muted)',
  '--mantine-color-default': 'var(--lk-surface)',
  '--mantine-color-default-hover': 'var(--lk-hover)',
  '--mantine-color-default-color': 'var(--lk-text)',
  '--mantine-color-default-border': 'var(--lk-line-strong)',
  '--mantine-color-error': 'var(--lk-bad)',
}

/** The surfaces and texts of Mantine's components are those of the tokens. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: own,
  // Quiet buttons have the color of links. Mantine's is almost that of the text.
  dark: { ...own, '--mantine-color-blue-light-color': 'var(--mantine-color-anchor)' },
})
