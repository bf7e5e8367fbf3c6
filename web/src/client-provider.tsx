import type { ReactNode } from 'react'
import type { LatchkeyClient } from '../../src/client/index.ts'
import { LatchkeyProvider } from '../../src/react/index.ts'
import { useLanguage } from './language.tsx'

/** Provides a client in the language of the page. */
export function ClientProvider(props: { readonly client: LatchkeyClient; readonly children: ReactNode }) {
  const { language } = useLanguage()
  return <LatchkeyProvider {...props} language={language} />
}
