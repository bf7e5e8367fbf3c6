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
import type { Draft } from './draft.ts'
import { findingEntryThen, rememberEntry } from './finding-entry.ts'
import { findSaved } from './finding-saved.ts'
import type { FindChoicesResult, FindSavedResult, PublicValues, SaveResult } from './flow-result.ts'
import { initialContext } from './initial-context.ts'

const outcome = ({ event }: { event: { output: SaveResult } }) => event.output
const found = ({ event }: { event: { output: FindChoicesResult } }) => event.output
const looked = ({ event }: { event: { output: FindSavedResult } }) => event.output
const notSaved = {
  target: 'asking.init',
  actions: { type: 'showError', params: { code: 'unknown' } },
} as const
const takeDraft = {
  type: 'takeDraft',
  params: ({ event }: { event: { draft: Draft; values: PublicValues } }) => event,
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
      on: {
        submit: [
          { guard: 'nextPageNeedsChoices', target: 'findingChoices', actions: [takeDraft, 'turnPage'] },
          { guard: 'hasNextPage', target: 'asking.init', actions: [takeDraft, 'turnPage'] },
          { target: 'savingOptions', actions: takeDraft },
        ],
        reject: { actions: { type: 'showErrors', params: ({ event }) => event } },
        retry: { guard: 'choicesAreMissing', target: 'findingChoices' },
        back: { guard: 'hasPageBefore', target: 'asking.init', actions: 'turnBack' },
        expireDraft: {
          guard: 'hasPageBefore',
          target: 'asking.init',
          actions: ['startOver', { type: 'showError', params: { code: 'expired' } }],
        },
        cancel: endWith('cancelled'),
        expire: endWith('flow_expired'),
        entryRemoved: endWith('entry_removed'),
        entryDisabled: endWith('entry_disabled'),
      },
    },

    findingChoices: {
      description: 'Loads the choices of a page over the connection of the entry.',
      tags: 'working',
      invoke: {
        ...findChoices,
        onDone: [
          { guard: { type: 'entryIsMissing', params: found }, ...endWith('entry_removed') },
          { guard: { type: 'entryIsDisabled', params: found }, ...endWith('entry_disabled') },
          endAborted,
          { target: 'asking.init', actions: { type: 'rememberChoices', params: found } },
        ],
        onError: { target: 'asking.init', actions: showUnknownError },
      },
      on: {
        cancel: endWith('cancelled'),
        entryRemoved: endWith('entry_removed'),
        entryDisabled: endWith('entry_disabled'),
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
          { guard: { type: 'flowEnded', params: looked }, ...endWith('cancelled') },
          { guard: { type: 'changeIsSaved', params: looked }, target: 'reloadingEntry' },
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
