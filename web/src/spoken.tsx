import type { ReactNode } from 'react'
import type { LatchkeyClient } from '../../src/client/index.ts'
import { LatchkeyProvider } from '../../src/react/index.ts'
import { useLanguage } from './language.tsx'

/** Gives a client to what is below it, answered in the language of the page. */
export function Spoken({
  client,
  children,
}: {
  readonly client: LatchkeyClient
  readonly children: ReactNode
}) {
  const { name } = useLanguage()
  return (
    <LatchkeyProvider client={client} language={name}>
      {children}
    </LatchkeyProvider>
  )
}
