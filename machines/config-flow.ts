import { asking } from './config-flow-asking.ts'
import { discoveryStates } from './config-flow-discovery.ts'
import { disposeProof, end, endWith, failWith, giveBack } from './config-flow-ends.ts'
import { rollBackStates } from './config-flow-rollback.ts'
import { savingStates } from './config-flow-saving.ts'
import { configFlowSetup } from './config-flow-setup.ts'
import { findingEntry } from './finding-entry.ts'
import { firstContext } from './initial-context.ts'

/**
 * One conversation with a person about one entry: setting it up, mending its credential, changing it, giving
 * its place to another account.
 * Pure: it names the work (`actors`) and never does it. Home Assistant: `ConfigFlow`, its steps and its aborts.
 */
export const configFlowMachine = configFlowSetup.createMachine({
  id: 'configFlow',
  context: ({ input }) => firstContext(input),
  initial: 'start',
  states: {
    start: {
      description:
        'A new entry is asked for at once, what was found is looked for, an entry that is there is read.',
      always: [
        { guard: 'hasToLook', target: 'findingAccount' },
        { guard: 'isImport', target: 'checkingConnection' },
        { guard: 'isNew', target: 'asking' },
        { target: 'findingEntry' },
      ],
    },

    ...discoveryStates,

    findingEntry,

    asking,

    findingOptions: {
      description: 'Asks the service what there is to choose on the next page.',
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
        onError: { target: 'asking', actions: failWith },
      },
      on: { cancel: endWith('cancelled') },
    },

    checkingConnection: {
      description: 'Connects with what was submitted. Nothing is saved that was not proven here.',
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
              { type: 'rememberProof', params: ({ event }) => event.output },
              disposeProof,
              giveBack,
              { type: 'showError', params: { code: 'wrong_account' } },
            ],
          },
          {
            guard: { type: 'accountMismatches', params: ({ event }) => event.output },
            target: 'abort',
            actions: [
              { type: 'rememberProof', params: ({ event }) => event.output },
              disposeProof,
              giveBack,
              end('wrong_account'),
            ],
          },
          {
            guard: { type: 'accountIsTheSame', params: ({ event }) => event.output },
            target: 'abort',
            actions: [
              { type: 'rememberProof', params: ({ event }) => event.output },
              disposeProof,
              end('same_account'),
            ],
          },
          {
            guard: 'isReplace',
            target: 'asking',
            actions: { type: 'rememberProof', params: ({ event }) => event.output },
          },
          {
            guard: 'hasEntry',
            target: 'updatingEntry',
            actions: { type: 'rememberProof', params: ({ event }) => event.output },
          },
          {
            target: 'creatingEntry',
            actions: { type: 'rememberProof', params: ({ event }) => event.output },
          },
        ],
        onError: { target: 'asking', actions: failWith },
      },
      on: {
        cancel: endWith('cancelled'),
        entryRemoved: endWith('entry_removed'),
        entryDisabled: endWith('entry_disabled'),
      },
    },

    ...savingStates,

    ...rollBackStates,

    create_entry: { description: 'A new entry was saved.', type: 'final' },
    abort: {
      description: 'Any other end; the reason says which, and whether it is a good one.',
      type: 'final',
    },
  },
  output: ({ context }) => ({
    type: context.reason === null ? 'create_entry' : 'abort',
    reason: context.reason,
    entryId: context.entryId,
  }),
})
