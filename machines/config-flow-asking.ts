import { disposeProof, giveBack, letGoWith } from './config-flow-ends.ts'
import { configFlowSetup } from './config-flow-setup.ts'
import type { Draft } from './draft.ts'
import type { PublicValues } from './flow-result.ts'
import type { FormErrorCode, FormErrors } from './form-errors.ts'

const take = {
  type: 'takeDraft',
  params: ({ event }: { event: { draft: Draft; values: PublicValues } }) => event,
} as const

const showErrors = {
  actions: {
    type: 'showErrors',
    params: ({ event }: { event: { errors: FormErrors; values: PublicValues } }) => event,
  },
} as const

/** What a form takes that is the only one of its kind. */
const ofForm = {
  submit: { target: '#configFlow.checkingConnection', actions: take },
  reject: showErrors,
} as const

/** Where a page leads once it is filled in: to the next one, or to the try. */
const toNextPage = [
  { guard: 'nextPageIsFound', target: '#configFlow.findingOptions', actions: take },
  { guard: 'hasNextPage', target: 'choosing', actions: [take, 'turnPage'] },
  { target: '#configFlow.checkingConnection', actions: take },
] as const

/** Back from a page: to the one before it, or to the ways in. */
const back = [
  { guard: 'hasPageBefore', target: 'choosing', actions: 'turnBack' },
  { guard: 'methodWasPicked', target: 'choosing', actions: 'forgetMethod' },
] as const

/** A sign-in at the service, however it is done: what it grants is tried, and what it refuses is shown. */
const ofSignIn = {
  authorized: {
    target: '#configFlow.checkingConnection',
    actions: { type: 'takeGrant', params: ({ event }: { event: { draft: Draft } }) => event },
  },
  refused: {
    actions: { type: 'showError', params: ({ event }: { event: { error: FormErrorCode } }) => event.error },
  },
  back: { guard: 'mayPickAgain', target: 'choosing', actions: 'forgetMethod' },
} as const

/** What was typed before has been kept for long enough. */
const startAnew = {
  target: 'choosing',
  actions: ['startOver', { type: 'showError', params: { code: 'expired' } }],
} as const

/** What was proven is not held any more, and nobody logs in unasked: the form is shown again. */
const proofIsGone = {
  target: 'choosing',
  actions: [disposeProof, giveBack, { type: 'showError', params: { code: 'expired' } }],
} as const

/** The state in which a config flow waits for a person. The rest of the chart is in config-flow.ts. */
export const asking = configFlowSetup.createStateConfig({
  description: 'Shows a form or a menu, with the errors of the try before it.',
  tags: 'asking',
  initial: 'choosing',
  states: {
    choosing: {
      description:
        'The step is the challenge that is open, the menu of ways in, a page, or the form of the source.',
      always: [
        // An import has nobody to ask: what it would ask is why it ends.
        { guard: 'isImport', target: '#configFlow.abort', actions: 'endUnasked' },
        { guard: 'hasProof', target: 'replace_confirm' },
        { guard: 'hasChallenge', target: 'challenge' },
        { guard: 'isAuthorized', target: 'authorize' },
        { guard: 'isByDevice', target: 'device' },
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
      description: 'The ways in, where there are several.',
      on: {
        pick: {
          target: 'choosing',
          actions: { type: 'rememberMethod', params: ({ event }) => event },
        },
      },
    },
    user: {
      description: 'What a new entry needs, or a page of it.',
      on: {
        submit: toNextPage,
        reject: showErrors,
        back,
        expireDraft: { guard: 'hasPageBefore', ...startAnew },
      },
    },
    discovery_confirm: {
      description: 'What was found, to be confirmed: no discovery finishes by itself.',
      on: { submit: toNextPage, reject: showErrors, back },
    },
    menu: {
      description: 'A page on which one thing is chosen.',
      on: {
        choose: toNextPage,
        reject: showErrors,
        back,
        expireDraft: { guard: 'hasPageBefore', ...startAnew },
      },
    },
    reauth_confirm: { description: 'The credential of an entry, anew.', on: ofForm },
    reconfigure: { description: 'The fields of an entry, to be changed.', on: ofForm },
    replace: { description: 'The fields of an entry, for another account.', on: ofForm },
    replace_confirm: {
      description: 'Another account is proven: is it to take the place of the entry’s?',
      on: {
        replace: [{ guard: 'hasProof', target: '#configFlow.updatingEntry' }, proofIsGone],
        expireDraft: proofIsGone,
      },
    },
    authorize: { description: 'A sign-in at the service, in a browser that comes back.', on: ofSignIn },
    device: { description: 'A sign-in at the service, by a code on another device.', on: ofSignIn },
    challenge: {
      description: 'The service asks for more, a one-time code.',
      on: {
        ...ofForm,
        back: { target: 'choosing', actions: 'forgetChallenge' },
        expireDraft: startAnew,
      },
    },
  },
  on: {
    cancel: letGoWith('cancelled'),
    expire: letGoWith('flow_expired'),
    supersede: letGoWith('already_in_progress'),
    entryRepaired: [
      { guard: 'isReauth', target: '#configFlow.abort', actions: 'endSuccessfully' },
      // The need is gone, but what the person wants to change is not changed yet.
      { guard: 'isReconfigure', actions: 'carryOn' },
      { guard: 'isReplace', actions: 'carryOn' },
    ],
    entryRemoved: letGoWith('entry_removed'),
    entryDisabled: letGoWith('entry_disabled'),
    accountConfigured: letGoWith('already_configured'),
    ignore: { guard: 'isDiscovery', target: '#configFlow.ignoringAccount' },
  },
})
