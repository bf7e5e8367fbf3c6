'use client'
import { createContext, createElement, type ReactNode, useContext, useEffect } from 'react'
import type { LatchkeyClient } from '../client/index.ts'

const Context = createContext<LatchkeyClient | null>(null)

/** Gives a client to the hooks below it; `language`, a tag such as `de`, is the one that it is answered in. */
export function LatchkeyProvider(props: {
  readonly client: LatchkeyClient
  readonly language?: string
  readonly children?: ReactNode
}) {
  const { client, language } = props
  useEffect(() => {
    if (language !== undefined) client.speak(language)
  }, [client, language])
  return createElement(Context.Provider, { value: props.client }, props.children)
}

/** The client that {@link LatchkeyProvider} gave. @throws Error where there is none above */
export function useLatchkey(): LatchkeyClient {
  const client = useContext(Context)
  if (client === null) throw new Error('Put a <LatchkeyProvider client={…}> around what uses Latchkey.')
  return client
}
