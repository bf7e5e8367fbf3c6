import { asking } from './config-flow-asking.ts'
import { disposeProof, end, endWith, failWith, giveBack } from './config-flow-ends.ts'
import { rollBackStates } from './config-flow-rollback.ts'
import { configFlowSetup, successOf } from './config-flow-setup.ts'
import { findingEntry } from './finding-entry.ts'
import { firstContext } from './first-context.ts'
import { mayRollBack, provenOf } from './proven.ts'

/**
 * One conversation with a person about one entry: setting it up, mending its credential, changing it.
 * Pure: it names the work (`actors`) and never does it. Home Assistant: `ConfigFlow`, its steps and its aborts.
 */
export const configFlowMachine = configFlowSetup.createMachine({
  id: 'configFlow',
  context: ({ input }) => firstContext(input),
  initial: 'start',
  states: {
    start: {
      description: 'A new entry is asked for at once; one that is there is read first.',
      always: [{ guard: 'isNew', target: 'asking' }, { target: 'findingEntry' }],
    },

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

    creatingEntry: {
      description: 'Saves the new entry and the end of this flow together.',
      tags: ['working', 'committing'],
      invoke: {
        id: 'createEntry',
        src: 'createEntry',
        input: ({ context }) => ({ ...provenOf(context), end: { type: 'create_entry', reason: null } }),
        onDone: [
          {
            guard: { type: 'alreadyConfigured', params: ({ event }) => event.output },
            ...endWith('already_configured'),
          },
          { guard: { type: 'flowEnded', params: ({ event }) => event.output }, ...endWith('cancelled') },
          {
            target: 'create_entry',
            actions: { type: 'rememberCreated', params: ({ event }) => event.output },
          },
        ],
        onError: {
          target: 'asking',
          actions: [disposeProof, { type: 'showError', params: { code: 'unknown' } }],
        },
      },
    },

    updatingEntry: {
      description: 'Saves the proven credential and the end of this flow together.',
      tags: ['working', 'committing'],
      invoke: {
        id: 'updateEntry',
        src: 'updateEntry',
        input: ({ context }) => ({
          ...provenOf(context),
          entryId: context.entryId,
          entry: context.entry,
          end: { type: 'abort', reason: successOf(context.source) },
          mayRollBack: mayRollBack(context),
        }),
        onDone: [
          {
            guard: { type: 'entryOutdated', params: ({ event }) => event.output },
            target: 'updatingEntry',
            reenter: true,
          },
          {
            guard: { type: 'entryChanged', params: ({ event }) => event.output },
            ...endWith('entry_changed'),
          },
          {
            guard: { type: 'entryIsMissing', params: ({ event }) => event.output },
            ...endWith('entry_removed'),
          },
          {
            guard: { type: 'entryIsDisabled', params: ({ event }) => event.output },
            ...endWith('entry_disabled'),
          },
          { guard: { type: 'flowEnded', params: ({ event }) => event.output }, ...endWith('cancelled') },
          {
            guard: { type: 'alreadyConfigured', params: ({ event }) => event.output },
            ...endWith('already_configured'),
          },
          { guard: 'hasToProveItself', target: 'tryingEntry' },
          { target: 'reloadingEntry' },
        ],
        onError: {
          target: 'asking',
          actions: [disposeProof, { type: 'showError', params: { code: 'unknown' } }],
        },
      },
    },

    ...rollBackStates,

    reloadingEntry: {
      description: 'The credential is saved: whatever the reload brings, the flow has succeeded.',
      tags: ['working', 'committing'],
      invoke: {
        id: 'reloadEntry',
        src: 'reloadEntry',
        input: ({ context }) => ({ entryId: context.entryId, connection: context.connection }),
        onDone: { target: 'abort', actions: 'endSuccessfully' },
        onError: { target: 'abort', actions: 'endSuccessfully' },
      },
    },

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
