import type { AnyEventObject, AnyMachineSnapshot } from 'xstate'
import { Connection, Draft } from '../../machines/index.ts'
import type { Outcome } from './story-graph.ts'

export const connection = new Connection(null)
export const draft = new Draft({ values: {} })
const ME = 'me'
const entry = { uniqueId: ME, credentialRevision: 1, title: 'Mine', values: {} }
/** The results of a connection to the account of the entry, and to another one. */
export const connected = { output: { type: 'connected', uniqueId: ME, expected: ME, connection } }
export const another = { output: { type: 'connected', uniqueId: 'another', expected: ME, connection } }

/** Whether a form shows errors. */
export const hasErrors = ({ context }: Pick<AnyMachineSnapshot, 'context'>): boolean =>
  Object.keys(context.errors).length > 0

const error = new Error('unexpected')

/** An unexpected error. */
export const throws = { throws: { error } }

/** Expected failures of a connection. */
export const failures = Object.fromEntries(
  ['cannot_connect', 'invalid_auth', 'timeout', 'rate_limited', 'unknown'].map((code) => [
    code,
    { output: { type: 'failed', error: code } },
  ]),
)
/** Results that consist only of their type. */
export const results = (...types: readonly string[]): Record<string, Outcome> =>
  Object.fromEntries(types.map((type) => [type, { output: { type } }]))

/** The account has an entry, or the integration allows only the one that exists. */
export const held = {
  taken: { output: { type: 'taken', entryId: 'entry', linked: null } },
  only: { output: { type: 'only', entryId: 'entry' } },
  matched: { output: { type: 'matched', entryId: 'entry' } },
} as const

/** The account has an entry that needs a new credential. */
export const linked = {
  output: {
    type: 'taken',
    entryId: 'entry',
    linked: { ...entry, entryId: 'entry', needsReauth: true, disabled: false, ignored: false },
  },
}

/** Events that consist only of their type. */
export const plainEvents = (...types: readonly string[]): Record<string, AnyEventObject> =>
  Object.fromEntries(types.map((type) => [type, { type }]))

/** Work that succeeds or fails unexpectedly. */
export const done = { done: { output: undefined }, ...throws }

/** The possible results of reading the entry of a flow. */
export const entryFound = {
  found: { output: { type: 'found', entry } },
  ...results('missing', 'disabled'),
  ...throws,
}
