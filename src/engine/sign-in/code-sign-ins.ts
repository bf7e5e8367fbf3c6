import type { SnapshotFrom } from 'xstate'
import type { authorizationCodeMachine } from '../../../machines/authorization-code.ts'
import type { BeginResult } from '../../../machines/authorization-code-setup.ts'
import type { GrantResult } from '../../../machines/grant-result.ts'
import { StaleRevisionError, WrongStepError } from '../../errors.ts'
import type { CodeAuthorizer, CodeRequest } from '../../ports/authorizer.ts'
import type { View } from '../../view.ts'
import type { AuthorizeOptions, Authorizing, CameBack, Returned } from '../api/sign-ins.ts'
import { codeDriver } from '../flow-state/authorization-drivers.ts'
import { type CodeAtRest, codeContextOf, refusalOf } from '../flow-state/authorization-record.ts'
import { pageOf } from '../flow-state/flow-page.ts'
import { type CheckedFlow, checkFlow, type OpenFlow, signingInRecordOf } from '../flow-state/flow-record.ts'
import { methodOf } from '../integrations/compiled.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { HOST } from '../lib/principals.ts'
import { checkEntry } from '../records/entry-record.ts'
import { hashOf, openName, randomText, type SealedToken, sealName } from '../secrets/sealed-token.ts'
import { openRequest, sealRequest } from '../secrets/vault.ts'
import type { Invocation } from '../statecharts/runner.ts'
import { failedSignIn, SignInActors } from './sign-in-actors.ts'
import type { SignInHost } from './sign-in-host.ts'

type Snapshot = SnapshotFrom<typeof authorizationCodeMachine>

/** How long a browser may be at the service, in milliseconds. */
const LIFE = 600_000

/** A sign-in that was ended, used or replaced. */
const goneOf = (flowId: string): Returned => ({ type: 'ignored', flowId, code: 'authorize_expired' })

/** What is kept sealed of a request until the browser is back. */
type Kept = CodeRequest & { readonly url: string; readonly principal: string }

/** Sign-ins at a service's own page, by the authorization code grant. Between two steps only the flow's record knows. */
export class CodeSignIns {
  readonly #core: Core
  readonly #host: SignInHost

  constructor(core: Core, host: SignInHost) {
    this.#core = core
    this.#host = host
  }

  /**
   * Begins a sign-in, in place of one that had begun before.
   *
   * @throws UnknownFlowError, FlowEndedError, StaleRevisionError, WrongStepError
   */
  begin(scope: string, flowId: string, options: AuthorizeOptions): Promise<Authorizing> {
    const { revision, redirectUri, principal = HOST } = options
    return this.#host.locked(scope, flowId, async () => {
      const flow = await this.#host.records.expected(scope, flowId, revision)
      if (flow.step !== 'authorize') throw new WrongStepError(flow.step, 'authorize')
      const work = this.#workOf(flow)
      const known = flow.entryId === null ? undefined : await this.#core.store.getEntry(scope, flow.entryId)
      const browser = await sealName(this.#core, 'browser', flow, '')
      const state = await sealName(this.#core, 'state', flow, flow.domain)
      const request = { redirectUri, state, nonce: randomText(), verifier: randomText() }
      const made: { kept?: Kept } = {}
      const perform = async (invocation: Invocation): Promise<BeginResult> => {
        // Where another account is to sign in, nobody is suggested.
        const data = known === undefined || flow.source === 'replace' ? null : checkEntry(known).data
        const url = await work.ask(invocation, Object.values(request), (way, reach) =>
          way.begin(request, data, reach),
        )
        if (typeof url !== 'string') return failedSignIn(url)
        made.kept = { ...request, url, principal }
        const expiresAt = this.#core.clock.now() + LIFE
        const hashes = { browserHash: await hashOf(browser), stateHash: await hashOf(state) }
        return { type: 'begun', request: { ...hashes, expiresAt } }
      }
      const from = codeDriver.start({ flowId })
      const snapshot = await this.#host.runs.settle(flow, codeDriver, { from, before: null, perform })
      if (made.kept === undefined || snapshot.status === 'done')
        return { view: await this.#settle(flow, snapshot, principal), browser: null }
      return { view: this.#host.view(await this.#keep(flow, snapshot, made.kept, principal)), browser }
    })
  }

  /** The address of the service for the browser that began; null for any other, and once it is too late. */
  async redirect(flowId: string, browser: string): Promise<string | null> {
    const name = await openName(this.#core, 'browser', browser, '')
    const found = name?.flowId === flowId ? await this.#find(name) : null
    if (found?.at.step !== 'redirected') return null
    const { browserHash, expiresAt } = found.at.request
    if (browserHash !== (await hashOf(browser)) || expiresAt <= this.#core.clock.now()) return null
    return (await openRequest<Kept>(this.#core, found.flow, found.at.sealed)).url
  }

  /** Takes what the service answered, from the browser that began, once and in time. */
  async finish({ domain, query, browserOf }: CameBack): Promise<Returned> {
    const state = query.get('state') ?? ''
    const name = await openName(this.#core, 'state', state, domain)
    if (name === null) return { type: 'ignored', flowId: null, code: 'authorize_foreign' }
    const { scope, flowId } = name
    const stateHash = await hashOf(state)
    const browserHash = await hashOf(browserOf(flowId) ?? '')
    return this.#host.locked(scope, flowId, async (): Promise<Returned> => {
      const found = await this.#find(name)
      if (found === null) return goneOf(flowId)
      const { flow, at } = found
      const now = this.#core.clock.now()
      const before = this.#resume(flow, at)
      const step = codeDriver.send(before, { type: 'callback', browserHash, stateHash, now })
      if (step === null) {
        const isUsed = at.step === 'exchangingCode' || stateHash !== at.request.stateHash
        return isUsed ? goneOf(flowId) : { type: 'ignored', flowId, code: 'authorize_foreign' }
      }
      const kept = await openRequest<Kept>(this.#core, flow, at.sealed)
      if (step.work === null) {
        this.#host.runs.stepped(flow, codeDriver, { ...step, before })
        return this.#moved(flow, step.snapshot, kept.principal)
      }
      return this.#exchange(flow, at, { step, before, kept, query })
    })
  }

  /** A flow whose browser is awaited. */
  async #find({ scope, flowId }: SealedToken): Promise<{ flow: OpenFlow; at: CodeAtRest } | null> {
    const stored = await this.#core.store.getFlow(scope, flowId)
    const flow = stored === undefined ? null : checkFlow(stored)
    const at = flow?.open === true ? flow.context.authorization : undefined
    return flow?.open === true && at?.machine === 'authorization-code@1' ? { flow, at } : null
  }

  async #exchange(
    flow: OpenFlow,
    at: CodeAtRest,
    { step, before, kept, query }: Answered,
  ): Promise<Returned> {
    // Written first: a code that is redeemed twice makes the service end what it granted for it.
    const used = await this.#use(flow, at, kept.principal)
    if (used === null) return goneOf(flow.flowId)
    const work = this.#workOf(flow)
    const callback = Object.assign(new URL(kept.redirectUri), { search: query.toString() })
    const perform = async (invocation: Invocation): Promise<GrantResult> => {
      const secrets = [...query.values(), kept.state, kept.nonce, kept.verifier]
      const answer = await work.ask(invocation, secrets, async (way, reach) =>
        work.granted(await way.finish(callback, kept, reach)),
      )
      return answer.type === 'failed' ? failedSignIn(answer) : answer
    }
    const snapshot = await this.#host.runs.settle(flow, codeDriver, { from: step, before, perform })
    return this.#moved(used, snapshot, kept.principal)
  }

  /** Lets nobody else take this answer; null where somebody has. */
  async #use(flow: OpenFlow, at: CodeAtRest, principal: string): Promise<OpenFlow | null> {
    try {
      const used = await this.#write(flow, { ...at, step: 'exchangingCode' }, principal)
      return used.open ? used : null
    } catch (error) {
      if (error instanceof StaleRevisionError) return null
      throw error
    }
  }

  async #moved(flow: OpenFlow, snapshot: Snapshot, principal: string): Promise<Returned> {
    try {
      return { type: 'moved', flowId: flow.flowId, view: await this.#settle(flow, snapshot, principal) }
    } catch (error) {
      // Somebody has begun anew meanwhile: that is what counts.
      if (error instanceof StaleRevisionError) return goneOf(flow.flowId)
      throw error
    }
  }

  /** Tells the flow how the sign-in ended. */
  #settle(flow: OpenFlow, { context }: Snapshot, principal: string): Promise<View> {
    const { draft } = context
    if (draft !== null) return this.#host.authorized(flow, draft, principal)
    return this.#host.refused(flow, refusalOf(context), principal)
  }

  async #keep(flow: OpenFlow, { context }: Snapshot, kept: Kept, principal: string): Promise<CheckedFlow> {
    const request = context.request as CodeAtRest['request']
    const sealed = await sealRequest(this.#core, flow, kept)
    const at: CodeAtRest = { machine: 'authorization-code@1', step: 'redirected', request, sealed }
    return this.#write(flow, at, principal)
  }

  #write(flow: OpenFlow, at: CodeAtRest, principal: string): Promise<CheckedFlow> {
    const { clock, limits } = this.#core
    const now = clock.now()
    const next = signingInRecordOf(flow, at, { now, idle: limits.flowIdle })
    return this.#host.records.save(flow, next, principal)
  }

  #resume({ flowId }: OpenFlow, at: CodeAtRest): Snapshot {
    return codeDriver.resume(at.step, codeContextOf(flowId, at))
  }

  #workOf(flow: OpenFlow): SignInActors<CodeAuthorizer> {
    const compiled = methodOf(integrationOf(this.#core, flow.domain), flow.context.method)
    const { way } = pageOf(compiled.pages, flow, 'authorize')
    return new SignInActors({ core: this.#core, compiled, flow, way })
  }
}

/** The answer of a service, which the sign-in takes. */
interface Answered {
  readonly step: ReturnType<typeof codeDriver.start>
  readonly before: Snapshot
  readonly kept: Kept
  readonly query: URLSearchParams
}
