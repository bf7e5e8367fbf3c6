'use client'
import { createContext, createElement, type ReactNode, useContext } from 'react'
import type { LatchkeyClient } from '../client/index.ts'

const Context = createContext<LatchkeyClient | null>(null)

/** Gives a client to the hooks below it. */
export function LatchkeyProvider(props: { readonly client: LatchkeyClient; readonly children?: ReactNode }) {
  return createElement(Context.Provider, { value: props.client }, props.children)
}

/** The client that {@link LatchkeyProvider} gave. @throws Error where there is none above */
export function useLatchkey(): LatchkeyClient {
  const client = useContext(Context)
  if (client === null) throw new Error('Put a <LatchkeyProvider client={…}> around what uses Latchkey.')
  return client
}
