import { disposeProof, endWith } from './config-flow-ends.ts'
import { configFlowSetup, successOf } from './config-flow-setup.ts'
import { mayRollBack, provenOf } from './proven.ts'

/** The states that save what a flow has proven. They are past being called back. */
export const savingStates = {
  creatingEntry: configFlowSetup.createStateConfig({
    description: 'Saves the new entry and the end of this flow together.',
    tags: ['working', 'committing'],
    invoke: {
      id: 'createEntry',
      src: 'createEntry',
      input: ({ context }) => ({
        ...provenOf(context),
        end: { type: 'create_entry', reason: null },
        // Whoever adds an account by hand wants it after all.
        replacesIgnored: context.source === 'user',
      }),
      onDone: [
        {
          guard: { type: 'alreadyConfigured', params: ({ event }) => event.output },
          ...endWith('already_configured'),
        },
        {
          guard: { type: 'allowsNoMore', params: ({ event }) => event.output },
          ...endWith('single_instance_allowed'),
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
  }),

  updatingEntry: configFlowSetup.createStateConfig({
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
        // A person has seen the address that was proposed, and has decided; or it was that of the account before.
        settlesProposal: context.source !== 'reauth',
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
          guard: { type: 'alreadyConfigured', params: ({ event }) => event.output },
          ...endWith('already_configured'),
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
        { guard: 'hasToProveItself', target: 'tryingEntry' },
        { target: 'reloadingEntry' },
      ],
      onError: {
        target: 'asking',
        actions: [disposeProof, { type: 'showError', params: { code: 'unknown' } }],
      },
    },
  }),

  reloadingEntry: configFlowSetup.createStateConfig({
    description: 'The credential is saved: whatever the reload brings, the flow has succeeded.',
    tags: ['working', 'committing'],
    invoke: {
      id: 'reloadEntry',
      src: 'reloadEntry',
      input: ({ context }) => ({ entryId: context.entryId, connection: context.connection }),
      onDone: { target: 'abort', actions: 'endSuccessfully' },
      onError: { target: 'abort', actions: 'endSuccessfully' },
    },
  }),
} as const
