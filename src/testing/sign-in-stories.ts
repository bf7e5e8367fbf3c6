import { authorizationCodeMachine, deviceCodeMachine } from '../../machines/index.ts'
import { type Story, toStory } from './story.ts'
import { pathsOf, type StoryModel } from './story-graph.ts'
import { draft, plainEvents, results, throws } from './story-world.ts'

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
