import type { Connection } from './draft.ts'
import { type SetupResult, waitAfter } from './entry-result.ts'

/** Releases the running connection, once the calls that use it have ended. */
export const retire = [
  {
    type: 'retireConnection',
    params: ({ context }: { context: { connection: Connection | null } }) => ({
      connection: context.connection,
    }),
  },
  'releaseConnection',
] as const

/** Fires the signals of the calls that use the connection, because the entry is unloaded. */
export const endCalls = {
  type: 'endCalls',
  params: ({ context }: { context: { connection: Connection | null } }) => ({
    connection: context.connection,
  }),
} as const

/** Releases the running connection without a successor. */
export const drop = [endCalls, ...retire] as const

const outcome = ({ event }: { event: { output: SetupResult } }) => event.output

/** Stores the reason why the entry does not run. */
export const explain = <Reason extends string>(reason: Reason) =>
  ({ type: 'explain', params: { reason } }) as const

const answers = <Guard extends string>(type: Guard) => ({ type, params: outcome }) as const
export const explainFailure = { type: 'explainFailure', params: outcome } as const
/** Counts a failed attempt. Only for transitions with the guard `failed`. */
export const countFailure = {
  type: 'countTry',
  params: ({ event }: { event: { output: SetupResult } }) => ({
    wait: (event.output as Extract<SetupResult, { type: 'failed' }>).wait,
  }),
} as const

/** Counts an attempt that ended with an unexpected error. */
export const countError = {
  type: 'countTry',
  params: ({ event }: { event: { error: unknown } }) => ({ wait: waitAfter(event.error) }),
} as const

const thrown = ({ event }: { event: { error: unknown } }) => ({ error: event.error })

/**
 * The transitions after an unexpected error of a setup. If the store failed before a login was made, the attempt does
 * not count, and an entry that connects only for a call leaves the next attempt to the next call.
 */
export const errorsAfter = <const First extends readonly unknown[]>(first: First) =>
  [
    { guard: { type: 'storeFailedCall', params: thrown }, target: '#configEntry.not_loaded', actions: first },
    {
      guard: { type: 'storeFailed', params: thrown },
      target: '#configEntry.setup_retry',
      actions: [
        ...first,
        explain('unknown'),
        {
          type: 'waitOnly',
          params: ({ event }: { event: { error: unknown } }) => ({ wait: waitAfter(event.error) }),
        },
      ],
    },
    { target: '#configEntry.setup_retry', actions: [...first, explain('unknown'), countError] },
  ] as const

/** Uses the connection of a set-up or a probe. */
export const holdConnection = { type: 'holdConnection', params: outcome } as const

/**
 * The transitions for each result of a connect. `first` releases the connection that ran before. `connected` is the
 * transition to take with a connection of the entry's account.
 */
export const outcomesAfter = <
  First extends readonly [] | typeof drop,
  const Connected extends { readonly target: string; readonly actions: readonly unknown[] },
>(
  first: First,
  connected: Connected,
) =>
  [
    {
      guard: answers('accountMismatches'),
      target: '#configEntry.setup_error',
      actions: [...first, holdConnection, ...retire, explain('wrong_account')],
    },
    { guard: answers('connected'), ...connected },
    { guard: answers('entryIsOutdated'), target: '#configEntry.migrating', actions: first },
    { guard: answers('migrationIsRefused'), target: '#configEntry.migration_error', actions: first },
    { guard: answers('alreadyRejected'), target: '#configEntry.reauth_required.waiting', actions: first },
    { guard: answers('authInvalid'), target: '#configEntry.reauth_required', actions: first },
    { guard: answers('entryIsMissing'), target: '#configEntry.not_loaded', actions: first },
    { guard: answers('entryIsDisabled'), target: '#configEntry.disabled', actions: first },
    {
      guard: answers('cannotBeSetUp'),
      target: '#configEntry.setup_error',
      actions: [...first, explainFailure],
    },
    { target: '#configEntry.setup_retry', actions: [...first, explainFailure, countFailure] },
  ] as const

/** Adopts the connection that a flow has verified. */
export const adoptIt = {
  type: 'adopt',
  params: ({ event }: { event: { connection: Connection } }) => ({ connection: event.connection }),
} as const
