import { authorizationCodeMachine, configFlowMachine, deviceCodeMachine } from '../../machines/index.ts'
import { type Story, toStory } from './story.ts'
import { pathsOf, type StoryModel } from './story-graph.ts'
import { connected, draft, hasErrors, plainEvents, results, throws } from './story-world.ts'

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
    stateKey: ({ context }) => context.reason,
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

/** A new entry with a form before its sign-in, and a choice after it. */
function aroundSignInModel(): StoryModel {
  const errors = [{ '/shop': { code: 'too_small' } }, null, { '/site': { code: 'invalid_value' } }]
  const failed = (error: string) => ({ output: { type: 'failed', error, unlisted: ['site'] } })
  const answers = {
    cannot_connect: failed('cannot_connect'),
    invalid_auth: failed('invalid_auth'),
    no_api: { output: { type: 'aborted', reason: 'no_api' } },
  }
  return {
    machine: configFlowMachine,
    input: {
      ...{ flowId: 'story', source: 'user', entryId: null },
      methods: { '': ['form', 'authorize', 'found_form'] },
    },
    events: ({ context }) => ({
      submit: { type: 'submit', draft, values: {} },
      ...(!hasErrors({ context }) && {
        reject: { type: 'reject', errors: errors[context.page], values: {} },
      }),
      authorized: { type: 'authorized', draft },
      refused: { type: 'refused', error: { code: 'authorize_rejected' } },
      ...plainEvents('back', 'cancel', 'expire', 'expireDraft'),
    }),
    outcomes: {
      findChoices: {
        found: { output: { type: 'found', choices: { site: [] } } },
        settled: { output: { type: 'settled', draft } },
        ...answers,
      },
      checkConnection: { connected, ...answers, ...results('wrong_account') },
      createEntry: { created: { output: { type: 'created', entryId: 'entry' } }, ...throws },
    },
    sideEvents: ['reject'],
    stateKey: ({ context }) => [context.page, hasErrors({ context }), context.reason],
  }
}

/** Returns all paths of a new entry with a form before its sign-in, and a choice after it. */
export function aroundSignInStories(): readonly Story<'user'>[] {
  const about = { source: 'user', onAccountMismatch: 'abort' } as const
  return pathsOf(aroundSignInModel()).map((path) => toStory(about, 'start', path))
}
