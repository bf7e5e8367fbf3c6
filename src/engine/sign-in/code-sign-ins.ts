import type { SnapshotFrom } from 'xstate'
import type { authorizationCodeMachine } from '../../../machines/authorization-code.ts'
import type { BeginResult } from '../../../machines/authorization-code-setup.ts'
import type { Draft } from '../../../machines/draft.ts'
import type { GrantResult } from '../../../machines/grant-result.ts'
import { StaleRevisionError, WrongStepError } from '../../errors.ts'
import type { CodeAuthorizer, CodeRequest } from '../../ports/authorizer.ts'
import type { View } from '../../view.ts'
import type { AuthorizeOptions, Authorizing, CameBack, Returned } from '../api/sign-ins.ts'
import {
  CODE_SIGN_IN_LIFETIME,
  type CodeSignInRecord,
  codeContextOf,
  codeDriver,
  refusalOf,
} from '../flow-state/authorization-record.ts'
import { stepViewOf } from '../flow-state/flow-charts.ts'
import { pageOf, pagesOf } from '../flow-state/flow-pages.ts'
import { type CheckedFlow, checkFlow, type OpenFlow } from '../flow-state/flow-record.ts'
import type { PlannedStep } from '../flow-state/planned-step.ts'
import { areReusable, type PreparedValues, preparedIn, writePrepared } from '../flow-state/prepared-values.ts'
import { signingInRecordOf } from '../flow-state/signing-in-record.ts'
import { methodOf } from '../integrations/compiled.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { HOST } from '../lib/principals.ts'
import { isAhead } from '../lib/stored-time.ts'
import { checkEntry } from '../records/entry-record.ts'
import {
  createState,
  flowOfState,
  openToken,
  randomText,
  type SealedToken,
  sealToken,
  sha256,
} from '../secrets/sealed-token.ts'
import { openRequest, sealRequest } from '../secrets/vault.ts'
import type { Invocation } from '../statecharts/runner.ts'
import { failedGrant, HeldGrants, mayPass } from './held-grants.ts'
import { failedSignIn, knownBefore, SignInActors } from './sign-in-actors.ts'
import type { SignInHost } from './sign-in-runs.ts'

type Snapshot = SnapshotFrom<typeof authorizationCodeMachine>

/** The result for a sign-in that has ended, was already used, or was replaced by a newer one. */
const expired = (flowId: string): Returned => ({ type: 'ignored', flowId, code: 'authorize_expired' })

/** The request of a sign-in, stored encrypted until the browser returns. */
type PendingRequest = CodeRequest & { readonly url: string; readonly principal: string }

/** Runs sign-ins in the browser, by the authorization code grant. Their state is stored in the flow's record. */
export class CodeSignIns {
  readonly #core: Core
  readonly #host: SignInHost
  readonly #grants: HeldGrants
  /**
   * The scopes of the flows whose sign-in has begun in this process, for the answer to a browser without the cookie.
   * Removed after the lifetime of the sign-in.
   */
  readonly #begun = new Map<string, { readonly scope: string; readonly until: number }>()

  constructor(core: Core, host: SignInHost) {
    this.#core = core
    this.#host = host
    this.#grants = new HeldGrants(core)
  }

  /**
   * Starts a sign-in. A sign-in of the flow that was started before becomes invalid.
   *
   * @throws UnknownFlowError, FlowEndedError, StaleRevisionError, WrongStepError
   */
  begin(scope: string, flowId: string, options: AuthorizeOptions): Promise<Authorizing> {
    const { revision, redirectUri, principal = HOST } = options
    return this.#host.locked(scope, flowId, async () => {
      const flow = await this.#host.updates.expected(scope, flowId, revision)
      if (stepViewOf(flow).view !== 'external') throw new WrongStepError(flow.step, 'authorize')
      const held = this.#grants.take(flow)
      if (held !== null) return { view: await this.#offer(flow, held, principal), browser: null }
      const actors = await this.#actorsOf(flow)
      const entry = flow.entryId === null ? undefined : await this.#core.store.getEntry(scope, flow.entryId)
      const browser = await sealToken(this.#core, flow)
      const state = await createState(flow, flow.domain)
      const earlier = await preparedIn(this.#core, flow)
      const isReusable = areReusable(flow)
      const usable = isReusable && earlier?.redirectUri === redirectUri ? { prepared: earlier.prepared } : {}
      const request = { redirectUri, state, nonce: randomText(), verifier: randomText(), ...usable }
      actors.conceal(earlier?.prepared ?? {})
      let now = null as PreparedValues | null
      let pending = null as PendingRequest | null
      const perform = async (invocation: Invocation): Promise<BeginResult> => {
        // A replacement signs in with another account, so the current one is not suggested.
        const known = entry === undefined || flow.source === 'replace' ? null : checkEntry(entry).data
        const answer = await actors.call(invocation, secretsOf(request), async (authorizer, reach) => {
          const preparing = authorizer.prepare?.(request, reach)
          const prepared = await actors.prepared(invocation, request.prepared, preparing)
          now = prepared === undefined ? null : { prepared, redirectUri }
          const full = { ...request, ...now }
          return { type: 'ready', full, url: await authorizer.begin(full, known, reach) } as const
        })
        if (answer.type === 'failed') return failedSignIn(answer)
        pending = { ...answer.full, url: answer.url, principal }
        const expiresAt = this.#core.clock.now() + CODE_SIGN_IN_LIFETIME
        const hashes = { browserHash: await sha256(browser), stateHash: await sha256(state) }
        return { type: 'begun', request: { ...hashes, expiresAt } }
      }
      const from = codeDriver.start({ flowId })
      const snapshot = await this.#host.runs.settle(flow, codeDriver, { from, before: null, perform })
      const begun = snapshot.status === 'done' ? null : pending
      if (begun !== null) this.#remember(flow)
      const isSpent = snapshot.context.isSpent || (now === null && !isReusable)
      const refusal = { type: 'refused', ...refusalOf({ ...snapshot.context, isSpent }) } as const
      const saved = await writePrepared(this.#core, flow, {
        ...{ earlier, now },
        next: (from) =>
          begun === null
            ? this.#host.repository.stepAfter(from, refusal)
            : this.#stepTo(from, snapshot, begun),
        save: (step) => this.#save(flow, step, principal),
      })
      return { view: this.#host.view(saved), browser: begun && browser }
    })
  }

  /** Returns the URL at the service. Null if another browser started the sign-in, or if it has expired. */
  async redirect(flowId: string, browser: string): Promise<string | null> {
    const name = await openToken(this.#core, 'browser', browser, '')
    const found = name?.flowId === flowId ? await this.#find(name) : null
    if (found?.signIn.step !== 'redirected') return null
    const { browserHash, expiresAt } = found.signIn.request
    if (browserHash !== (await sha256(browser)) || !this.#isAhead(expiresAt)) return null
    return (await openRequest<PendingRequest>(this.#core, found.flow, found.signIn.sealed)).url
  }

  /**
   * Processes the redirect from the service. Only the browser that started the sign-in can finish it, and only once.
   */
  async finish({ domain, query, browserOf }: CameBack): Promise<Returned> {
    const state = query.get('state') ?? ''
    const named = await flowOfState(state, domain)
    const earlier = named === null ? await openToken(this.#core, 'state', state, domain) : null
    const flowId = named ?? earlier?.flowId ?? null
    if (flowId === null) return { type: 'ignored', flowId, code: 'authorize_foreign' }
    const browser = browserOf(flowId) ?? ''
    const name = earlier ?? (await this.#nameOf(flowId, browser))
    if (name === null) return { type: 'ignored', flowId, code: 'authorize_foreign' }
    const { scope } = name
    const stateHash = await sha256(state)
    const browserHash = await sha256(browser)
    return this.#host.locked(scope, flowId, async (): Promise<Returned> => {
      const found = await this.#find(name)
      if (found === null) return expired(flowId)
      const { flow, signIn } = found
      const { expiresAt } = signIn.request
      // An end that is too far ahead was written while a clock was wrong: the redirect is late.
      const now = this.#isAhead(expiresAt) ? this.#core.clock.now() : expiresAt
      const before = this.#resume(flow, signIn)
      const step = codeDriver.send(before, { type: 'callback', browserHash, stateHash, now })
      if (step === null) {
        const isUsed = signIn.step === 'exchangingCode' || stateHash !== signIn.request.stateHash
        return isUsed ? expired(flowId) : { type: 'ignored', flowId, code: 'authorize_foreign' }
      }
      const request = await openRequest<PendingRequest>(this.#core, flow, signIn.sealed)
      if (step.work === null) {
        this.#host.runs.publish(flow, codeDriver, { ...step, before })
        return this.#finished(flow, step.snapshot, request.principal)
      }
      return this.#exchange(flow, signIn, { step, before, request, query })
    })
  }

  /** Returns the name of a flow. The state has no scope, so the cookie or this process must know it. */
  async #nameOf(flowId: string, browser: string): Promise<SealedToken | null> {
    const name = await openToken(this.#core, 'browser', browser, '')
    if (name?.flowId === flowId) return name
    const begun = this.#begun.get(flowId)
    return begun === undefined ? null : { scope: begun.scope, flowId }
  }

  /** Records the scope of a sign-in, and removes those of earlier sign-ins that have expired. */
  #remember({ scope, flowId }: OpenFlow): void {
    const now = this.#core.clock.now()
    this.#begun.delete(flowId)
    for (const [id, { until }] of this.#begun) {
      if (until > now) break
      this.#begun.delete(id)
    }
    this.#begun.set(flowId, { scope, until: now + CODE_SIGN_IN_LIFETIME })
  }

  /**
   * Returns the flow of a token with its stored sign-in; null if the flow has ended or has no sign-in in the browser.
   */
  async #find({ scope, flowId }: SealedToken): Promise<{ flow: OpenFlow; signIn: CodeSignInRecord } | null> {
    const stored = await this.#core.store.getFlow(scope, flowId)
    const flow = stored === undefined ? null : checkFlow(stored)
    const signIn = flow?.open === true ? flow.context.authorization : undefined
    return flow?.open === true && signIn?.machine === 'authorization-code@1' ? { flow, signIn } : null
  }

  #isAhead(expiresAt: number): boolean {
    return isAhead(expiresAt, this.#core.clock.now(), CODE_SIGN_IN_LIFETIME)
  }

  async #exchange(
    flow: OpenFlow,
    signIn: CodeSignInRecord,
    { step, before, request, query }: Callback,
  ): Promise<Returned> {
    // Written before the exchange: if a code is redeemed twice, services revoke the tokens that they granted for it.
    const used = await this.#use(flow, signIn, request.principal)
    if (used === null) return expired(flow.flowId)
    const actors = await this.#actorsOf(flow)
    actors.conceal(request.prepared ?? {})
    const callback = Object.assign(new URL(request.redirectUri), { search: query.toString() })
    const perform = async (invocation: Invocation): Promise<GrantResult> => {
      const secrets = [...callbackSecrets(query), ...secretsOf(request)]
      const answer = await actors.call(invocation, secrets, async (authorizer, reach) =>
        actors.granted(await authorizer.finish(callback, request, reach)),
      )
      return answer.type === 'failed' ? failedSignIn(answer) : answer
    }
    const snapshot = await this.#host.runs.settle(flow, codeDriver, { from: step, before, perform })
    return this.#finished(used, snapshot, request.principal)
  }

  /** Marks the sign-in as used. Returns null if another call has used or replaced it. */
  async #use(flow: OpenFlow, signIn: CodeSignInRecord, principal: string): Promise<OpenFlow | null> {
    try {
      const used = await this.#save(
        flow,
        this.#signingIn(flow, { ...signIn, step: 'exchangingCode' }),
        principal,
      )
      return used.open ? used : null
    } catch (error) {
      if (error instanceof StaleRevisionError) return null
      throw error
    }
  }

  async #finished(flow: OpenFlow, snapshot: Snapshot, principal: string): Promise<Returned> {
    try {
      return { type: 'moved', flowId: flow.flowId, view: await this.#settle(flow, snapshot, principal) }
    } catch (error) {
      // Another sign-in of this flow was started during the exchange and replaces this one.
      if (error instanceof StaleRevisionError) return expired(flow.flowId)
      throw error
    }
  }

  /** Continues the flow with the result of the sign-in. */
  async #settle(flow: OpenFlow, { context }: Snapshot, principal: string): Promise<View> {
    const { draft } = context
    if (draft !== null) return this.#offer(flow, draft, principal)
    return this.#host.view(await this.#host.refused(flow, refusalOf(context), principal))
  }

  /** Continues the flow with a grant. Holds it if the connection failed for a reason that passes. */
  async #offer(flow: OpenFlow, draft: Draft, principal: string): Promise<View> {
    const view = await this.#host.authorized(flow, draft, principal)
    const code = failedGrant(view)
    if (code !== null && mayPass(code)) this.#grants.hold(flow, draft)
    else if (code !== null) draft.reveal().revokeGrant?.(null)
    return view
  }

  /** Ends the timers of grants that wait for the next sign-in. */
  stop(): void {
    this.#grants.stop()
  }

  async #stepTo(flow: OpenFlow, { context }: Snapshot, pending: PendingRequest): Promise<PlannedStep> {
    const request = context.request as CodeSignInRecord['request']
    const sealed = await sealRequest(this.#core, flow, pending)
    const signIn: CodeSignInRecord = { machine: 'authorization-code@1', step: 'redirected', request, sealed }
    return this.#signingIn(flow, signIn)
  }

  #signingIn(flow: OpenFlow, signIn: CodeSignInRecord): PlannedStep {
    const { clock, limits } = this.#core
    return { record: signingInRecordOf(flow, signIn, { now: clock.now(), idle: limits.flowIdle }) }
  }

  #save(flow: OpenFlow, step: PlannedStep, principal: string): Promise<CheckedFlow> {
    return this.#host.updates.save(flow, step, principal, { guard: 'unclaimed' })
  }

  #resume({ flowId }: OpenFlow, signIn: CodeSignInRecord): Snapshot {
    return codeDriver.resume(signIn.step, codeContextOf(flowId, signIn))
  }

  async #actorsOf(flow: OpenFlow): Promise<SignInActors<CodeAuthorizer>> {
    const compiled = methodOf(integrationOf(this.#core, flow.domain), flow.context.method)
    const { authorizer } = pageOf(pagesOf(compiled, flow), flow, 'authorize')
    const known = await knownBefore(this.#core, compiled, flow)
    return new SignInActors({ core: this.#core, compiled, flow, authorizer, known })
  }
}

/** A redirect that the machine has accepted. */
interface Callback {
  readonly step: ReturnType<typeof codeDriver.start>
  readonly before: Snapshot
  readonly request: PendingRequest
  readonly query: URLSearchParams
}

/** The parameters of a redirect that explain its result (RFC 6749, 4.1.2 and RFC 9207). */
const EXPLAINING: ReadonlySet<string> = new Set(['error', 'error_description', 'error_uri', 'iss', 'scope'])

/** Returns the texts of a request that the log must not contain. */
const secretsOf = ({ state, nonce, verifier }: CodeRequest): readonly string[] => [state, nonce, verifier]

/** Parameters of a service, such as `prompt=1`, have short values that are not secrets. */
const MIN_PARAMETER = 8

/** Returns the parameters of a redirect that the log must not contain. */
const callbackSecrets = (query: URLSearchParams): readonly string[] =>
  [...query].flatMap(([name, value]) =>
    name === 'code' || (!EXPLAINING.has(name) && value.length >= MIN_PARAMETER) ? [value] : [],
  )
