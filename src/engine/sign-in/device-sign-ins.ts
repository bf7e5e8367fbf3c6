import type { SnapshotFrom } from 'xstate'
import type { deviceCodeMachine } from '../../../machines/device-code.ts'
import type { PollResult, RequestResult } from '../../../machines/device-code-setup.ts'
import { StaleRevisionError } from '../../errors.ts'
import type { DeviceAuthorizer } from '../../ports/authorizer.ts'
import type { View } from '../../view.ts'
import { deviceDriver } from '../flow-state/authorization-drivers.ts'
import { type DeviceAtRest, deviceContextOf, refusalOf } from '../flow-state/authorization-record.ts'
import { flowKey } from '../flow-state/flow-key.ts'
import { pageOf } from '../flow-state/flow-page.ts'
import { type OpenFlow, signingInRecordOf } from '../flow-state/flow-record.ts'
import { methodOf } from '../integrations/compiled.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { openRequest, sealRequest } from '../secrets/vault.ts'
import type { Invocation } from '../statecharts/runner.ts'
import { failedSignIn, SignInActors } from './sign-in-actors.ts'
import type { SignInHost } from './sign-in-host.ts'

type Snapshot = SnapshotFrom<typeof deviceCodeMachine>

/** What is kept sealed while a code is shown. */
type Kept = { readonly deviceCode: string }

/** Sign-ins by a code on another device. Nothing runs for one that nobody watches, and a restart loses nothing. */
export class DeviceSignIns {
  readonly #core: Core
  readonly #host: SignInHost
  /** When each service was asked last, by flow; a wait that is over is forgotten. */
  readonly #askedAt = new Map<string, { readonly at: number; readonly until: number }>()

  constructor(core: Core, host: SignInHost) {
    this.#core = core
    this.#host = host
  }

  /**
   * Asks whether somebody has entered the code, if it is time to; the first poll asks for one. A flow that waits for
   * something else is answered as it is.
   *
   * @throws UnknownFlowError, UnreadableRecordError
   */
  poll(scope: string, flowId: string, principal: string): Promise<View> {
    return this.#host.locked(scope, flowId, async () => {
      const flow = await this.#host.repository.current(scope, flowId)
      if (!flow.open || flow.step !== 'device') return this.#host.view(flow)
      const { authorization } = flow.context
      const at = authorization?.machine === 'device-code@1' ? authorization : null
      const kept = at === null ? null : await openRequest<Kept>(this.#core, flow, at.sealed)
      const now = this.#core.clock.now()
      const before = at === null ? null : this.#resume(flow, at)
      const from =
        before === null
          ? deviceDriver.start({ flowId })
          : deviceDriver.send(before, { type: 'poll', now, askedAt: this.#askedOf(flow) })
      if (from === null) return this.#host.view(flow)
      return this.#run(flow, { at, kept, from, before, principal }).catch(asItStands)
    })
  }

  async #run(flow: OpenFlow, { at, kept, from, before, principal }: Polling): Promise<View> {
    const work = this.#workOf(flow)
    let deviceCode = kept?.deviceCode ?? ''
    const requestCode = async (invocation: Invocation): Promise<RequestResult> => {
      const answer = await work.ask(invocation, [], (way, reach) => way.begin(reach))
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
      const answer = await work.ask(invocation, [deviceCode], async (way, reach) => {
        const polled = await way.poll(deviceCode, reach)
        return polled.type === 'granted' ? work.granted(polled) : polled
      })
      if (answer.type !== 'failed') return answer
      const failed = failedSignIn(answer)
      // Not a word about the code: the next question may be answered (RFC 8628, 3.5).
      return ['cannot_connect', 'timeout', 'rate_limited'].includes(failed.error)
        ? { type: 'slow_down' }
        : failed
    }
    const perform = (invocation: Invocation) =>
      invocation.work.src === 'requestCode' ? requestCode(invocation) : pollToken(invocation)
    const snapshot = await this.#host.runs.settle(flow, deviceDriver, { from, before, perform })
    const { code: shown, renewals, draft } = snapshot.context
    if (draft !== null) return this.#host.authorized(flow, draft, principal)
    if (shown === null || snapshot.status === 'done') {
      return this.#host.refused(flow, refusalOf(snapshot.context), principal)
    }
    this.#remember(flow, shown.interval)
    const isAsBefore = at !== null && at.renewals === renewals && at.code.interval === shown.interval
    if (isAsBefore) return this.#host.view(flow)
    const sealed = await sealRequest(this.#core, flow, { deviceCode } satisfies Kept)
    const next: DeviceAtRest = {
      machine: 'device-code@1',
      step: 'showing_code',
      code: shown,
      renewals,
      sealed,
    }
    const { clock, limits } = this.#core
    const record = signingInRecordOf(flow, next, { now: clock.now(), idle: limits.flowIdle })
    return this.#host.view(await this.#host.records.save(flow, record, principal))
  }

  #askedOf(flow: OpenFlow): number | null {
    return this.#askedAt.get(flowKey(flow))?.at ?? null
  }

  #remember(flow: OpenFlow, interval: number): void {
    const at = this.#core.clock.now()
    this.#askedAt.delete(flowKey(flow))
    for (const [key, { until }] of this.#askedAt) {
      if (until > at) break
      this.#askedAt.delete(key)
    }
    this.#askedAt.set(flowKey(flow), { at, until: at + interval })
  }

  #resume({ flowId }: OpenFlow, at: DeviceAtRest): Snapshot {
    return deviceDriver.resume(at.step, deviceContextOf(flowId, at))
  }

  #workOf(flow: OpenFlow): SignInActors<DeviceAuthorizer> {
    const compiled = methodOf(integrationOf(this.#core, flow.domain), flow.context.method)
    const { way } = pageOf(compiled.pages, flow, 'device')
    return new SignInActors({ core: this.#core, compiled, flow, way })
  }
}

/** Where somebody else has moved the flow meanwhile, a poll tells how it stands. */
function asItStands(error: unknown): View {
  if (error instanceof StaleRevisionError) return error.view
  throw error
}

interface Polling {
  readonly at: DeviceAtRest | null
  readonly kept: Kept | null
  readonly from: ReturnType<typeof deviceDriver.start>
  readonly before: Snapshot | null
  readonly principal: string
}
