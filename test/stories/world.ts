import { expect } from '@jest/globals'
import type { SimulatedClock } from 'xstate'
import { ENTRY_MESSAGES } from '../../src/engine/entries/entry-log.ts'
import { REFRESH_FAILED } from '../../src/engine/tokens/refresh-calls.ts'
import {
  createLatchkey,
  type EntryRecord,
  type Latchkey,
  type Log,
  type ScopedLatchkey,
  type Store,
} from '../../src/index.ts'
import { SimulatedClock as Clock, type FailingStore, ScriptedService } from '../../src/testing/index.ts'
import { UnheardStore, WatchedJobs } from './own-process.ts'

/** Opens the same store again: another object over the same file, or the same object where it lives in memory. */
export type Shelf = () => Store

/** The transport of calls to the engine. */
export type FlowCalls = (latchkey: Latchkey, scope: string) => ScopedLatchkey['flows']

const directly: FlowCalls = (latchkey, scope) => latchkey.scope(scope).flows

/** A host with an engine that can be restarted, a service, a clock, and rivals on the same store. */
export class World {
  readonly service: ScriptedService
  readonly integration: ScriptedService['integration']
  /** The sub-entries that the last connection received. */
  handed: readonly { readonly title: string }[] = []
  /** Whether connections fail to close, or never close. */
  stuck: boolean | 'hangs' = false
  readonly clock: SimulatedClock = new Clock()
  /** Unexpected log lines: connections that could not be closed, listeners that threw. */
  readonly complaints: string[] = []
  readonly #shelf: Shelf
  readonly #overrides: ConstructorParameters<typeof ScriptedService>[0]
  readonly #calls: FlowCalls
  #latchkey: Latchkey | null = null
  #store: FailingStore | null = null
  #jobs = new WatchedJobs()
  /** The store of the engine, without injected failures. */
  #inner: Store | null = null

  constructor(
    shelf: Shelf,
    overrides: ConstructorParameters<typeof ScriptedService>[0] = {},
    calls: FlowCalls = directly,
  ) {
    this.#shelf = shelf
    this.#calls = calls
    this.#overrides = overrides
    this.service = new ScriptedService(overrides)
    const { integration } = this.service
    this.integration = {
      ...integration,
      connect: async (values, context) => {
        const result = await integration.connect(values, context)
        this.handed = context.subentries
        return 'client' in result ? { ...result, dispose: () => this.#dispose(result) } : result
      },
    }
  }

  get store(): FailingStore {
    if (this.#store === null) throw new Error('The world has not begun.')
    return this.#store
  }

  scope(name: string): ScopedLatchkey {
    if (this.#latchkey === null) throw new Error('The world has not begun.')
    return { ...this.#latchkey.scope(name), flows: this.#calls(this.#latchkey, name) }
  }

  /** Starts the first process. */
  async begin(): Promise<void> {
    if (this.#latchkey === null) await this.restart()
  }

  /** Starts a new process over the same store. The previous one releases everything. */
  async restart(prepare: (store: FailingStore) => void = () => {}): Promise<void> {
    await this.stop()
    this.#inner = this.#shelf()
    this.#store = new UnheardStore(this.#inner)
    this.#jobs = new WatchedJobs()
    this.#latchkey = await this.#engine(this.integration, this.#store, this.#jobs)
    prepare(this.#store)
    await this.#latchkey.start()
  }

  async stop(): Promise<void> {
    await this.#latchkey?.stop()
    this.#latchkey = null
    expect(this.service.open).toBe(0)
  }

  /** Lets time pass, after the tasks have ended their turns: the time of a turn is not the time of a story. */
  async advance(milliseconds: number): Promise<void> {
    await soon()
    await until(() => this.#jobs.turns === 0)
    this.clock.increment(milliseconds)
  }

  /** Another process on the same store does something, and ends. */
  async rival(scope: string, act: (rival: ScopedLatchkey, service: ScriptedService) => Promise<unknown>) {
    const service = new ScriptedService(this.#overrides)
    const latchkey = await this.#engine(service.integration, this.#shelf(), new WatchedJobs())
    await act(latchkey.scope(scope), service)
    await latchkey.stop()
    expect(service.open).toBe(0)
  }

  /** An entry as it is stored. */
  async row(scope: string, entryId: string): Promise<EntryRecord | undefined> {
    return this.#inner?.getEntry(scope, entryId)
  }

  /** Writes to the store past any engine. */
  async write<Result>(act: (store: Store) => Promise<Result>): Promise<Result> {
    const store = this.#shelf()
    await store.open()
    const result = await act(store)
    await store.close()
    return result
  }

  async #dispose(connection: { dispose?(): void | Promise<void> }): Promise<void> {
    await connection.dispose?.()
    if (this.stuck === 'hangs') await new Promise(() => {})
    if (this.stuck) throw new Error('The connection is stuck.')
  }

  #engine(integration: ScriptedService['integration'], store: Store, jobs: WatchedJobs): Promise<Latchkey> {
    const complain = (fields: { error?: unknown }, message: string) => {
      if (!expected.has(message)) this.complaints.push(`${message} ${JSON.stringify(fields)}`)
    }
    const log: Log = { info: () => {}, warn: complain, error: complain }
    return createLatchkey({
      integrations: [integration],
      store,
      clock: this.clock,
      jobs,
      log,
      random: () => 0,
      // As the default of stores that are not shared.
      connect: 'eager',
    })
  }
}

/** The expected log lines of stories. */
const expected = new Set([
  ...Object.values(ENTRY_MESSAGES),
  REFRESH_FAILED,
  'An actor of a flow failed unexpectedly.',
  'An actor of an entry failed unexpectedly.',
  'An entry could not be migrated.',
  'An entry could not be unloaded.',
  'A connection was not closed in time.',
  'A call of the integration failed.',
  'The service reports another unique id than the stored one.',
])

/** Waits until a condition holds, for 60 s at most. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const last = Date.now() + 60_000
  while (!(await holds())) {
    if (Date.now() > last) throw new Error('It never came to that.')
    await soon()
  }
}

/** Awaits all work in progress. */
export const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
