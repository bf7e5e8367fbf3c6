import type { AnyEventObject, AnyMachineSnapshot } from 'xstate'
import { Connection, Draft } from '../../machines/index.ts'
import type { Outcome } from './story-graph.ts'

export const connection = new Connection(null)
export const draft = new Draft({ values: {} })
const ME = 'me'
const entry = { uniqueId: ME, credentialRevision: 1, title: 'Mine', values: {} }
/** The service knows the account of the entry, or another one. */
export const connected = { output: { type: 'connected', uniqueId: ME, expected: ME, connection } }
export const another = { output: { type: 'connected', uniqueId: 'another', expected: ME, connection } }

/** Whether a form shows errors. */
export const hasErrors = ({ context }: Pick<AnyMachineSnapshot, 'context'>): boolean =>
  Object.keys(context.errors).length > 0

const error = new Error('unexpected')

/** What nobody foresaw. */
export const throws = { throws: { error } }

/** Failures of a connect that people know. */
export const failures = Object.fromEntries(
  ['cannot_connect', 'invalid_auth', 'timeout', 'rate_limited', 'unknown'].map((code) => [
    code,
    { output: { type: 'failed', error: code } },
  ]),
)
/** Results that are nothing but their type, by it. */
export const results = (...types: readonly string[]): Record<string, Outcome> =>
  Object.fromEntries(types.map((type) => [type, { output: { type } }]))

/** Events that are nothing but their type, by it. */
export const named = (...types: readonly string[]): Record<string, AnyEventObject> =>
  Object.fromEntries(types.map((type) => [type, { type }]))

/** Work that is done, or fails in a way that nobody foresaw. */
export const done = { done: { output: undefined }, ...throws }

/** What there is of the entry that a flow is about. */
export const entryFound = {
  found: { output: { type: 'found', entry } },
  ...results('missing', 'disabled'),
  ...throws,
}
