import { authorizationCodeMachine, configFlowMachine, deviceCodeMachine } from '../../machines/index.ts'
import { type Story, toStory } from './story.ts'
import { pathsOf, type StoryModel } from './story-graph.ts'
import {
  another,
  connected,
  done,
  draft,
  entryFound,
  hasErrors,
  plainEvents,
  results,
  throws,
} from './story-world.ts'

const granted = { granted: { output: { type: 'granted', draft } } }
const failures = Object.fromEntries(
  ['cannot_connect', 'authorize_failed'].map((error) => [error, { output: { type: 'failed', error } }]),
)

/** Returns all paths of a sign-in in the browser. */
export function authorizationCodeStories(): readonly Story<'authorization_code'>[] {
  const request = { browserHash: 'browser', stateHash: 'state', expiresAt: 1_000 }
  const callback = { type: 'callback', browserHash: 'browser', stateHash: 'state' }
  const model: StoryModel = {
    machine: authorizationCodeMachine,
    input: { flowId: 'story' },
    events: () => ({
      comesBack: { ...callback, now: 999 },
      comesBackLate: { ...callback, now: 1_000 },
      ...plainEvents('expire', 'cancel'),
    }),
    outcomes: {
      beginAuthorization: { begun: { output: { type: 'begun', request } }, ...failures, ...throws },
      exchangeCode: { ...granted, ...results('rejected'), ...failures, ...throws },
    },
    stateKey: ({ context: { reason, isSpent } }) => [reason, isSpent],
  }
  const about = { source: 'authorization_code', onAccountMismatch: 'abort' } as const
  return pathsOf(model).map((path) => toStory(about, 'authorize', path))
}

/** Returns all paths of a sign-in with a code on another device. */
export function deviceCodeStories(): readonly Story<'device_code'>[] {
  const code = {
    userCode: 'CODE',
    verificationUri: 'https://login.example',
    verificationUriComplete: null,
    interval: 1_000,
    expiresAt: 60_000,
  }
  const model: StoryModel = {
    machine: deviceCodeMachine,
    input: { flowId: 'story' },
    events: ({ context: { code } }) => ({
      poll: { type: 'poll', now: 10_000, askedAt: null },
      ...(code !== null && { pollLate: { type: 'poll', now: 60_000, askedAt: null } }),
      ...plainEvents('cancel'),
    }),
    outcomes: {
      claimPoll: { ...results('claimed', 'busy'), ...throws },
      requestCode: { shown: { output: { type: 'shown', code } }, ...failures, ...throws },
      pollToken: {
        ...granted,
        ...results('pending', 'slow_down', 'rejected', 'expired'),
        ...failures,
        ...throws,
      },
    },
    stateKey: ({ value, context: { reason, renewals, code, polledAt } }) => [
      reason,
      renewals,
      code !== null,
      // The time of the poll decides what its claim leads to.
      value === 'claimingPoll' && polledAt,
    ],
    sideEvents: ['claimPoll busy', 'claimPoll throws'],
  }
  const about = { source: 'device_code', onAccountMismatch: 'abort' } as const
  return pathsOf(model).map((path) => toStory(about, 'poll', path))
}

/** The flows that can have a form before a sign-in, and a choice after it. */
export type AroundSignIn = 'user' | 'reauth' | 'reconfigure' | 'replace'

/** The variants of a flow with a form before its sign-in, and a choice after it. */
interface AroundOptions {
  readonly onAccountMismatch?: 'abort' | 'retry'
  /** The sign-in: in a browser, or with a code on another device. Defaults to `authorize`. */
  readonly signIn?: 'authorize' | 'device'
}

/** A flow with a form before its sign-in, and a choice after it. */
function aroundSignInModel(
  source: AroundSignIn,
  { onAccountMismatch, signIn }: Required<AroundOptions>,
): StoryModel {
  const pages = ['form', signIn, 'found_form']
  // A reauthentication asks only for the key.
  const first = source === 'reauth' ? '/key' : '/shop'
  const errors = [{ [first]: { code: 'too_small' } }, null, { '/site': { code: 'invalid_value' } }]
  const errorsOf = ({ page, challenge }: { page: number; challenge: string | null }) =>
    challenge === null ? errors[page] : { '/pin': { code: 'too_small' } }
  const failed = (error: string) => ({ output: { type: 'failed', error, unlisted: ['site'] } })
  const answers = {
    cannot_connect: failed('cannot_connect'),
    invalid_auth: failed('invalid_auth'),
    no_api: { output: { type: 'aborted', reason: 'no_api' } },
  }
  const isNew = source === 'user'
  return {
    machine: configFlowMachine,
    input: {
      ...{ flowId: 'story', source, onAccountMismatch, methods: { '': pages } },
      ...(isNew ? { entryId: null } : { entryId: 'entry', entryPages: { [`${source} `]: pages } }),
    },
    events: ({ context }) => ({
      submit: { type: 'submit', draft, values: {} },
      ...(!hasErrors({ context }) && {
        reject: { type: 'reject', errors: errorsOf(context), values: {} },
      }),
      authorized: { type: 'authorized', draft },
      refused: { type: 'refused', error: { code: 'authorize_rejected' } },
      ...plainEvents('back', 'cancel', 'expire', 'expireDraft'),
      ...(!isNew && plainEvents('replace', 'entryRemoved', 'entryDisabled')),
      ...(source === 'reauth' && plainEvents('entryRepaired')),
    }),
    outcomes: {
      findEntry: { found: entryFound.found },
      findChoices: {
        found: { output: { type: 'found', choices: { site: [] } } },
        settled: { output: { type: 'settled', draft } },
        ...answers,
      },
      checkConnection: {
        connected,
        ...(!isNew && { 'another account': another }),
        challenged: { output: { type: 'challenged', challenge: 'pin', draft } },
        ...answers,
        ...results('wrong_account'),
      },
      createEntry: { created: { output: { type: 'created', entryId: 'entry' } }, ...throws },
      updateEntry: { ...results('updated'), ...throws },
      reloadEntry: { done: done.done },
    },
    sideEvents: ['reject'],
    stateKey: ({ context }) => [
      context.page,
      context.challenge,
      hasErrors({ context }),
      context.reason,
      context.connection !== null,
    ],
  }
}

/** Returns all paths of a flow with a form before its sign-in, and a choice after it. */
export function aroundSignInStories(
  source: AroundSignIn,
  { onAccountMismatch = 'abort', signIn = 'authorize' }: AroundOptions = {},
): readonly Story<AroundSignIn>[] {
  const about = { source, onAccountMismatch }
  return pathsOf(aroundSignInModel(source, { onAccountMismatch, signIn })).map((path) => {
    const story = toStory(about, 'start', path)
    return signIn === 'device' ? { ...story, title: `with a code, ${story.title}` } : story
  })
}
