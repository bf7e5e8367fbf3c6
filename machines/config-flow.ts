import { wrongAccount } from './account-match.ts'
import type { CheckResult } from './check-result.ts'
import { asking } from './config-flow-asking.ts'
import { findChoices } from './config-flow-choices.ts'
import { discoveryStates } from './config-flow-discovery.ts'
import {
  abortWith,
  closeConnection,
  end,
  endAborted,
  endAtHolder,
  endWith,
  revokeGrant,
  showUnknownError,
} from './config-flow-ends.ts'
import { formTarget, toEntryForm, toForm, toForms } from './config-flow-forms.ts'
import { rollBackStates } from './config-flow-rollback.ts'
import { savingStates } from './config-flow-saving.ts'
import { configFlowSetup } from './config-flow-setup.ts'
import { findingEntryThen, rememberEntry } from './finding-entry.ts'
import type { FindChoicesResult } from './flow-result.ts'
import type { PageForm } from './forms.ts'
import { initialContext } from './initial-context.ts'

/** The forms of an entry that `connect` can find another account for. A replacement expects another account. */
const retryForms = ['authorize', 'device', 'reauth_confirm', 'reconfigure'] as const

const listed = ({ event }: { event: { output: FindChoicesResult } }) => event.output

/** Shows the form again after another account has connected. A challenge has been answered, so its form is not shown. */
const retryOn = (form: PageForm) =>
  ({
    guard: {
      type: 'mayRetryHere',
      params: ({ event }: { event: { output: CheckResult } }) => ({ form, result: event.output }),
    },
    target: formTarget(form),
    actions: [
      {
        type: 'rememberConnection',
        params: ({ event }: { event: { output: CheckResult } }) => event.output,
      },
      closeConnection,
      revokeGrant,
      'returnToSignIn',
      {
        type: 'showError',
        params: ({ event }: { event: { output: CheckResult } }) => wrongAccount(event.output),
      },
    ],
  }) as const

/** Shows the sign-in again whose account the integration has refused. */
const refusedSignIn = (form: 'authorize' | 'device') =>
  ({
    guard: {
      type: 'signInIsRefused',
      params: ({ event }: { event: { output: CheckResult } }) => ({ form, result: event.output }),
    },
    target: formTarget(form),
    actions: [
      revokeGrant,
      'returnToSignIn',
      {
        type: 'showError',
        params: ({ event }: { event: { output: CheckResult } }) => wrongAccount(event.output),
      },
    ],
  }) as const

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
      description: 'Finds the account, checks an import, reads the entry, or shows the first form.',
      always: [
        { guard: 'mustFindAccount', target: 'findingAccount' },
        { guard: 'isImport', target: 'checkingConnection' },
        { guard: 'isAboutEntry', target: 'findingEntry' },
        { guard: 'mustPickMethod', target: formTarget('pick_method') },
        { guard: 'pageNeedsChoices', target: 'findingChoices' },
        ...toForms('formIs', ['authorize', 'device'], []),
        { target: formTarget('user') },
      ],
    },

    ...discoveryStates,

    findingEntry: findingEntryThen([
      // A flow has just verified the account that the user wants.
      { guard: 'hasVerifiedConnection', target: formTarget('replace_confirm'), actions: rememberEntry },
      { guard: 'pageNeedsChoices', target: 'findingChoices', actions: rememberEntry },
      ...toEntryForm(rememberEntry),
    ]),

    asking,

    findingChoices: {
      description: 'Loads the choices of a page from the service.',
      tags: 'working',
      invoke: {
        ...findChoices,
        onDone: [
          // The page before has the input that the service refuses.
          {
            guard: { type: 'pageBeforeShowsFailure', params: listed },
            target: formTarget('last'),
            actions: ['turnBack', { type: 'showFailure', params: listed }],
          },
          endAborted,
          {
            guard: { type: 'choiceIsSettledAndMoreFollow', params: listed },
            target: 'findingChoices',
            reenter: true,
            actions: [{ type: 'takeSettled', params: listed }, 'turnPage'],
          },
          {
            guard: { type: 'choiceIsSettled', params: listed },
            target: 'checkingConnection',
            // If the check fails, the user returns to the page before.
            actions: [{ type: 'takeSettled', params: listed }, 'turnBack'],
          },
          ...toForm({ type: 'rememberChoices', params: listed } as const),
        ],
        onError: [
          { guard: 'hasPageBefore', target: formTarget('last'), actions: ['turnBack', showUnknownError] },
          ...toForm(showUnknownError),
        ],
      },
      on: {
        cancel: abortWith('cancelled'),
        entryRemoved: abortWith('entry_removed'),
        entryDisabled: abortWith('entry_disabled'),
        leaseLost: [
          // Only this process has a grant that the user has not chosen with.
          ...toForms('previousFormIs', ['authorize', 'device'], [revokeGrant, 'turnBack']),
          { guard: 'hasPageBefore', target: formTarget('last'), actions: 'turnBack' },
          ...toForm([]),
        ],
      },
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
          // An import is unattended: instead of asking for more input, the flow aborts.
          {
            guard: { type: 'importNeedsInput', params: ({ event }) => event.output },
            target: 'abort',
            actions: { type: 'endUnattended', params: ({ event }) => event.output },
          },
          {
            guard: { type: 'failed', params: ({ event }) => event.output },
            target: formTarget('last'),
            actions: { type: 'showFailure', params: ({ event }) => event.output },
          },
          endAborted,
          {
            guard: { type: 'challenged', params: ({ event }) => event.output },
            target: formTarget('challenge'),
            actions: { type: 'rememberChallenge', params: ({ event }) => event.output },
          },
          {
            guard: { type: 'entryMatches', params: ({ event }) => event.output },
            ...endAtHolder(
              'already_configured',
              ({ event }: { event: { output: CheckResult } }) => event.output,
            ),
          },
          {
            guard: { type: 'accountIsUnannounced', params: ({ event }) => event.output },
            target: formTarget('account_confirm'),
            actions: { type: 'rememberConnection', params: ({ event }) => event.output },
          },
          ...retryForms.map(retryOn),
          {
            guard: { type: 'accountOfEntryIsRefused', params: ({ event }) => event.output },
            target: 'abort',
            actions: [
              { type: 'rememberRefused', params: ({ event }) => event.output },
              revokeGrant,
              end('wrong_account'),
            ],
          },
          ...(['authorize', 'device'] as const).map(refusedSignIn),
          {
            guard: { type: 'accountIsRefused', params: ({ event }) => event.output },
            target: formTarget('last'),
            actions: [revokeGrant, { type: 'showError', params: ({ event }) => wrongAccount(event.output) }],
          },
          {
            guard: { type: 'accountMismatches', params: ({ event }) => event.output },
            target: 'abort',
            actions: [
              { type: 'rememberConnection', params: ({ event }) => event.output },
              'announceOther',
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
            target: formTarget('replace_confirm'),
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
        onError: [
          { guard: 'isImport', ...endWith('unknown') },
          { target: formTarget('last'), actions: showUnknownError },
        ],
      },
      on: {
        cancel: abortWith('cancelled'),
        entryRemoved: abortWith('entry_removed'),
        entryDisabled: abortWith('entry_disabled'),
        // The other process asks again. A connection that still opens is closed.
        leaseLost: [
          { guard: 'grantIsStored', target: formTarget('last') },
          { target: formTarget('last'), actions: revokeGrant },
        ],
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
    success: context.success,
  }),
})
