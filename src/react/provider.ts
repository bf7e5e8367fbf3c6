'use client'
import { createContext, createElement, type ReactNode, useContext, useEffect, useMemo } from 'react'
import type { LatchkeyClient } from '../client/index.ts'

const Context = createContext<{ readonly client: LatchkeyClient; readonly language: string } | null>(null)

/**
 * Provides a client to the hooks and components below it. `language` is a tag such as `de`: the server answers in it,
 * and the components use it for their own texts. By default, the server answers in the browser's language and the
 * texts of the components are English.
 *
 * @example
 * ```tsx
 * import { createClient } from 'latchkey/client'
 * import { LatchkeyProvider, useEntries } from 'latchkey/react'
 *
 * const client = createClient({ url: '/latchkey', token: () => '' })
 * const Titles = () => useEntries().map(({ entryId, title }) => <p key={entryId}>{title}</p>)
 *
 * export const App = () => (
 *   <LatchkeyProvider client={client} language="de">
 *     <Titles />
 *   </LatchkeyProvider>
 * )
 * ```
 */
export function LatchkeyProvider(props: {
  readonly client: LatchkeyClient
  readonly language?: string
  readonly children?: ReactNode
}) {
  const { client, language } = props
  useEffect(() => {
    if (language !== undefined) client.setLanguage(language)
  }, [client, language])
  const value = useMemo(() => ({ client, language: language ?? 'en' }), [client, language])
  return createElement(Context.Provider, { value }, props.children)
}

/**
 * The client of the {@link LatchkeyProvider}.
 *
 * @throws Error if there is no provider above the component
 * @example
 * ```tsx
 * import { useLatchkey } from 'latchkey/react'
 *
 * export function ReloadButton({ entryId }: { entryId: string }) {
 *   const { entries } = useLatchkey()
 *   return <button onClick={() => entries.reload(entryId)}>Reload</button>
 * }
 * ```
 */
export const useLatchkey = (): LatchkeyClient => useProvided().client

/** The language of the {@link LatchkeyProvider}. @throws Error if there is no provider above the component */
export const useLanguage = (): string => useProvided().language

function useProvided() {
  const provided = useContext(Context)
  if (provided === null)
    throw new Error('No Latchkey client found. Wrap the component in <LatchkeyProvider client={…}>.')
  return provided
}
