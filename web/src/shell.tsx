import { MantineProvider } from '@mantine/core'
import { type ReactNode, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Styles } from '../../src/react/mantine/styles.tsx'
import { firstLanguage, LanguageProvider } from './language.tsx'
import { loadLanguage } from './page-texts.ts'
import { theme, variables } from './theme.ts'
import './styles.css'

/** Renders a page with its theme and language. */
export async function show(page: ReactNode): Promise<void> {
  const place = document.getElementById('page')
  if (place === null) throw new Error('The document has no place for the page.')
  // If its texts do not load now, the page begins in English and changes its language later.
  await loadLanguage(firstLanguage()).catch(() => undefined)
  createRoot(place).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
        <Styles name="page" css="" />
        <LanguageProvider>{page}</LanguageProvider>
      </MantineProvider>
    </StrictMode>,
  )
}
