import {
  adoptIt,
  countFailure,
  errorsAfter,
  explain,
  explainFailure,
  holdConnection,
  outcomesAfter,
  retire,
} from './config-entry-outcomes.ts'
import { configEntrySetup } from './config-entry-setup.ts'
import type { Connection } from './draft.ts'
import type { SetupResult, TryAddressResult } from './entry-result.ts'

const outcome = ({ event }: { event: { output: SetupResult } }) => event.output
const answer = ({ event }: { event: { output: TryAddressResult } }) => event.output

/** Notes that the entry connects to an address. Only for transitions whose guard requires an announced address. */
const rememberAddress = {
  type: 'rememberAddress',
  params: ({ event }: { event: { output: SetupResult } }) => ({
    address: (event.output as Extract<SetupResult, { type: 'failed' }>).announced as string,
  }),
} as const

/** Holds the connection at the announced address. Only for transitions whose guard requires one. */
const holdCandidate = {
  type: 'holdCandidate',
  params: ({ event }: { event: { output: TryAddressResult } }) => ({
    connection: (event.output as Extract<TryAddressResult, { type: 'connected' }>).connection,
  }),
} as const

/** Closes the connection at the announced address. */
const retireCandidate = [
  {
    type: 'retireConnection',
    params: ({ context }: { context: { candidate: Connection | null } }) => ({
      connection: context.candidate,
    }),
  },
  'releaseCandidate',
] as const

/**
 * The states of a setup: at the stored address, then at the one that the device has announced. The entry
 * connects to each announced address once per lost connection, and saves it only if the account of the entry answers there.
 */
export const setupStates = {
  connecting: configEntrySetup.createStateConfig({
    description: 'Connects with the stored credential.',
    tags: 'working',
    invoke: {
      id: 'setUpEntry',
      src: 'setUpEntry',
      input: ({ context }) => ({ entryId: context.entryId, retryRejected: context.retryRejected }),
      onDone: [
        {
          guard: { type: 'mayTryAddress', params: outcome },
          target: 'tryingAddress',
          actions: [explainFailure, countFailure, rememberAddress],
        },
        {
          guard: { type: 'mayTryAddressInstead', params: outcome },
          target: 'tryingAddress',
          actions: [rememberAddress, holdConnection, ...retire, explain('wrong_account'), 'forgetTries'],
        },
        ...outcomesAfter([], { target: '#configEntry.loaded', actions: [holdConnection] }),
      ],
      onError: errorsAfter([]),
    },
  }),

  tryingAddress: configEntrySetup.createStateConfig({
    description: 'Connects at the announced address, because the stored one has failed.',
    tags: 'working',
    invoke: {
      id: 'tryAddress',
      src: 'tryAddress',
      input: ({ context }) => ({ entryId: context.entryId, address: context.address }),
      onDone: [
        {
          guard: { type: 'accountAnswers', params: answer },
          target: 'savingAddress',
          actions: holdCandidate,
        },
        {
          guard: { type: 'anotherAnswers', params: answer },
          target: 'discardingAddress',
          actions: [holdCandidate, ...retireCandidate],
        },
        { guard: { type: 'refusesThere', params: answer }, target: 'discardingAddress' },
        { target: '#configEntry.setup_retry' },
      ],
      onError: '#configEntry.setup_retry',
    },
  }),

  savingAddress: configEntrySetup.createStateConfig({
    description: 'Saves the announced address: the account of the entry answers there.',
    tags: 'working',
    invoke: {
      id: 'saveAddress',
      src: 'saveAddress',
      input: ({ context }) => ({
        entryId: context.entryId,
        address: context.address,
        connection: context.candidate,
      }),
      onDone: [
        {
          guard: { type: 'addressIsSaved', params: ({ event }) => event.output },
          target: '#configEntry.loaded',
          actions: 'useCandidate',
        },
        { target: '#configEntry.setup_retry', actions: retireCandidate },
      ],
      onError: { target: '#configEntry.setup_retry', actions: retireCandidate },
    },
    on: {
      unload: { target: '#configEntry.not_loaded', actions: retireCandidate },
      adopt: {
        target: '#configEntry.loaded',
        actions: [...retireCandidate, adoptIt],
      },
    },
  }),

  discardingAddress: configEntrySetup.createStateConfig({
    description: 'Discards the announced address: the account of the entry does not answer there.',
    tags: 'working',
    invoke: {
      id: 'discardAddress',
      src: 'discardAddress',
      input: ({ context }) => ({ entryId: context.entryId, address: context.address }),
      onDone: '#configEntry.setup_retry',
      onError: '#configEntry.setup_retry',
    },
  }),
} as const
