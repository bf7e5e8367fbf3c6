import { end, endWith, failWith } from './config-flow-ends.ts'
import { configFlowSetup } from './config-flow-setup.ts'
import type { ConfigFlowContext } from './config-flow-types.ts'
import { firstContext } from './initial-context.ts'
import { draftOf, namedOf, subentryOf } from './proven.ts'
import type { CheckSubentryResult, SaveSubentryResult } from './subentry-result.ts'

const checked = ({ event }: { event: { output: CheckSubentryResult } }) => event.output
const saved = ({ event }: { event: { output: SaveSubentryResult } }) => event.output

const reload = {
  id: 'reloadEntry',
  src: 'reloadEntry',
  input: ({ context }: { context: ConfigFlowContext }) => ({
    entryId: context.entryId,
    connection: context.connection,
  }),
} as const

/**
 * A person adds a thing under an entry, or changes it: a calendar of an account, a place of a weather service. It is
 * tried on the entry's own connection; nothing of the entry's credential is touched, so that a reauthentication may go
 * on beside it. Home Assistant: `ConfigSubentryFlow`, its sources `user` and `reconfigure`.
 */
export const subentryFlowMachine = configFlowSetup.createMachine({
  id: 'subentryFlow',
  context: ({ input }) => firstContext(input),
  initial: 'findingSubentry',
  states: {
    findingSubentry: {
      description: 'Reads the entry, and what under it is to be changed.',
      tags: 'working',
      invoke: {
        id: 'findSubentry',
        src: 'findSubentry',
        input: ({ context }) => ({
          flowId: context.flowId,
          entryId: context.entryId,
          subentry: subentryOf(context),
        }),
        onDone: [
          {
            guard: { type: 'subentryFound', params: ({ event }) => event.output },
            target: 'asking',
            actions: { type: 'rememberSubentry', params: ({ event }) => event.output },
          },
          {
            guard: { type: 'entryIsFull', params: ({ event }) => event.output },
            ...endWith('too_many_subentries'),
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
          description: 'The step is the form of a new one, or of the one that is to be changed.',
          always: [{ guard: 'addsSubentry', target: 'add_subentry' }, { target: 'change_subentry' }],
        },
        add_subentry: { description: 'What a new one needs.' },
        change_subentry: { description: 'What there is of it, to be changed.' },
      },
      on: {
        submit: {
          target: 'checkingSubentry',
          actions: { type: 'takeDraft', params: ({ event }) => event },
        },
        reject: { actions: { type: 'showErrors', params: ({ event }) => event } },
        cancel: endWith('cancelled'),
        expire: endWith('flow_expired'),
        entryRemoved: endWith('entry_removed'),
        entryDisabled: endWith('entry_disabled'),
      },
    },

    checkingSubentry: {
      description:
        'Tries what was entered on the connection of the entry. Nothing is saved that was not named here.',
      tags: 'working',
      invoke: {
        id: 'checkSubentry',
        src: 'checkSubentry',
        input: ({ context }) => ({
          flowId: context.flowId,
          entryId: context.entryId,
          subentry: subentryOf(context),
          draft: draftOf(context),
        }),
        onDone: [
          {
            guard: { type: 'failed', params: checked },
            target: 'asking',
            actions: { type: 'showFailure', params: checked },
          },
          {
            guard: { type: 'valuesAreRefused', params: checked },
            target: 'asking',
            actions: { type: 'showRefusal', params: checked },
          },
          { guard: { type: 'entryIsMissing', params: checked }, ...endWith('entry_removed') },
          { guard: { type: 'entryIsDisabled', params: checked }, ...endWith('entry_disabled') },
          { target: 'savingSubentry', actions: { type: 'rememberName', params: checked } },
        ],
        onError: { target: 'asking', actions: failWith },
      },
      on: {
        cancel: endWith('cancelled'),
        entryRemoved: endWith('entry_removed'),
        entryDisabled: endWith('entry_disabled'),
      },
    },

    savingSubentry: {
      description: 'Saves it in the row of its entry, and the end of this flow together.',
      tags: ['working', 'committing'],
      invoke: {
        id: 'saveSubentry',
        src: 'saveSubentry',
        input: ({ context }) => ({
          flowId: context.flowId,
          entryId: context.entryId,
          draft: draftOf(context),
          subentry: subentryOf(context),
          named: namedOf(context),
          end:
            subentryOf(context).revision === null
              ? { type: 'create_entry', reason: null }
              : { type: 'abort', reason: 'reconfigure_successful' },
        }),
        onDone: [
          // The entry was written meanwhile: read again, apply again.
          { guard: { type: 'entryOutdated', params: saved }, target: 'savingSubentry', reenter: true },
          { guard: { type: 'nothingChanged', params: saved }, ...endWith('reconfigure_successful') },
          { guard: { type: 'entryIsMissing', params: saved }, ...endWith('entry_removed') },
          { guard: { type: 'entryIsDisabled', params: saved }, ...endWith('entry_disabled') },
          { guard: { type: 'entryChanged', params: saved }, ...endWith('entry_changed') },
          { guard: { type: 'alreadyConfigured', params: saved }, ...endWith('already_configured') },
          { guard: { type: 'entryIsFull', params: saved }, ...endWith('too_many_subentries') },
          { guard: { type: 'flowEnded', params: saved }, ...endWith('cancelled') },
          {
            guard: 'addsSubentry',
            target: 'loadingSubentry',
            actions: { type: 'rememberSaved', params: saved },
          },
          { target: 'reloadingEntry' },
        ],
        onError: { target: 'asking', actions: { type: 'showError', params: { code: 'unknown' } } },
      },
    },

    loadingSubentry: {
      description: 'It is saved: an entry that runs is set up anew with it, whatever that brings.',
      tags: ['working', 'committing'],
      invoke: { ...reload, onDone: 'create_entry', onError: 'create_entry' },
    },

    reloadingEntry: {
      description: 'The change is saved: an entry that runs is set up anew with it, whatever that brings.',
      tags: ['working', 'committing'],
      invoke: {
        ...reload,
        onDone: { target: 'abort', actions: end('reconfigure_successful') },
        onError: { target: 'abort', actions: end('reconfigure_successful') },
      },
    },

    create_entry: { description: 'A new one was saved under its entry.', type: 'final' },
    abort: {
      description: 'Any other end; the reason says which, and whether it is a good one.',
      type: 'final',
    },
  },
  output: ({ context }) => ({
    type: context.reason === null ? 'create_entry' : 'abort',
    reason: context.reason,
    entryId: context.entryId,
    subentry: context.subentry,
  }),
})
