import assert from 'node:assert/strict'
import type * as z from 'zod'
import { memoryStore } from '../adapters/memory/memory-store.ts'
import type { AnyIntegration } from '../authoring/integration.ts'
import type { EntryView } from '../engine/api/entries.ts'
import type { StartRequest } from '../engine/api/flows.ts'
import type { Latchkey } from '../engine/api/latchkey.ts'
import { createLatchkey } from '../engine/create-latchkey.ts'
import type { Log, LogFields } from '../ports/log.ts'
import type { EntryRecord } from '../ports/store.ts'
import type { ExternalView, FormView, MenuView, View } from '../view.ts'
import { eventTypes } from './event-types.ts'
import type { EnteredValues, StandingService } from './integration-world.ts'
import type { Shown } from './leaks.ts'
import { inClear, olderIntegration } from './older-integration.ts'
import { throughBrowser } from './through-browser.ts'
import { WatchedIntegration } from './watched-integration.ts'

/** More steps than any flow has. */
const STEPS = 100
const SCOPE = 'default'

/** A host with one integration, and a person who fills in its steps; it remembers all that it was shown. */
export class IntegrationPlayer {
  readonly watched: WatchedIntegration
  readonly shown: Shown[] = []
  readonly #store = memoryStore()
  readonly #service: StandingService
  #latchkey: Latchkey | undefined
  #isAway = false

  constructor(integration: AnyIntegration, service: StandingService) {
    this.watched = new WatchedIntegration(integration)
    this.#service = service
  }

  get #host(): Latchkey {
    assert.ok(this.#latchkey !== undefined, 'The host is not started.')
    return this.#latchkey
  }

  /** Starts the host, again where it runs. */
  async restart(): Promise<void> {
    await this.stop()
    const line = (message: string, fields: LogFields) => this.#show('the log', { message, fields })
    const log: Log = { info: line, warn: line, error: line }
    const latchkey = await createLatchkey({
      integrations: [this.watched.integration],
      store: this.#store,
      log,
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

  /** Takes the service away, and brings it back. */
  async setAway(isAway: boolean): Promise<void> {
    this.#isAway = isAway
    await (isAway ? this.#service.unreachable() : this.#service.back())
  }

  async start(request: StartRequest): Promise<View> {
    const { domain } = this.watched.integration
    return this.#see(await this.#host.flows.start({ domain, ...request }))
  }

  /** Imports values, and asks nobody. */
  async import({ shape }: z.ZodObject, values: EnteredValues): Promise<View> {
    const all = { ...this.#service.good, ...values }
    const input = Object.fromEntries(Object.entries(all).filter(([field]) => field in shape))
    this.watched.entered(input)
    return this.start({ source: 'import', input })
  }

  /** Puts an entry of an older version in the place of one, and starts the host anew. */
  async replaceByOlder({ entryId, uniqueId }: EntryRecord, version: number): Promise<EntryRecord> {
    const { domain } = this.watched.integration
    const values = this.#service.older?.[version]
    assert.ok(values !== undefined, `${domain}: the world says in no \`older\` what version ${version} kept.`)
    await this.#host.entries.remove(entryId)
    await this.stop()
    const older = olderIntegration(domain, version, { values, uniqueId })
    const latchkey = await createLatchkey({ integrations: [older], store: this.#store })
    const made = await latchkey.flows.start({ domain, source: 'import', input: inClear(values) })
    await latchkey.stop()
    await this.restart()
    return this.entry(made.entryId)
  }

  /** Fills in step after step, until the flow ends or a step shows an error. */
  async walk(first: View, differing: EnteredValues = {}, restarts = false): Promise<View> {
    let view = first
    for (let step = 0; step < STEPS; step++) {
      if (view.type === 'create_entry' || view.type === 'abort') return view
      if (restarts) {
        await this.restart()
        view = await this.#see(await this.#host.flows.get(view.flowId))
      }
      if (view.type === 'form') view = await this.#see(await this.#submit(view, differing))
      else if (view.type === 'menu') view = await this.#see(await this.#choose(view, differing))
      else if (view.type === 'external') view = await this.#see(await this.#signIn(view, differing))
      else this.fail(view, `cannot be played: it is of the type ${view.type}, and needs a person elsewhere`)
      if ('errors' in view && Object.keys(view.errors).length > 0) return view
    }
    return this.fail(view, `is reached after ${STEPS} steps, and there is no end`)
  }

  /** Goes back as far as the flow allows, and fills in everything anew: what a person does about an error. */
  async recover(failed: View): Promise<View> {
    let view = failed
    while ('mayGoBack' in view && view.mayGoBack)
      view = await this.#see(await this.#host.flows.back(view.flowId, { revision: view.revision }))
    return this.walk(view)
  }

  /** The entry as it is stored. */
  async entry(entryId: string | null): Promise<EntryRecord> {
    assert.ok(entryId !== null, `${this.watched.integration.domain}: the flow ended without an entry.`)
    this.#show('the entry', await this.#host.entries.get(entryId))
    this.#show('the history', await this.#host.history(entryId))
    const entry = await this.#store.getEntry(SCOPE, entryId)
    assert.ok(entry !== undefined, `${this.watched.integration.domain}: the entry ${entryId} is not stored.`)
    this.#show('the stored entry', entry)
    return entry
  }

  /** @throws AssertionError where an entry does not run */
  async expectRunning(entryId: string, when: string): Promise<EntryView> {
    const entry = await this.#host.entries.get(entryId)
    assert.equal(entry.state, 'loaded', `${entry.domain}: the entry does not run ${when}.`)
    return entry
  }

  /** @throws AssertionError that names the integration and the step */
  fail(view: View, mistake: string): never {
    assert.fail(`${this.watched.integration.domain}, step ${stepOf(view)}: ${mistake}.`)
  }

  async #submit(view: FormView, differing: EnteredValues): Promise<View> {
    const all = this.#valuesAt(view, differing)
    const input = Object.fromEntries(
      view.order.flatMap((field) => (field in all ? [[field, all[field]]] : [])),
    )
    const missing = view.schema.required.filter((field) => !(field in input))
    if (missing.length > 0) this.fail(view, `the world gives no value for ${missing.join(', ')}`)
    this.watched.entered(input)
    return this.#host.flows.submit(view.flowId, input, { revision: view.revision })
  }

  /** What the world says for a step. */
  #valuesAt({ source, challenge: asked, values }: FormView, differing: EnteredValues): EnteredValues {
    const { good, challenge = {} } = this.#service
    if (source === 'options' || source === 'subentry') return { ...values, ...differing }
    return { ...good, ...(asked === undefined ? differing : challenge[asked]) }
  }

  async #choose(view: MenuView, differing: EnteredValues): Promise<View> {
    const choices = { ...this.#service.good.choices, ...differing.choices }
    const only = view.options.length === 1 ? view.options[0]?.value : undefined
    const choice = choices[view.page ?? view.step] ?? only
    if (choice === undefined) return this.fail(view, 'the world says in no `choices` what to choose')
    return this.#host.flows.choose(view.flowId, choice, { revision: view.revision })
  }

  async #signIn(view: ExternalView, differing: EnteredValues): Promise<View> {
    const service = this.#service
    const values = { ...service.good, ...differing }
    if (service.signIn === undefined)
      return this.fail(view, 'the world has no `signIn` that goes to this page')
    const signIn = service.signIn.bind(service)
    return throughBrowser(this.#host, view, async (address) => {
      // The page of a service that is away shows nothing: it goes while the browser is on its way back.
      if (this.#isAway) await service.back()
      const back = await signIn(address, values)
      if (this.#isAway) await service.unreachable()
      return back
    })
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

const stepOf = (view: View): string =>
  'step' in view ? ('page' in view ? `${view.step} (${view.page})` : view.step) : view.type
