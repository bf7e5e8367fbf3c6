import type { Connection } from './draft.ts'
import type { SetupResult } from './entry-result.ts'

/** Lets the running connection go, once the calls that use it have ended. */
export const retire = [
  {
    type: 'retireConnection',
    params: ({ context }: { context: { connection: Connection | null } }) => ({
      connection: context.connection,
    }),
  },
  'letGo',
] as const

/** What came of connecting with the stored credential. */
const outcome = ({ event }: { event: { output: SetupResult } }) => event.output

/** Says why the entry does not run. */
export const explain = <Reason extends string>(reason: Reason) =>
  ({ type: 'explain', params: { reason } }) as const

const answers = <Guard extends string>(type: Guard) => ({ type, params: outcome }) as const
const holdIt = { type: 'hold', params: outcome } as const
const explainFailure = { type: 'explainFailure', params: outcome } as const

/** Where each outcome of a connect leads. `first` lets go of the connection that ran before, if one did. */
export const outcomesAfter = <First extends readonly [] | typeof retire>(first: First) =>
  [
    {
      guard: answers('accountMismatches'),
      target: '#configEntry.setup_error',
      actions: [...first, holdIt, ...retire, explain('wrong_account')],
    },
    {
      guard: answers('connected'),
      target: '#configEntry.loaded',
      reenter: true,
      actions: [...first, holdIt],
    },
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
    { target: '#configEntry.setup_retry', actions: [...first, explainFailure, 'countTry'] },
  ] as const
