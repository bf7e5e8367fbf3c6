import { disposeProof, end, endWith } from './config-flow-ends.ts'
import { configFlowSetup, firstContext, provenOf, successOf } from './config-flow-setup.ts'

const failWith = { type: 'showFailure', params: { type: 'failed', error: 'unknown' } } as const

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

    findingEntry: {
      description: 'Reads the entry that is to be mended or changed.',
      tags: 'working',
      invoke: {
        id: 'findEntry',
        src: 'findEntry',
        input: ({ context }) => ({ flowId: context.flowId, entryId: context.entryId }),
        onDone: [
          {
            guard: { type: 'entryFound', params: ({ event }) => event.output },
            target: 'asking',
            actions: { type: 'rememberEntry', params: ({ event }) => event.output },
          },
          {
            guard: { type: 'entryIsDisabled', params: ({ event }) => event.output },
            ...endWith('entry_disabled'),
          },
          endWith('entry_removed'),
        ],
        onError: endWith('unknown'),
      },
      on: {
        cancel: endWith('cancelled'),
        entryRemoved: endWith('entry_removed'),
        entryDisabled: endWith('entry_disabled'),
      },
    },

    asking: {
      description: 'Shows a form, with the errors of the try before it.',
      tags: 'asking',
      initial: 'choosing',
      states: {
        choosing: {
          description: 'The form is the one of the source, or of the challenge that is open.',
          always: [
            { guard: 'hasChallenge', target: 'challenge' },
            { guard: 'isReauth', target: 'reauth_confirm' },
            { guard: 'isReconfigure', target: 'reconfigure' },
            { target: 'user' },
          ],
        },
        user: { description: 'All that a new entry needs.' },
        reauth_confirm: { description: 'The credential of an entry, anew.' },
        reconfigure: { description: 'The fields of an entry, to be changed.' },
        challenge: {
          description: 'The service asks for more, a one-time code.',
          on: {
            back: { target: 'choosing', actions: 'forgetChallenge' },
            expireChallenge: {
              target: 'choosing',
              actions: ['forgetChallenge', { type: 'showError', params: { code: 'timeout' } }],
            },
          },
        },
      },
      on: {
        submit: {
          target: 'checkingConnection',
          actions: { type: 'takeDraft', params: ({ event }) => event },
        },
        reject: { actions: { type: 'showErrors', params: ({ event }) => event } },
        cancel: endWith('cancelled'),
        expire: endWith('flow_expired'),
        supersede: endWith('already_in_progress'),
        entryRepaired: [
          { guard: 'isReauth', target: 'abort', actions: 'endSuccessfully' },
          // The need is gone, but what the person wants to change is not changed yet.
          { guard: 'isReconfigure', actions: 'carryOn' },
        ],
        entryRemoved: endWith('entry_removed'),
        entryDisabled: endWith('entry_disabled'),
      },
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
              { type: 'showError', params: { code: 'wrong_account' } },
            ],
          },
          {
            guard: { type: 'accountMismatches', params: ({ event }) => event.output },
            target: 'abort',
            actions: [
              { type: 'rememberProof', params: ({ event }) => event.output },
              disposeProof,
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
          { target: 'reloadingEntry' },
        ],
        onError: {
          target: 'asking',
          actions: [disposeProof, { type: 'showError', params: { code: 'unknown' } }],
        },
      },
    },

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
