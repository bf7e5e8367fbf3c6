import { type CSSVariablesResolver, createTheme, MantineProvider, Menu, Modal } from '@mantine/core'
import { type ReactNode, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { LanguageProvider } from './language.tsx'
import './styles.css'

/** The shades are dark enough for white text (WCAG AA). */
const theme = createTheme({
  primaryColor: 'blue',
  primaryShade: { light: 8, dark: 8 },
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
  components: {
    // Inside the main landmark, so that screen readers find it
    Menu: Menu.extend({
      defaultProps: {
        position: 'bottom-end',
        returnFocus: true,
        withInitialFocusPlaceholder: false,
        portalProps: { target: '#menus' },
      },
      styles: { dropdown: { maxWidth: 'calc(100vw - 32px)' } },
    }),
    Modal: Modal.extend({
      styles: { title: { fontWeight: 600, lineHeight: 1.35, overflowWrap: 'anywhere' } },
    }),
  },
})

/** Error texts of fields need enough contrast too. */
const readable: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: { '--mantine-color-error': colors.red[9] },
  dark: { '--mantine-color-error': colors.red[3] },
})

/** Renders a page with its theme and language. */
export function show(page: ReactNode): void {
  const place = document.getElementById('page')
  if (place === null) throw new Error('The document has no place for the page.')
  createRoot(place).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={readable} defaultColorScheme="auto">
        <LanguageProvider>{page}</LanguageProvider>
      </MantineProvider>
    </StrictMode>,
  )
}
