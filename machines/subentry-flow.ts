import { draftOf, namedOf, subentryOf } from './commit-input.ts'
import { findChoices } from './config-flow-choices.ts'
import {
  endAborted,
  endSuccessfullyAs,
  endWith,
  showUnknownError,
  successfulAbort,
  successOf,
} from './config-flow-ends.ts'
import { configFlowSetup } from './config-flow-setup.ts'
import type { ConfigFlowContext } from './config-flow-types.ts'
import { endSuperseded, findSaved, found } from './finding-saved.ts'
import type { FindChoicesResult } from './flow-result.ts'
import { initialContext } from './initial-context.ts'
import { entryEvents, pageEvents } from './page-events.ts'
import type { CheckSubentryResult, SaveSubentryResult } from './subentry-result.ts'

const checked = ({ event }: { event: { output: CheckSubentryResult } }) => event.output
const saved = ({ event }: { event: { output: SaveSubentryResult } }) => event.output
const notSaved = {
  target: 'asking.last',
  actions: { type: 'showError', params: { code: 'unknown' } },
} as const

const listed = ({ event }: { event: { output: FindChoicesResult } }) => event.output

/** Transitions to the form of a new sub-entry, or of the one that the flow changes. */
const toSubentryForm = <const Actions>(actions: Actions) =>
  [
    { guard: 'addsSubentry', target: 'asking.add_subentry', actions },
    { target: 'asking.change_subentry', actions },
  ] as const

/** Ends the change of a sub-entry. Its reason is the one of a reconfiguration, as in Home Assistant. */
const changed = endSuccessfullyAs(successOf('reconfigure'))

const reload = {
  id: 'reloadEntry',
  src: 'reloadEntry',
  input: ({ context }: { context: ConfigFlowContext }) => ({
    entryId: context.entryId,
    connection: context.connection,
  }),
} as const

/**
 * The statechart of a flow that adds or changes a sub-entry, such as a calendar of an account. It checks the sub-entry on
 * the connection of the entry and does not use the credential, so it can run in parallel with a reauthentication. Home
 * Assistant: `ConfigSubentryFlow`, its sources `user` and `reconfigure`.
 */
export const subentryFlowMachine = configFlowSetup.createMachine({
  id: 'subentryFlow',
  context: ({ input }) => initialContext(input),
  initial: 'findingSubentry',
  states: {
    findingSubentry: {
      description: 'Reads the entry, and the sub-entry that the flow changes.',
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
            guard: { type: 'subentryNeedsChoices', params: ({ event }) => event.output },
            target: 'findingChoices',
            actions: { type: 'rememberSubentry', params: ({ event }) => event.output },
          },
          {
            guard: { type: 'subentryIsNew', params: ({ event }) => event.output },
            target: 'asking.add_subentry',
            actions: { type: 'rememberSubentry', params: ({ event }) => event.output },
          },
          {
            guard: { type: 'subentryFound', params: ({ event }) => event.output },
            target: 'asking.change_subentry',
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
      on: entryEvents,
    },

    asking: {
      description: 'Shows a form, with the errors of the previous attempt.',
      tags: 'asking',
      initial: 'add_subentry',
      states: {
        last: {
          description: 'Returns to the form whose submitted values failed.',
          type: 'history',
          target: 'add_subentry',
        },
        add_subentry: {
          description: 'Shows the form of a new sub-entry.',
          meta: { view: 'form', shows: 'subentry' },
        },
        change_subentry: {
          description: 'Shows the fields of the sub-entry for editing.',
          meta: { view: 'form', shows: 'subentry' },
        },
      },
      on: pageEvents('checkingSubentry'),
    },

    findingChoices: {
      description: 'Loads the choices of a page over the connection of the entry.',
      tags: 'working',
      invoke: {
        ...findChoices,
        onDone: [
          { guard: { type: 'entryIsMissing', params: listed }, ...endWith('entry_removed') },
          { guard: { type: 'entryIsDisabled', params: listed }, ...endWith('entry_disabled') },
          endAborted,
          ...toSubentryForm({ type: 'rememberChoices', params: listed } as const),
        ],
        onError: toSubentryForm(showUnknownError),
      },
      on: {
        ...entryEvents,
        leaseLost: toSubentryForm([]),
      },
    },

    checkingSubentry: {
      description: 'Checks the values on the connection of the entry. Only a sub-entry that passes is saved.',
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
            target: 'asking.last',
            actions: { type: 'showFailure', params: checked },
          },
          {
            guard: { type: 'valuesAreRefused', params: checked },
            target: 'asking.last',
            actions: { type: 'showRefusal', params: checked },
          },
          endAborted,
          { guard: { type: 'entryIsMissing', params: checked }, ...endWith('entry_removed') },
          { guard: { type: 'entryIsDisabled', params: checked }, ...endWith('entry_disabled') },
          { target: 'savingSubentry', actions: { type: 'rememberName', params: checked } },
        ],
        onError: { target: 'asking.last', actions: showUnknownError },
      },
      on: {
        ...entryEvents,
        leaseLost: 'asking.last',
      },
    },

    savingSubentry: {
      description: 'Saves the sub-entry in the row of its entry, and the result of this flow, in one write.',
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
              ? { type: 'create_entry', reason: null, success: true }
              : successfulAbort(successOf('reconfigure')),
        }),
        onDone: [
          { guard: { type: 'answerIsLost', params: saved }, target: 'findingSaved' },
          // The entry has changed since it was read: save again.
          { guard: { type: 'entryOutdated', params: saved }, target: 'savingSubentry', reenter: true },
          { guard: { type: 'nothingChanged', params: saved }, target: 'abort', actions: changed },
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
        onError: notSaved,
      },
    },

    findingSaved: {
      description:
        'The store did not answer. Reads whether the sub-entry and the result of this flow are saved.',
      tags: ['working', 'committing'],
      invoke: {
        ...findSaved,
        onDone: [
          endSuperseded,
          {
            guard: { type: 'subentryIsCreated', params: found },
            target: 'loadingSubentry',
            actions: { type: 'rememberSaved', params: found },
          },
          { guard: { type: 'changeIsSaved', params: found }, target: 'reloadingEntry' },
          notSaved,
        ],
        onError: notSaved,
      },
    },

    loadingSubentry: {
      description: 'Reloads the entry with the new sub-entry. The flow succeeds even if the reload fails.',
      tags: ['working', 'committing'],
      invoke: { ...reload, onDone: 'create_entry', onError: 'create_entry' },
    },

    reloadingEntry: {
      description:
        'Reloads the entry with the changed sub-entry. The flow succeeds even if the reload fails.',
      tags: ['working', 'committing'],
      invoke: {
        ...reload,
        onDone: { target: 'abort', actions: changed },
        onError: { target: 'abort', actions: changed },
      },
    },

    create_entry: { description: 'The flow has created a sub-entry.', type: 'final' },
    abort: {
      description: 'The flow has ended without a new sub-entry. The reason is a success or an error.',
      type: 'final',
    },
  },
  output: ({ context }) => ({
    type: context.reason === null ? 'create_entry' : 'abort',
    reason: context.reason,
    entryId: context.entryId,
    subentry: context.subentry,
    success: context.success,
  }),
})
