import { abortWith, closeConnection, end, endSuccessfully, revokeGrant } from './config-flow-ends.ts'
import { formTarget, toForm, toForms, toNewEntryForm } from './config-flow-forms.ts'
import { configFlowSetup } from './config-flow-setup.ts'
import type { Draft } from './draft.ts'
import type { FormErrorCode } from './form-errors.ts'
import type { PageForm } from './forms.ts'
import { showErrors, takeDraft } from './page-events.ts'

/** Transitions of a form without pages. */
const formTransitions = {
  submit: { target: '#configFlow.checkingConnection', actions: takeDraft },
  reject: showErrors,
} as const

/** Continues after a page: loads the choices of the next page, shows it or its sign-in, or checks the connection. */
const nextPageOn = <Form extends PageForm>(form: Form) =>
  [
    {
      guard: 'nextPageNeedsChoices',
      target: '#configFlow.findingChoices',
      actions: [takeDraft, 'turnPage'],
    },
    ...toForms('nextFormIs', ['authorize', 'device'], [takeDraft, 'turnPage']),
    { guard: 'hasNextPage', target: formTarget(form), actions: [takeDraft, 'turnPage'] },
    { target: '#configFlow.checkingConnection', actions: takeDraft },
  ] as const

/** Loads the choices of the page that the service has not provided. */
const retryChoices = { guard: 'choicesAreMissing', target: '#configFlow.findingChoices' } as const

/** Returns from the first page to the menu of methods. */
const otherMethod = {
  guard: 'hasSeveralMethods',
  target: formTarget('pick_method'),
  actions: 'forgetMethod',
} as const

/** Returns from the page after a sign-in to the sign-in. Its grant is not needed. */
const previousSignIn = toForms('previousFormIs', ['authorize', 'device'], [revokeGrant, 'turnBack'])

/** Returns to the previous page, or from the first page to the menu of methods. */
const previousPage = [
  ...previousSignIn,
  ...toForms('previousFormIs', ['discovery_confirm', 'reauth_confirm', 'reconfigure', 'replace'], 'turnBack'),
  { guard: 'hasPageBefore', target: formTarget('user'), actions: 'turnBack' },
  otherMethod,
] as const

const restartActions = [revokeGrant, 'startOver', { type: 'showError', params: { code: 'expired' } }] as const

/** Transitions from a later page to the first one. */
const restartWith = <const Actions>(actions: Actions) =>
  [
    ...toForms('firstFormIs', ['authorize', 'device'], actions),
    ...toForms('firstFormIs', ['discovery_confirm', 'reauth_confirm', 'reconfigure', 'replace'], actions),
    { guard: 'hasPageBefore', target: formTarget('user'), actions },
  ] as const

/** Restarts at the first page because the draft of the earlier pages has expired. */
const restart = restartWith(restartActions)

const takeGrant = {
  type: 'takeGrant',
  params: ({ event }: { event: { draft: Draft } }) => event,
} as const

const refusal = ({ event }: { event: { readonly error: FormErrorCode; readonly ends?: true } }) => event

/** Transitions of a sign-in at the service, in a browser or with a device code. */
const signInTransitions = {
  authorized: [
    {
      guard: 'nextPageNeedsChoices',
      target: '#configFlow.findingChoices',
      actions: [takeGrant, 'turnPage'],
    },
    { target: '#configFlow.checkingConnection', actions: takeGrant },
  ],
  refused: [
    {
      guard: { type: 'refusalEnds', params: refusal },
      target: '#configFlow.abort',
      actions: [closeConnection, revokeGrant, { type: 'endRefused', params: refusal }],
    },
    {
      actions: { type: 'showError', params: ({ event }: { event: { error: FormErrorCode } }) => event.error },
    },
  ],
  back: previousPage,
  expireDraft: restart,
} as const

const connectionExpired = [
  closeConnection,
  revokeGrant,
  { type: 'showError', params: { code: 'expired' } },
] as const

/** Shows the form again because the verified connection has expired. Signing in again requires a new submit. */
const askAgain = [
  ...restartWith([closeConnection, ...restartActions]),
  ...toForms('formIs', ['authorize', 'device'], connectionExpired),
  { target: formTarget('replace'), actions: connectionExpired },
] as const

const linkExpired = [closeConnection, 'forgetLinked', ...restartActions] as const

/** Shows the first form of a new link again because its verified connection has expired, and with it its input. */
const linkAgain = [...restartWith(linkExpired), ...toNewEntryForm(linkExpired)] as const

/** Transitions of the form of an entry, which can have several pages. */
const entryFormTransitions = <Form extends PageForm>(form: Form) =>
  ({
    submit: nextPageOn(form),
    reject: showErrors,
    retry: retryChoices,
    back: [...previousSignIn, { guard: 'hasPageBefore', target: formTarget(form), actions: 'turnBack' }],
    expireDraft: [
      ...toForms('firstFormIs', ['authorize', 'device'], restartActions),
      { guard: 'hasPageBefore', target: formTarget(form), actions: restartActions },
    ],
  }) as const

/** Selects a sign-in method and shows its first page. */
const firstPageOfMethod = (form: PageForm) =>
  ({
    guard: {
      type: 'methodStartsHere',
      params: ({ event }: { event: { method: string } }) => ({ form, method: event.method }),
    },
    target: formTarget(form),
    actions: { type: 'rememberMethod', params: ({ event }: { event: { method: string } }) => event },
  }) as const

/** The state in which a config flow waits for user input. For the other states, see config-flow.ts. */
export const asking = configFlowSetup.createStateConfig({
  description: 'Shows a form or a menu, with the errors of the previous attempt.',
  tags: 'asking',
  initial: 'user',
  states: {
    last: {
      description: 'Returns to the form whose submitted values failed.',
      type: 'history',
      target: 'user',
    },
    pick_method: {
      description: 'Shows the menu of sign-in methods.',
      meta: { view: 'menu', shows: 'methods' },
      on: {
        pick: [
          {
            guard: {
              type: 'methodNeedsChoices',
              params: ({ event }: { event: { method: string } }) => event,
            },
            target: '#configFlow.findingChoices',
            actions: { type: 'rememberMethod', params: ({ event }: { event: { method: string } }) => event },
          },
          ...(['authorize', 'device', 'discovery_confirm', 'user'] as const).map(firstPageOfMethod),
        ],
      },
    },
    user: {
      description: 'Shows the form of a new entry, or one page of it.',
      meta: { view: 'form', shows: 'page' },
      on: {
        submit: nextPageOn('user'),
        reject: showErrors,
        retry: retryChoices,
        back: previousPage,
        expireDraft: restart,
      },
    },
    discovery_confirm: {
      description: 'Shows a discovered device or account. A discovery always needs confirmation by a user.',
      meta: { view: 'form', shows: 'page' },
      on: { submit: nextPageOn('user'), reject: showErrors, retry: retryChoices, back: otherMethod },
    },
    reauth_confirm: {
      description: 'Asks for a new credential for the entry.',
      meta: { view: 'form', shows: 'step' },
      on: entryFormTransitions('reauth_confirm'),
    },
    reconfigure: {
      description: 'Shows the fields of the entry for editing.',
      meta: { view: 'form', shows: 'step' },
      on: entryFormTransitions('reconfigure'),
    },
    replace: {
      description: 'Asks for the fields of the replacement account.',
      meta: { view: 'form', shows: 'step' },
      on: entryFormTransitions('replace'),
    },
    replace_confirm: {
      description: 'Shows the verified account and asks whether it replaces the current one.',
      meta: { view: 'menu', shows: 'confirmation' },
      on: {
        replace: [{ guard: 'hasVerifiedConnection', target: '#configFlow.updatingEntry' }, ...askAgain],
        expireDraft: askAgain,
      },
    },
    repair_confirm: {
      description:
        'The account has an entry that needs a new sign-in. Asks whether the verified credential repairs it.',
      meta: { view: 'form', shows: 'confirmation' },
      on: {
        confirm: [{ guard: 'hasVerifiedConnection', target: '#configFlow.updatingEntry' }, ...linkAgain],
        expireDraft: linkAgain,
      },
    },
    account_confirm: {
      description: 'Another account than announced has connected. Asks whether to link that account.',
      meta: { view: 'form', shows: 'confirmation' },
      on: {
        confirm: [{ guard: 'hasVerifiedConnection', target: '#configFlow.creatingEntry' }, ...linkAgain],
        expireDraft: linkAgain,
      },
    },
    authorize: {
      description: 'Waits for a sign-in in the browser.',
      meta: { view: 'external', shows: 'sign_in' },
      on: signInTransitions,
    },
    device: {
      description: 'Waits for a sign-in with a code on another device.',
      meta: { view: 'device', shows: 'sign_in' },
      on: signInTransitions,
    },
    challenge: {
      description: 'Asks for the additional input that the service requires, such as a one-time code.',
      meta: { view: 'form', shows: 'challenge' },
      on: {
        ...formTransitions,
        back: [
          ...toForms('formIs', ['authorize', 'device'], [revokeGrant, 'forgetChallenge']),
          ...toForm('forgetChallenge'),
        ],
        expireDraft: [...restart, ...toForm(restartActions)],
      },
    },
  },
  on: {
    cancel: abortWith('cancelled'),
    expire: abortWith('flow_expired'),
    supersede: abortWith('already_in_progress'),
    entryRepaired: [
      { guard: 'isReauth', target: '#configFlow.abort', actions: [revokeGrant, endSuccessfully] },
      // The entry no longer needs a new credential, but the user's changes are still pending.
      { guard: 'isReconfigure', actions: 'continue' },
      { guard: 'isReplace', actions: 'continue' },
    ],
    entryRefused: { guard: 'isReauth', actions: 'rememberRefusal' },
    entryRemoved: abortWith('entry_removed'),
    entryDisabled: abortWith('entry_disabled'),
    accountConfigured: {
      target: '#configFlow.abort',
      actions: [
        { type: 'rememberKnown', params: ({ event }) => event },
        closeConnection,
        revokeGrant,
        end('already_configured'),
      ],
    },
    ignore: { guard: 'mayIgnore', target: '#configFlow.ignoringAccount' },
  },
})
