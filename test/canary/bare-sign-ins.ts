import { type AnyStateMachine, createActor, type EventFrom, fromPromise, waitFor } from 'xstate'
import type { BeginResult } from '../../machines/authorization-code-setup.ts'
import type { ClaimPollResult, PollResult, RequestResult } from '../../machines/device-code-setup.ts'
import type { GrantResult } from '../../machines/grant-result.ts'
import { authorizationCodeMachine, Draft, deviceCodeMachine, tokenMachine } from '../../machines/index.ts'
import type { ClaimResult, RefreshResult, SaveTokenResult } from '../../machines/token-result.ts'
import { canaries } from './canaries.ts'
import { plain } from './canary-service.ts'

const draft = () => new Draft({ values: { access: canaries.access, refresh: canaries.refresh } })

/** Everything that an inspector receives of the bare sign-in and token machines with tokens, and their snapshots. */
export async function inspectBareSignIns(): Promise<unknown[]> {
  const seen: unknown[] = []
  const play = async <Machine extends AnyStateMachine>(
    machine: Machine,
    { at, event, end }: { at: string; event: EventFrom<Machine>; end: string },
  ) => {
    const input = { flowId: plain.domain, entryId: plain.domain } as never
    const actor = createActor(machine as AnyStateMachine, { input, inspect: (one) => seen.push(one) })
    actor.subscribe((snapshot) => seen.push(snapshot, actor.getPersistedSnapshot()))
    actor.start()
    await waitFor(actor, (snapshot) => snapshot.matches(at))
    actor.send(event)
    await waitFor(actor, (snapshot) => snapshot.matches(end))
    actor.stop()
  }
  const request = { browserHash: '', stateHash: '', expiresAt: 1 }
  await play(
    authorizationCodeMachine.provide({
      actors: {
        beginAuthorization: fromPromise(async (): Promise<BeginResult> => ({ type: 'begun', request })),
        exchangeCode: fromPromise(async (): Promise<GrantResult> => ({ type: 'granted', draft: draft() })),
      },
    }),
    { at: 'redirected', event: { type: 'callback', ...request, now: 0 }, end: 'authorized' },
  )
  const code = {
    userCode: plain.userCode,
    verificationUri: plain.host,
    verificationUriComplete: null,
    interval: 0,
    expiresAt: 1,
  }
  await play(
    deviceCodeMachine.provide({
      actors: {
        claimPoll: fromPromise(async (): Promise<ClaimPollResult> => ({ type: 'claimed' })),
        requestCode: fromPromise(async (): Promise<RequestResult> => ({ type: 'shown', code })),
        pollToken: fromPromise(async (): Promise<PollResult> => ({ type: 'granted', draft: draft() })),
      },
    }),
    { at: 'showing_code', event: { type: 'poll', now: 0, askedAt: null }, end: 'authorized' },
  )
  await play(
    tokenMachine.provide({
      actors: {
        claimLease: fromPromise(async (): Promise<ClaimResult> => ({ type: 'claimed' })),
        refreshToken: fromPromise(
          async (): Promise<RefreshResult> => ({ type: 'refreshed', draft: draft() }),
        ),
        saveToken: fromPromise((): Promise<SaveTokenResult> => Promise.reject(new Error(plain.error))),
      },
    }),
    { at: 'fresh', event: { type: 'due', now: 0 }, end: 'stale' },
  )
  return seen
}
