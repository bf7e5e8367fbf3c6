import { MantineProvider } from '@mantine/core'
import { type ReactNode, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Styles } from '../../src/react/mantine/styles.tsx'
import { LanguageProvider } from './language.tsx'
import { theme, variables } from './theme.ts'
import './styles.css'

/** Renders a page with its theme and language. */
export function show(page: ReactNode): void {
  const place = document.getElementById('page')
  if (place === null) throw new Error('The document has no place for the page.')
  createRoot(place).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
        <Styles name="page" css="" />
        <LanguageProvider>{page}</LanguageProvider>
      </MantineProvider>
    </StrictMode>,
  )
}
