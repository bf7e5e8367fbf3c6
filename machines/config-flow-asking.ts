import { abortWith, closeConnection, revokeGrant } from './config-flow-ends.ts'
import { configFlowSetup } from './config-flow-setup.ts'
import type { Draft } from './draft.ts'
import type { PublicValues } from './flow-result.ts'
import type { FormErrorCode, FormErrors } from './form-errors.ts'

/** Stores the submitted draft in the context and clears the errors. */
const takeDraft = {
  type: 'takeDraft',
  params: ({ event }: { event: { draft: Draft; values: PublicValues } }) => event,
} as const

/** Shows validation errors on the current step. */
const showErrors = {
  actions: {
    type: 'showErrors',
    params: ({ event }: { event: { errors: FormErrors; values: PublicValues } }) => event,
  },
} as const

/** Transitions of a single-page form. */
const formTransitions = {
  submit: { target: '#configFlow.checkingConnection', actions: takeDraft },
  reject: showErrors,
} as const

/** Continues after a page: loads the options of the next menu, shows the next page, or checks the connection. */
const nextPage = [
  { guard: 'nextPageNeedsOptions', target: '#configFlow.findingOptions', actions: takeDraft },
  { guard: 'hasNextPage', target: 'choosing', actions: [takeDraft, 'turnPage'] },
  { target: '#configFlow.checkingConnection', actions: takeDraft },
] as const

/** Returns to the previous page, or from the first page to the menu of methods. */
const previousPage = [
  { guard: 'hasPageBefore', target: 'choosing', actions: 'turnBack' },
  { guard: 'methodWasPicked', target: 'choosing', actions: 'forgetMethod' },
] as const

/** Transitions of a sign-in at the service, in a browser or with a device code. */
const signInTransitions = {
  authorized: {
    target: '#configFlow.checkingConnection',
    actions: { type: 'takeGrant', params: ({ event }: { event: { draft: Draft } }) => event },
  },
  refused: {
    actions: { type: 'showError', params: ({ event }: { event: { error: FormErrorCode } }) => event.error },
  },
  back: { guard: 'hasSeveralMethods', target: 'choosing', actions: 'forgetMethod' },
} as const

/** Restarts at the first page because the draft of the earlier pages has expired. */
const restart = {
  target: 'choosing',
  actions: ['startOver', { type: 'showError', params: { code: 'expired' } }],
} as const

/** Shows the form again because the verified connection has expired. Signing in again requires a new submit. */
const askAgain = {
  target: 'choosing',
  actions: [closeConnection, revokeGrant, { type: 'showError', params: { code: 'expired' } }],
} as const

/** The state in which a config flow waits for user input. For the other states, see config-flow.ts. */
export const asking = configFlowSetup.createStateConfig({
  description: 'Shows a form or a menu, with the errors of the previous attempt.',
  tags: 'asking',
  initial: 'choosing',
  states: {
    choosing: {
      description:
        'Selects the step: the open challenge, the menu of methods, a page, or the form of the source.',
      always: [
        // An import is unattended: instead of asking for more input, the flow aborts.
        { guard: 'isImport', target: '#configFlow.abort', actions: 'endUnattended' },
        { guard: 'hasVerifiedConnection', target: 'replace_confirm' },
        { guard: 'hasChallenge', target: 'challenge' },
        { guard: 'pageIsSignIn', target: 'authorize' },
        { guard: 'pageIsDeviceCode', target: 'device' },
        { guard: 'isReauth', target: 'reauth_confirm' },
        { guard: 'isReconfigure', target: 'reconfigure' },
        { guard: 'isReplace', target: 'replace' },
        { guard: 'mustPickMethod', target: 'pick_method' },
        { guard: 'pageIsMenu', target: 'menu' },
        { guard: 'isFirstOfDiscovery', target: 'discovery_confirm' },
        { target: 'user' },
      ],
    },
    pick_method: {
      description: 'Shows the menu of sign-in methods.',
      on: {
        pick: {
          target: 'choosing',
          actions: { type: 'rememberMethod', params: ({ event }) => event },
        },
      },
    },
    user: {
      description: 'Shows the form of a new entry, or one page of it.',
      on: {
        submit: nextPage,
        reject: showErrors,
        back: previousPage,
        expireDraft: { guard: 'hasPageBefore', ...restart },
      },
    },
    discovery_confirm: {
      description: 'Shows a discovered device or account. A discovery always needs confirmation by a user.',
      on: { submit: nextPage, reject: showErrors, back: previousPage },
    },
    menu: {
      description: 'Shows a page with a single choice.',
      on: {
        choose: nextPage,
        reject: showErrors,
        back: previousPage,
        expireDraft: { guard: 'hasPageBefore', ...restart },
      },
    },
    reauth_confirm: { description: 'Asks for a new credential for the entry.', on: formTransitions },
    reconfigure: { description: 'Shows the fields of the entry for editing.', on: formTransitions },
    replace: { description: 'Asks for the fields of the replacement account.', on: formTransitions },
    replace_confirm: {
      description: 'Shows the verified account and asks whether it replaces the current one.',
      on: {
        replace: [{ guard: 'hasVerifiedConnection', target: '#configFlow.updatingEntry' }, askAgain],
        expireDraft: askAgain,
      },
    },
    authorize: { description: 'Waits for a sign-in in the browser.', on: signInTransitions },
    device: { description: 'Waits for a sign-in with a code on another device.', on: signInTransitions },
    challenge: {
      description: 'Asks for the additional input that the service requires, such as a one-time code.',
      on: {
        ...formTransitions,
        back: { target: 'choosing', actions: 'forgetChallenge' },
        expireDraft: restart,
      },
    },
  },
  on: {
    cancel: abortWith('cancelled'),
    expire: abortWith('flow_expired'),
    supersede: abortWith('already_in_progress'),
    entryRepaired: [
      { guard: 'isReauth', target: '#configFlow.abort', actions: 'endSuccessfully' },
      // The entry no longer needs a new credential, but the user's changes are still pending.
      { guard: 'isReconfigure', actions: 'continue' },
      { guard: 'isReplace', actions: 'continue' },
    ],
    entryRemoved: abortWith('entry_removed'),
    entryDisabled: abortWith('entry_disabled'),
    accountConfigured: abortWith('already_configured'),
    ignore: { guard: 'isDiscovery', target: '#configFlow.ignoringAccount' },
  },
})
