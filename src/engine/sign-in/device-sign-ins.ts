import type { SnapshotFrom } from 'xstate'
import type { deviceCodeMachine } from '../../../machines/device-code.ts'
import type { PollResult, RequestResult } from '../../../machines/device-code-setup.ts'
import { StaleRevisionError } from '../../errors.ts'
import type { DeviceAuthorizer } from '../../ports/authorizer.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { View } from '../../view.ts'
import {
  type DeviceSignInRecord,
  deviceContextOf,
  deviceDriver,
  refusalOf,
} from '../flow-state/authorization-record.ts'
import { stepViewOf } from '../flow-state/flow-charts.ts'
import { flowKey } from '../flow-state/flow-name.ts'
import { pageOf, pagesOf } from '../flow-state/flow-pages.ts'
import type { CheckedFlow, OpenFlow } from '../flow-state/flow-record.ts'
import type { PlannedStep } from '../flow-state/planned-step.ts'
import { preparedIn, writePrepared } from '../flow-state/prepared-values.ts'
import { signingInRecordOf } from '../flow-state/signing-in-record.ts'
import { methodOf } from '../integrations/compiled.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { openRequest, sealRequest } from '../secrets/vault.ts'
import { type ActorsOf, performWith } from '../statecharts/actors.ts'
import type { Invocation } from '../statecharts/runner.ts'
import { failedGrant } from './held-grants.ts'
import { PollClaim } from './poll-claim.ts'
import { failedSignIn, knownBefore, SignInActors } from './sign-in-actors.ts'
import type { SignInHost } from './sign-in-runs.ts'

type Snapshot = SnapshotFrom<typeof deviceCodeMachine>

/** The secret of a device code, and its prepared values, stored encrypted while the code is shown. */
type PendingRequest = { readonly deviceCode: string; readonly prepared?: JsonObject }

/** Runs sign-ins with a code on another device. Latchkey polls the service only when a client polls the flow. */
export class DeviceSignIns {
  readonly #core: Core
  readonly #host: SignInHost
  /** The time of the last poll by flow. Removed after the interval. */
  readonly #polledAt = new Map<string, { readonly at: number; readonly until: number }>()

  constructor(core: Core, host: SignInHost) {
    this.#core = core
    this.#host = host
  }

  /**
   * Polls the service if the interval has passed and no other process polls it. The first call requests the code. Returns
   * the current view of a flow in a different step.
   *
   * @throws UnknownFlowError, UnreadableRecordError
   */
  poll(scope: string, flowId: string, principal: string): Promise<View> {
    return this.#host.locked(scope, flowId, async () => {
      const flow = await this.#host.repository.current(scope, flowId)
      const polling = this.#pollOf(flow)
      if (polling === null) return this.#host.view(flow)
      try {
        return await this.#run(polling, principal).catch(currentView)
      } finally {
        await polling.claim.release()
      }
    })
  }

  /** Sends a poll to the sign-in of a flow. Null if there is nothing to ask the service now. */
  #pollOf(flow: CheckedFlow): Polling | null {
    if (!flow.open || stepViewOf(flow).view !== 'device') return null
    const { authorization } = flow.context
    const signIn = authorization?.machine === 'device-code@1' ? authorization : null
    const before = signIn === null ? null : this.#resume(flow, signIn)
    const askedAt = this.#polledAt.get(flowKey(flow))?.at ?? null
    const from =
      before === null
        ? deviceDriver.start({ flowId: flow.flowId })
        : deviceDriver.send(before, { type: 'poll', now: this.#core.clock.now(), askedAt })
    const claim = new PollClaim(this.#core, this.#host.repository, flow)
    return from === null ? null : { flow, signIn, from, before, claim }
  }

  async #run({ flow, signIn, from, before, claim }: Polling, principal: string): Promise<View> {
    const request =
      signIn === null ? null : await openRequest<PendingRequest>(this.#core, flow, signIn.sealed)
    const actors = await this.#actorsOf(flow)
    let deviceCode = request?.deviceCode ?? ''
    const earlier = await preparedIn(this.#core, flow)
    let prepared = earlier?.prepared
    actors.conceal(earlier?.prepared ?? {})
    const requestCode = async (invocation: Invocation): Promise<RequestResult> => {
      const answer = await actors.call(invocation, [], async (authorizer, reach) => {
        const preparing = authorizer.prepare?.(prepared, reach)
        prepared = await actors.prepared(invocation, prepared, preparing)
        return authorizer.begin(reach, prepared)
      })
      if ('type' in answer) return failedSignIn(answer)
      deviceCode = answer.deviceCode
      const { userCode, verificationUri, verificationUriComplete = null, interval, lifetime } = answer
      const expiresAt = this.#core.clock.now() + lifetime
      return {
        type: 'shown',
        code: { userCode, verificationUri, verificationUriComplete, interval, expiresAt },
      }
    }
    const pollToken = async (invocation: Invocation): Promise<PollResult> => {
      const answer = await actors.call(invocation, [deviceCode], async (authorizer, reach) => {
        const polled = await authorizer.poll(deviceCode, reach, prepared)
        return polled.type === 'granted' ? actors.granted(polled) : polled
      })
      if (answer.type !== 'failed') return answer
      const failed = failedSignIn(answer)
      // The service said nothing about the code, so the next poll can succeed (RFC 8628, 3.5).
      return ['cannot_connect', 'timeout', 'rate_limited'].includes(failed.error)
        ? { type: 'slow_down' }
        : failed
    }
    const work = {
      claimPoll: () => claim.claim(),
      requestCode: (_, __, invocation) => requestCode(invocation),
      pollToken: (_, __, invocation) => pollToken(invocation),
    } satisfies ActorsOf<typeof deviceCodeMachine, DeviceSignIns>
    const perform = (invocation: Invocation) => performWith(work, this, invocation)
    const snapshot = await this.#host.runs.settle(flow, deviceDriver, { from, before, perform })
    if (claim.error !== undefined) throw claim.error
    if (claim.isBusy && snapshot.status === 'active') return this.#host.view(claim.flow)
    const { code: shown, renewals, draft } = snapshot.context
    if (draft !== null) {
      const view = await this.#host.authorized(flow, draft, principal)
      // The flow asks for another code, because polling would offer the same grant again and again.
      if (failedGrant(view) !== null) draft.reveal().revokeGrant?.(null)
      return view
    }
    const write = async (next: (flow: OpenFlow) => Promise<PlannedStep>) => {
      const now = prepared === undefined ? null : { prepared }
      const save = (step: PlannedStep) =>
        this.#host.updates.save(flow, step, principal, { guard: 'unclaimed' })
      return this.#host.view(await writePrepared(this.#core, flow, { earlier, now, next, save }))
    }
    if (shown === null || snapshot.status === 'done') {
      const refusal = { type: 'refused', ...refusalOf(snapshot.context) } as const
      return write((from) => this.#host.repository.stepAfter(from, refusal))
    }
    this.#remember(flow, shown.interval)
    const isUnchanged =
      signIn !== null && signIn.renewals === renewals && signIn.code.interval === shown.interval
    if (isUnchanged) return this.#host.view(flow)
    const pending: PendingRequest = { deviceCode, ...(prepared !== undefined && { prepared }) }
    const sealed = await sealRequest(this.#core, flow, pending)
    const next: DeviceSignInRecord = {
      machine: 'device-code@1',
      step: 'showing_code',
      code: shown,
      renewals,
      sealed,
    }
    const { clock, limits } = this.#core
    const record = signingInRecordOf(flow, next, { now: clock.now(), idle: limits.flowIdle })
    return write(async () => ({ record }))
  }

  /** Records the time of this poll, and removes those whose interval has passed. */
  #remember(flow: OpenFlow, interval: number): void {
    const at = this.#core.clock.now()
    this.#polledAt.delete(flowKey(flow))
    for (const [key, { until }] of this.#polledAt) {
      if (until > at) break
      this.#polledAt.delete(key)
    }
    this.#polledAt.set(flowKey(flow), { at, until: at + interval })
  }

  #resume({ flowId }: OpenFlow, signIn: DeviceSignInRecord): Snapshot {
    return deviceDriver.resume(signIn.step, deviceContextOf(flowId, signIn))
  }

  async #actorsOf(flow: OpenFlow): Promise<SignInActors<DeviceAuthorizer>> {
    const compiled = methodOf(integrationOf(this.#core, flow.domain), flow.context.method)
    const { authorizer } = pageOf(pagesOf(compiled, flow), flow, 'device')
    const known = await knownBefore(this.#core, compiled, flow)
    return new SignInActors({ core: this.#core, compiled, flow, authorizer, known })
  }
}

/** Returns the current view if the flow has changed during the poll. */
function currentView(error: unknown): View {
  if (error instanceof StaleRevisionError) return error.view
  throw error
}

interface Polling {
  readonly flow: OpenFlow
  readonly signIn: DeviceSignInRecord | null
  readonly from: ReturnType<typeof deviceDriver.start>
  readonly before: Snapshot | null
  readonly claim: PollClaim
}
