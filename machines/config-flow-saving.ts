import { commitInputOf, linksAnother, mayRollBack, repairsLinked } from './commit-input.ts'
import {
  closeConnection,
  endAtHolder,
  endSuccessfully,
  endSuccessfullyAs,
  endWith,
  successfulAbort,
  successOf,
} from './config-flow-ends.ts'
import { formTarget, toForm, toNewEntryForm } from './config-flow-forms.ts'
import { configFlowSetup } from './config-flow-setup.ts'
import { endSuperseded, findSaved, found } from './finding-saved.ts'
import type { CreateEntryResult } from './flow-result.ts'

const saved = ({ event }: { event: { output: CreateEntryResult } }) => event.output

const showSaveError = [closeConnection, { type: 'showError', params: { code: 'unknown' } }] as const

const formAfterLoss = [
  { guard: 'isImport', ...endWith('unknown') },
  ...toForm([...showSaveError, 'forgetLinked']),
] as const

/** The states that save a verified connection. They refuse to be cancelled. */
export const savingStates = {
  creatingEntry: configFlowSetup.createStateConfig({
    description: 'Saves the new entry and the result of this flow in one write.',
    tags: ['working', 'committing'],
    invoke: {
      id: 'createEntry',
      src: 'createEntry',
      input: ({ context }) => ({
        ...commitInputOf(context),
        end: { type: 'create_entry', reason: null, success: true },
        // A user who adds or confirms an ignored account wants it after all.
        replacesIgnored: context.source === 'user' || linksAnother(context),
      }),
      onDone: [
        { guard: { type: 'answerIsLost', params: saved }, target: 'findingSaved' },
        {
          guard: { type: 'importRepairs', params: saved },
          target: 'updatingEntry',
          actions: { type: 'rememberLinked', params: saved },
        },
        {
          guard: { type: 'needsConfirmation', params: saved },
          target: formTarget('repair_confirm'),
          actions: { type: 'rememberLinked', params: saved },
        },
        {
          guard: { type: 'alreadyConfigured', params: saved },
          ...endAtHolder('already_configured', saved),
        },
        {
          guard: { type: 'onlyOneAllowed', params: saved },
          ...endAtHolder('single_instance_allowed', saved),
        },
        { guard: { type: 'flowEnded', params: saved }, ...endWith('cancelled') },
        {
          target: 'create_entry',
          actions: { type: 'rememberCreated', params: saved },
        },
      ],
      onError: [{ guard: 'isImport', ...endWith('unknown') }, ...toNewEntryForm(showSaveError)],
    },
  }),

  updatingEntry: configFlowSetup.createStateConfig({
    description: 'Saves the verified credential and the result of this flow in one write.',
    tags: ['working', 'committing'],
    invoke: {
      id: 'updateEntry',
      src: 'updateEntry',
      input: ({ context }) => ({
        ...commitInputOf(context),
        entryId: context.entryId,
        entry: context.entry,
        end: successfulAbort(successOf(context.source)),
        mayRollBack: mayRollBack(context),
        // The user has seen the proposed address, or it belonged to the replaced account.
        settlesProposal: context.source !== 'reauth',
        repairs: repairsLinked(context),
      }),
      onDone: [
        { guard: { type: 'answerIsLost', params: ({ event }) => event.output }, target: 'findingSaved' },
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
          guard: { type: 'isRepaired', params: ({ event }) => event.output },
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
        { guard: 'mayRollBack', target: 'tryingEntry' },
        { target: 'reloadingEntry' },
      ],
      onError: [{ guard: 'isImport', ...endWith('unknown') }, ...toForm([...showSaveError, 'forgetLinked'])],
    },
  }),

  findingSaved: configFlowSetup.createStateConfig({
    description: 'The store did not answer. Reads whether the change and the result of this flow are saved.',
    tags: ['working', 'committing'],
    invoke: {
      ...findSaved,
      onDone: [
        endSuperseded,
        {
          guard: { type: 'accountIsIgnored', params: found },
          target: 'abort',
          actions: [{ type: 'rememberCreated', params: found }, endSuccessfullyAs('ignored')],
        },
        {
          guard: { type: 'entryIsCreated', params: found },
          target: 'create_entry',
          actions: { type: 'rememberCreated', params: found },
        },
        { guard: { type: 'savedAndMayRollBack', params: found }, target: 'tryingEntry' },
        { guard: { type: 'changeIsSaved', params: found }, target: 'reloadingEntry' },
        ...formAfterLoss,
      ],
      onError: formAfterLoss,
    },
  }),

  reloadingEntry: configFlowSetup.createStateConfig({
    description: 'Reloads the entry with the saved credential. The flow succeeds even if the reload fails.',
    tags: ['working', 'committing'],
    invoke: {
      id: 'reloadEntry',
      src: 'reloadEntry',
      input: ({ context }) => ({ entryId: context.entryId, connection: context.connection }),
      onDone: { target: 'abort', actions: endSuccessfully },
      onError: { target: 'abort', actions: endSuccessfully },
    },
  }),
} as const
