import { draftOf } from './commit-input.ts'
import { findChoices } from './config-flow-choices.ts'
import {
  endAborted,
  endSuccessfully,
  endWith,
  showUnknownError,
  successfulAbort,
  successOf,
} from './config-flow-ends.ts'
import { configFlowSetup } from './config-flow-setup.ts'
import { findingEntryThen, rememberEntry } from './finding-entry.ts'
import { endSuperseded, findSaved, found } from './finding-saved.ts'
import type { FindChoicesResult, SaveResult } from './flow-result.ts'
import { initialContext } from './initial-context.ts'
import { entryEvents, pageEvents } from './page-events.ts'

const outcome = ({ event }: { event: { output: SaveResult } }) => event.output
const listed = ({ event }: { event: { output: FindChoicesResult } }) => event.output
const notSaved = {
  target: 'asking.init',
  actions: { type: 'showError', params: { code: 'unknown' } },
} as const

/**
 * The statechart of a flow that changes the options of an entry. It does not use the credential, so it can run in
 * parallel with a reauthentication. Home Assistant: `OptionsFlow`, its step `init`.
 */
export const optionsFlowMachine = configFlowSetup.createMachine({
  id: 'optionsFlow',
  context: ({ input }) => initialContext(input),
  initial: 'findingEntry',
  states: {
    findingEntry: findingEntryThen([
      { guard: 'pageNeedsChoices', target: 'findingChoices', actions: rememberEntry },
      { target: 'asking.init', actions: rememberEntry },
    ]),

    asking: {
      description: 'Shows a form, with the errors of the previous attempt.',
      tags: 'asking',
      initial: 'init',
      states: {
        init: {
          description: 'Shows the options of the entry for editing.',
          meta: { view: 'form', shows: 'options' },
        },
      },
      on: pageEvents('savingOptions'),
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
          { target: 'asking.init', actions: { type: 'rememberChoices', params: listed } },
        ],
        onError: { target: 'asking.init', actions: showUnknownError },
      },
      on: {
        ...entryEvents,
        leaseLost: 'asking.init',
      },
    },

    savingOptions: {
      description:
        'Saves the options and the result of this flow in one write. Unchanged options are not saved.',
      tags: ['working', 'committing'],
      invoke: {
        id: 'saveOptions',
        src: 'saveOptions',
        input: ({ context }) => ({
          flowId: context.flowId,
          entryId: context.entryId,
          draft: draftOf(context),
          end: successfulAbort(successOf(context.source)),
        }),
        onDone: [
          { guard: { type: 'answerIsLost', params: outcome }, target: 'findingSaved' },
          { guard: { type: 'entryOutdated', params: outcome }, target: 'savingOptions', reenter: true },
          { guard: { type: 'nothingChanged', params: outcome }, target: 'abort', actions: endSuccessfully },
          { guard: { type: 'entryIsMissing', params: outcome }, ...endWith('entry_removed') },
          { guard: { type: 'entryIsDisabled', params: outcome }, ...endWith('entry_disabled') },
          { guard: { type: 'flowEnded', params: outcome }, ...endWith('cancelled') },
          { target: 'reloadingEntry' },
        ],
        onError: notSaved,
      },
    },

    findingSaved: {
      description:
        'The store did not answer. Reads whether the options and the result of this flow are saved.',
      tags: ['working', 'committing'],
      invoke: {
        ...findSaved,
        onDone: [
          endSuperseded,
          { guard: { type: 'changeIsSaved', params: found }, target: 'reloadingEntry' },
          notSaved,
        ],
        onError: notSaved,
      },
    },

    reloadingEntry: {
      description: 'Reloads the entry with the saved options. The flow succeeds even if the reload fails.',
      tags: ['working', 'committing'],
      invoke: {
        id: 'reloadEntry',
        src: 'reloadEntry',
        input: ({ context }) => ({ entryId: context.entryId, connection: context.connection }),
        onDone: { target: 'abort', actions: endSuccessfully },
        onError: { target: 'abort', actions: endSuccessfully },
      },
    },

    abort: { description: 'The flow has ended. The reason is a success or an error.', type: 'final' },
  },
  output: ({ context }) => ({
    type: 'abort',
    reason: context.reason,
    entryId: context.entryId,
    success: context.success,
  }),
})
