import { SimulatedClock } from 'xstate'
import {
  CannotConnectError,
  type EntryRecord,
  InvalidAuthError,
  type Store,
  StoreError,
} from '../../src/index.ts'
import { FailingStore } from '../../src/testing/failing-store.ts'
import { asForm, type Host, makeHost, openForm } from '../engine/host.ts'
import { TokenService } from '../engine/token-service.ts'
import type { Shelf } from './world.ts'

/** An entry whose token ends, the process that renews it, and others on the same store. */
export class TokenScene {
  /** The next answer of the service. */
  asked: () => unknown = () => undefined
  entryId = ''
  readonly service: TokenService
  readonly #shelf: Shelf
  readonly #first: Host
  #host: Host
  #store: FailingStore

  private constructor(shelf: Shelf, service: TokenService, host: Host, store: FailingStore) {
    this.#shelf = shelf
    this.service = service
    this.#first = host
    this.#host = host
    this.#store = store
    service.deaf = true
    service.before = () => this.asked()
  }

  static async begin(shelf: Shelf): Promise<TokenScene> {
    const clock = new SimulatedClock()
    clock.set(1_000_000)
    const service = new TokenService(clock)
    const store = new FailingStore(shelf())
    const host = await makeHost({ integrations: [service.integration], clock, store })
    const scene = new TokenScene(shelf, service, host, store)
    const form = await openForm(host.latchkey, 'tokens')
    const { entryId } = await host.latchkey.flows.submit(form.flowId, { password: 'typed' }, form)
    scene.entryId = entryId ?? ''
    return scene
  }

  get host(): Host {
    return this.#host
  }

  get store(): FailingStore {
    return this.#store
  }

  /** Another process replaces this one, which has ended. */
  async restart(): Promise<void> {
    await this.#host.latchkey.stop()
    this.#store = new FailingStore(this.#shelf())
    this.#host = await this.#first.again({ store: this.#store })
  }

  /** A call on the entry: the access token that it was made with, or the error's code and reason. */
  use({ latchkey } = this.#host): Promise<string> {
    return latchkey.entries
      .use(this.service.integration, this.entryId, (client) => client.call())
      .catch(({ code, reason }: { code: string; reason?: string }) => `${code} ${reason ?? ''}`)
  }

  /** The access token that the service has given out last. */
  get newest(): string {
    return `${this.service.good}`.replace('renewal', 'access')
  }

  /** The entry as it is stored. */
  async entry() {
    const record = await this.#store.getEntry('default', this.entryId)
    if (record === undefined) throw new Error('The entry was removed.')
    return record
  }

  /** Another process does something before this one goes on. */
  async meet(what: string): Promise<void> {
    if (what === 'held') return this.#hold()
    if (what === 'overdue') return this.#fail(86_400_000)
    if (what === 'recorded') return this.#fail(0)
    const store = new FailingStore(this.#shelf())
    const rival = await this.#first.again({ store })
    const { asked } = this
    this.asked = () => undefined
    if (what === 'rejected') {
      this.asked = refuse
      await this.use(rival)
    } else if (what === 'unsaved') {
      this.asked = () => store.before('apply', 1, full)
      await this.use(rival)
    } else {
      const form = asForm(await rival.latchkey.entries.requestReauth(this.entryId))
      await rival.latchkey.flows.submit(form.flowId, { password: 'new' }, form)
    }
    await rival.latchkey.stop()
    this.asked = asked
  }

  /** Another process was the first to fail, this many milliseconds ago. */
  #fail(age: number): Promise<void> {
    const since = this.#host.clock.now() - age
    return this.#change({ refreshFailure: age === 0 ? null : { since, reason: 'timeout', overdue: false } })
  }

  /** Another process holds the right to renew the token. */
  async #hold(): Promise<void> {
    const { leases } = this.#store
    await leases.claim(this.#right, { holder: 'another', ms: 15_000, now: this.#host.clock.now() })
  }

  /** Whether another process holds the right to renew the token. */
  async isHeld(): Promise<boolean> {
    const { leases } = this.#store
    const claimed = await leases.claim(this.#right, { holder: 'third', ms: 1, now: this.#host.clock.now() })
    if (claimed !== null) await leases.release('third', [this.#right])
    return claimed === null
  }

  get #right() {
    return { scope: 'default', kind: 'token', id: this.entryId } as const
  }

  /** Another process writes the entry. */
  async #change(change: Partial<EntryRecord>): Promise<void> {
    const store: Store = this.#store
    for (let tries = 0; tries < 5; tries++) {
      const record = await this.entry()
      const { revision } = record
      const changed = { ...record, ...change, revision: revision + 1 }
      const written = store.apply('default', [{ put: 'entry', record: changed, ifRevision: revision }])
      if (await written.then(() => true).catch(() => false)) return
    }
    throw new Error('The entry could not be written.')
  }
}

export const full = (): never => {
  throw new StoreError('The disk is full.')
}

export const refuse = (): never => {
  throw new InvalidAuthError()
}

export const unreachable = (): never => {
  throw new CannotConnectError()
}
