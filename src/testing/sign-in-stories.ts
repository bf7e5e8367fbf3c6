import { authorizationCodeMachine, deviceCodeMachine } from '../../machines/index.ts'
import { type Story, tell } from './story.ts'
import { pathsOf, type StoryModel } from './story-graph.ts'
import { draft, named, results, throws } from './story-world.ts'

const granted = { granted: { output: { type: 'granted', draft } } }
const failures = Object.fromEntries(
  ['cannot_connect', 'authorize_failed'].map((error) => [error, { output: { type: 'failed', error } }]),
)

/** Every path of a sign-in at a service's own page. */
export function authorizationCodeStories(): readonly Story<'authorization_code'>[] {
  const request = { browserHash: 'browser', stateHash: 'state', expiresAt: 1_000 }
  const callback = { type: 'callback', browserHash: 'browser', stateHash: 'state' }
  const model: StoryModel = {
    machine: authorizationCodeMachine,
    input: { flowId: 'story' },
    events: () => ({
      comesBack: { ...callback, now: 999 },
      comesBackLate: { ...callback, now: 1_000 },
      ...named('expire', 'cancel'),
    }),
    outcomes: {
      beginAuthorization: { begun: { output: { type: 'begun', request } }, ...failures, ...throws },
      exchangeCode: { ...granted, ...results('rejected'), ...failures, ...throws },
    },
    sameness: ({ context }) => context.reason,
  }
  const about = { source: 'authorization_code', onAccountMismatch: 'abort' } as const
  return pathsOf(model).map((path) => tell(about, 'authorize', path))
}

/** Every path of a sign-in by a code on another device. */
export function deviceCodeStories(): readonly Story<'device_code'>[] {
  const code = {
    ...{ userCode: 'CODE', verificationUri: 'https://login.example', verificationUriComplete: null },
    ...{ interval: 1_000, expiresAt: 60_000 },
  }
  const model: StoryModel = {
    machine: deviceCodeMachine,
    input: { flowId: 'story' },
    events: () => ({
      poll: { type: 'poll', now: 10_000, askedAt: null },
      pollLate: { type: 'poll', now: 60_000, askedAt: null },
      ...named('cancel'),
    }),
    outcomes: {
      requestCode: { shown: { output: { type: 'shown', code } }, ...failures, ...throws },
      pollToken: {
        ...granted,
        ...results('pending', 'slow_down', 'rejected', 'expired'),
        ...failures,
        ...throws,
      },
    },
    sameness: ({ context }) => [context.reason, context.renewals],
  }
  const about = { source: 'device_code', onAccountMismatch: 'abort' } as const
  return pathsOf(model).map((path) => tell(about, 'poll', path))
}
