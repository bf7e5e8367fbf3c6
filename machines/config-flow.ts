import { asking } from './config-flow-asking.ts'
import { discoveryStates } from './config-flow-discovery.ts'
import { closeConnection, end, endWith, revokeGrant, showUnknownError } from './config-flow-ends.ts'
import { rollBackStates } from './config-flow-rollback.ts'
import { savingStates } from './config-flow-saving.ts'
import { configFlowSetup } from './config-flow-setup.ts'
import { findingEntry } from './finding-entry.ts'
import { initialContext } from './initial-context.ts'

/**
 * The statechart of one flow about one entry: setup, reauthentication, reconfiguration, replacement, discovery or
 * import. It has no side effects: it names the work (`actors`), and the engine performs it. Home Assistant: `ConfigFlow`.
 */
export const configFlowMachine = configFlowSetup.createMachine({
  id: 'configFlow',
  context: ({ input }) => initialContext(input),
  initial: 'start',
  states: {
    start: {
      description:
        'Selects the first step: finds the account, checks an import, shows the first form, or reads the entry.',
      always: [
        { guard: 'mustFindAccount', target: 'findingAccount' },
        { guard: 'isImport', target: 'checkingConnection' },
        { guard: 'isNew', target: 'asking' },
        { target: 'findingEntry' },
      ],
    },

    ...discoveryStates,

    findingEntry,

    asking,

    findingOptions: {
      description: 'Loads the options of the next menu from the service.',
      tags: 'working',
      invoke: {
        id: 'findOptions',
        src: 'findOptions',
        input: ({ context }) => ({ method: context.method, page: context.page + 1, draft: context.draft }),
        onDone: [
          {
            guard: { type: 'optionsNotFound', params: ({ event }) => event.output },
            target: 'asking',
            actions: { type: 'showFailure', params: ({ event }) => event.output },
          },
          { target: 'asking', actions: { type: 'rememberOptions', params: ({ event }) => event.output } },
        ],
        onError: { target: 'asking', actions: showUnknownError },
      },
      on: { cancel: endWith('cancelled') },
    },

    checkingConnection: {
      description: 'Connects with the submitted values. Only a verified connection is saved.',
      tags: 'working',
      invoke: {
        id: 'checkConnection',
        src: 'checkConnection',
        input: ({ context }) => ({
          flowId: context.flowId,
          entryId: context.entryId,
          source: context.source,
          draft: context.draft,
        }),
        onDone: [
          {
            guard: { type: 'failed', params: ({ event }) => event.output },
            target: 'asking',
            actions: { type: 'showFailure', params: ({ event }) => event.output },
          },
          {
            guard: { type: 'challenged', params: ({ event }) => event.output },
            target: 'asking',
            actions: { type: 'rememberChallenge', params: ({ event }) => event.output },
          },
          {
            guard: { type: 'entryMatches', params: ({ event }) => event.output },
            ...endWith('already_configured'),
          },
          {
            guard: { type: 'accountMismatchesAndMayRetry', params: ({ event }) => event.output },
            target: 'asking',
            actions: [
              { type: 'rememberConnection', params: ({ event }) => event.output },
              closeConnection,
              revokeGrant,
              { type: 'showError', params: { code: 'wrong_account' } },
            ],
          },
          {
            guard: { type: 'accountMismatches', params: ({ event }) => event.output },
            target: 'abort',
            actions: [
              { type: 'rememberConnection', params: ({ event }) => event.output },
              closeConnection,
              revokeGrant,
              end('wrong_account'),
            ],
          },
          {
            guard: { type: 'accountIsUnchanged', params: ({ event }) => event.output },
            target: 'abort',
            actions: [
              { type: 'rememberConnection', params: ({ event }) => event.output },
              closeConnection,
              end('same_account'),
            ],
          },
          {
            guard: 'isReplace',
            target: 'asking',
            actions: { type: 'rememberConnection', params: ({ event }) => event.output },
          },
          {
            guard: 'hasEntry',
            target: 'updatingEntry',
            actions: { type: 'rememberConnection', params: ({ event }) => event.output },
          },
          {
            target: 'creatingEntry',
            actions: { type: 'rememberConnection', params: ({ event }) => event.output },
          },
        ],
        onError: { target: 'asking', actions: showUnknownError },
      },
      on: {
        cancel: endWith('cancelled'),
        entryRemoved: endWith('entry_removed'),
        entryDisabled: endWith('entry_disabled'),
      },
    },

    ...savingStates,

    ...rollBackStates,

    create_entry: { description: 'The flow has created an entry.', type: 'final' },
    abort: {
      description: 'The flow has ended without a new entry. The reason is a success or an error.',
      type: 'final',
    },
  },
  output: ({ context }) => ({
    type: context.reason === null ? 'create_entry' : 'abort',
    reason: context.reason,
    entryId: context.entryId,
  }),
})
