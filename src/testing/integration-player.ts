import assert from 'node:assert/strict'
import type * as z from 'zod'
import { memoryStore } from '../adapters/memory/memory-store.ts'
import type { AnyIntegration } from '../authoring/integration.ts'
import type { EntryView } from '../engine/api/entries.ts'
import type { StartRequest } from '../engine/api/flows.ts'
import type { Latchkey } from '../engine/api/latchkey.ts'
import { createLatchkey } from '../engine/create-latchkey.ts'
import type { Log, LogFields, LoggedError } from '../ports/log.ts'
import type { EntryRecord } from '../ports/store.ts'
import type { DeviceView, ExternalView, FormView, MenuView, View } from '../view.ts'
import { completeSignIn } from './complete-sign-in.ts'
import { valuesAt } from './entered-values.ts'
import { eventTypes } from './event-types.ts'
import type { EnteredValues, StandingService } from './integration-world.ts'
import type { Shown } from './leaks.ts'
import { inClear, olderIntegration } from './older-integration.ts'
import { PlayerNetwork } from './player-network.ts'
import { WatchedIntegration } from './watched-integration.ts'

/**
 * The maximum of a wait of the host while the service is unreachable, in milliseconds. Shorter than the default timeouts of
 * jest and vitest, so that a test can name the call that does not end.
 */
const LONGEST_WAIT = 4_000

/** The maximum number of steps. */
const STEPS = 100
const SCOPE = 'default'

/** Plays the flows of one integration like a user. It records everything that the host publishes. */
export class IntegrationPlayer {
  readonly watched: WatchedIntegration
  readonly shown: Shown[] = []
  readonly network: PlayerNetwork
  readonly #store = memoryStore()
  /** Milliseconds that polls have added to the clock. */
  #ahead = 0
  readonly #service: StandingService
  #latchkey: Latchkey | undefined
  #isAway = false
  #answersWrong = false
  #logged: LoggedError | null = null

  constructor(integration: AnyIntegration, service: StandingService) {
    this.watched = new WatchedIntegration(integration)
    this.#service = service
    this.network = new PlayerNetwork(this.watched.secrets)
    for (const [hostname, origin] of Object.entries(service.hosts ?? {}))
      this.network.redirect(hostname, new URL(origin))
  }

  get #host(): Latchkey {
    assert.ok(this.#latchkey !== undefined, 'The host was not started.')
    return this.#latchkey
  }

  /** Starts or restarts the host. */
  async restart(): Promise<void> {
    await this.stop()
    const line = (fields: LogFields, message: string) => {
      this.#show('the log', { message, fields })
      if (fields.error !== undefined) this.#logged = fields.error
    }
    const log: Log = { info: line, warn: line, error: line }
    const latchkey = await createLatchkey({
      integrations: [this.watched.integration],
      store: this.#store,
      log,
      clock: {
        now: () => Date.now() + this.#ahead,
        setTimeout: (run, ms) => setTimeout(run, this.#isAway ? Math.min(ms, LONGEST_WAIT) : ms),
        clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
      },
      network: { fetch: this.network.fetch },
    })
    for (const type of eventTypes) {
      latchkey.on(type, (event) => this.#show(`the event ${type}`, event))
    }
    this.#latchkey = latchkey
    await latchkey.start()
  }

  async stop(): Promise<void> {
    await this.#latchkey?.stop()
    this.#latchkey = undefined
  }

  async cancel({ flowId }: View): Promise<void> {
    await this.#host.flows.cancel(flowId)
  }

  /** Returns the open follow-up flow of a result. */
  async next(end: View): Promise<View> {
    const flowId = 'nextFlow' in end ? end.nextFlow?.flowId : undefined
    return flowId === undefined
      ? this.fail(end, 'next returned no follow-up flow')
      : this.#see(await this.#host.flows.get(flowId))
  }

  async remove(entryId: string): Promise<void> {
    await this.#host.entries.remove(entryId)
  }

  /** Makes the service unreachable, or reachable again. */
  async setAway(isAway: boolean): Promise<void> {
    this.#isAway = isAway
    await (isAway ? this.#service.unreachable() : this.#service.back())
  }

  async start(request: StartRequest): Promise<View> {
    const { domain } = this.watched.integration
    return this.#see(await this.#host.flows.start({ domain, ...request }))
  }

  /** Imports values without user input. */
  async import({ shape }: z.ZodObject, values: EnteredValues): Promise<View> {
    const all = { ...this.#service.good, ...values }
    const input = Object.fromEntries(Object.entries(all).filter(([field]) => field in shape))
    this.watched.collectSecrets(input)
    return this.start({ source: 'import', input })
  }

  /** Submits answers that the service rejects to the challenges, until `isWrong` is false. */
  answerWrong(isWrong: boolean): void {
    this.#answersWrong = isWrong
  }

  /** Loads an entry again. @returns the entry afterwards */
  reload(entryId: string): Promise<EntryView> {
    return this.#host.entries.reload(entryId)
  }

  /** Returns an entry as users see it. */
  view(entryId: string): Promise<EntryView> {
    return this.#host.entries.get(entryId)
  }

  /** Sends a request with the client of an entry. @returns the error, or null */
  async use(entryId: string): Promise<unknown> {
    const { use } = this.#service
    const call = async (client: unknown) => use?.call(this.#service, client as never)
    return this.#host.entries.use(this.watched.integration, entryId, call).then(
      () => null,
      (error: unknown) => error,
    )
  }

  /** Advances the clock of the host past the end of the token. @returns false if the token does not expire */
  expireToken(): boolean {
    const at = this.watched.expiresAt()
    if (at === null) return false
    this.#ahead = Math.max(this.#ahead, at - Date.now() + 1_000)
    return true
  }

  /** Waits until an entry is no longer loaded, for three seconds at most. @returns its state */
  async leftLoaded(entryId: string): Promise<string> {
    const host = this.#host
    const changed = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 3_000)
      const stop = host.on('entry_state_changed', () => {
        clearTimeout(timer)
        stop()
        resolve()
      })
    })
    const { state } = await host.entries.get(entryId)
    if (state !== 'loaded') return state
    await changed
    return (await host.entries.get(entryId)).state
  }

  /** Replaces an entry by one of an older version, and restarts the host. */
  async replaceByOlder({ entryId, uniqueId }: EntryRecord, version: number): Promise<EntryRecord> {
    const { domain } = this.watched.integration
    const values = this.#service.older?.[version]
    assert.ok(values !== undefined, `${domain}: the world has no \`older[${version}]\`.`)
    await this.#host.entries.remove(entryId)
    await this.stop()
    const older = olderIntegration(domain, version, { values, uniqueId })
    const latchkey = await createLatchkey({ integrations: [older], store: this.#store })
    const made = await latchkey.flows.start({ domain, source: 'import', input: inClear(values) })
    await latchkey.stop()
    await this.restart()
    return this.entry(made.entryId)
  }

  /** Submits valid values to each step until the flow ends or a step shows an error. */
  async walk(first: View, differing: EnteredValues = {}, restarts = false): Promise<View> {
    let view = first
    for (let step = 0; step < STEPS; step++) {
      if (view.type === 'create_entry' || view.type === 'abort' || asksForAnother(view)) return view
      if (restarts) {
        await this.restart()
        view = await this.#see(await this.#host.flows.get(view.flowId))
      }
      if (view.type === 'form') view = await this.#see(await this.#submit(view, differing))
      else if (view.type === 'menu') view = await this.#see(await this.#choose(view, differing))
      else if (view.type === 'external') view = await this.#see(await this.#signIn(view, differing))
      else if (isDevice(view)) view = await this.#see(await this.#enterCode(view, differing))
      else this.fail(view, `cannot be played, because its type is ${view.type}`)
      if ('errors' in view && Object.keys(view.errors).length > 0) return view
    }
    return this.fail(view, `is reached after ${STEPS} steps without a result`)
  }

  /** Goes back to the first step and submits all forms again, like a user after an error. */
  async recover(failed: View): Promise<View> {
    let view = failed
    while ('mayGoBack' in view && view.mayGoBack)
      view = await this.#see(await this.#host.flows.back(view.flowId, { revision: view.revision }))
    return this.walk(view)
  }

  /** Returns the stored entry. */
  async entry(entryId: string | null): Promise<EntryRecord> {
    assert.ok(entryId !== null, `${this.watched.integration.domain}: the flow ended without an entry.`)
    this.#show('the entry', await this.#host.entries.get(entryId))
    this.#show('the history', await this.#host.history(entryId))
    const entry = await this.#store.getEntry(SCOPE, entryId)
    assert.ok(entry !== undefined, `${this.watched.integration.domain}: the entry ${entryId} is not stored.`)
    this.#show('the stored entry', entry)
    return entry
  }

  /** @throws AssertionError if the entry is not loaded */
  async expectRunning(entryId: string, when: string): Promise<EntryView> {
    const entry = await this.#host.entries.get(entryId)
    const mistake = `${entry.domain}: the entry is not loaded ${when}. It is ${entry.state}${this.loggedError()}.`
    assert.equal(entry.state, 'loaded', mistake)
    return entry
  }

  /** Returns the last logged error and its first place in the code, without secrets; empty without one. */
  loggedError(): string {
    if (this.#logged === null) return ''
    const { name, message, stack = '' } = this.#logged
    const place = /\n\s+(at .*)/.exec(stack)?.[1]
    return ` (${name}: ${message}${place === undefined ? '' : ` ${place}`})`
  }

  /** @throws AssertionError with the integration and the step */
  fail(view: View, mistake: string): never {
    assert.fail(`${this.watched.integration.domain}, step ${stepOf(view)}: ${mistake}.`)
  }

  async #submit(view: FormView, differing: EnteredValues): Promise<View> {
    const { good, challenge = {}, badChallenge = {} } = this.#service
    const answers = this.#answersWrong ? badChallenge : challenge
    const all = valuesAt(view, differing, { good, challenge: answers })
    const input = Object.fromEntries(
      view.order.flatMap((field) => (field in all ? [[field, all[field]]] : [])),
    )
    const missing = view.schema.required.filter((field) => !(field in input))
    if (missing.length > 0) this.fail(view, `the world has no value for ${missing.join(', ')}`)
    this.watched.collectSecrets(input)
    return this.#host.flows.submit(view.flowId, input, { revision: view.revision })
  }

  async #choose(view: MenuView, differing: EnteredValues): Promise<View> {
    const choices = { ...this.#service.good.choices, ...differing.choices }
    const only = view.options.length === 1 ? view.options[0]?.value : undefined
    const choice = choices[view.step] ?? only
    if (choice === undefined) return this.fail(view, 'the world has no `choices` for this menu')
    return this.#host.flows.choose(view.flowId, choice, { revision: view.revision })
  }

  async #signIn(view: ExternalView, differing: EnteredValues): Promise<View> {
    const service = this.#service
    const values = { ...service.good, ...differing }
    if (service.signIn === undefined) return this.fail(view, 'the world has no `signIn` for this page')
    const signIn = service.signIn.bind(service)
    return completeSignIn(this.#host, view, async (address) => {
      // An unreachable service cannot show its page, so it becomes unreachable only while the browser returns.
      if (this.#isAway) await service.back()
      const back = await signIn(address, values)
      if (this.#isAway) await service.unreachable()
      return back
    })
  }

  /** Requests a code, enters it at the service, and polls until the service has answered. */
  async #enterCode(view: DeviceView, differing: EnteredValues): Promise<View> {
    const service = this.#service
    let now = await this.#see(await this.#host.flows.poll(view.flowId))
    if (!isDevice(now) || now.userCode === undefined) return now
    if (service.approve === undefined) return this.fail(view, 'the world has no `approve` for this code')
    await service.approve(now.userCode, { ...service.good, ...differing })
    for (let polls = 0; polls < STEPS && isDevice(now) && Object.keys(now.errors).length === 0; polls++) {
      // The service may refuse polls that are more frequent.
      this.#ahead += now.interval
      now = await this.#see(await this.#host.flows.poll(view.flowId))
    }
    return now
  }

  async #see(view: View): Promise<View> {
    this.#show(`the view of the step ${stepOf(view)}`, view)
    this.#show('the stored flow', await this.#store.getFlow(SCOPE, view.flowId))
    return view
  }

  #show(where: string, what: unknown): void {
    this.shown.push({ where, what })
  }
}

/** Whether a view waits for a code that the user enters on another device. */
const isDevice = (view: View): view is DeviceView => view.type === 'progress' && view.step === 'device'

/** Whether a discovery asks whether to link another account than announced. */
export const asksForAnother = (view: View): boolean => 'step' in view && view.step === 'account_confirm'

const stepOf = (view: View): string =>
  'step' in view ? ('page' in view ? `${view.step} (${view.page})` : view.step) : view.type
