import { SimulatedClock } from 'xstate'
import * as z from 'zod'
import {
  createLatchkey,
  defineIntegration,
  InvalidAuthError,
  type Latchkey,
  memoryStore,
  plainCipher,
  StoreError,
  secret,
} from '../../src/index.ts'
import type { UnsavedToken } from '../../src/ports/token-journal.ts'
import { FailingStore } from '../../src/testing/index.ts'

const SECOND = 1_000
/** The lifetime of an access token. */
const LIFE = 600 * SECOND
const fields = z.object({ account: z.string() })
const stored = z.object({ account: z.string(), renewal: secret(), ends: z.number() })

/** Returns numbers from 0 to 1 that depend only on the seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A service that rotates its tokens, answers late, and has clients that close late, badly or never. */
class RotatingService {
  /** The good renewal token of each account; null after an old one came again. */
  readonly good = new Map<string, number | null>()
  /** Whether everything answers at once. */
  isCalm = false
  refreshes = 0
  readonly #clock: SimulatedClock
  readonly #random: () => number

  constructor(clock: SimulatedClock, random: () => number) {
    this.#clock = clock
    this.#random = random
  }

  readonly integration = defineIntegration({
    domain: 'rotating',
    title: 'Rotating',
    fields,
    stored,
    exchange: async ({ account }) => {
      this.good.set(account, 1)
      return { account, renewal: `${account}:1`, ends: this.#clock.now() + LIFE * (0.5 + this.#random()) }
    },
    expiresAt: ({ ends }) => ends,
    refresh: async ({ account, renewal }, { signal }) => {
      this.refreshes++
      await this.#late(6)
      if (this.#random() < 0.5) signal.throwIfAborted()
      const given = Number(renewal.reveal().split(':')[1])
      const good = this.good.get(account) ?? null
      // A renewal token that comes twice was stolen: the service revokes the whole family.
      this.good.set(account, good === given ? good + 1 : null)
      if (good !== given) throw new InvalidAuthError()
      // The old token is dead from here on, while the answer is on its way.
      await this.#late(16)
      return { renewal: `${account}:${good + 1}`, ends: this.#clock.now() + LIFE }
    },
    connect: async ({ account }, context) => {
      await this.#late(4)
      return {
        client: { renewal: async () => (await context.stored()).renewal.reveal() },
        uniqueId: account,
        dispose: async () => {
          const chance = this.#random()
          if (this.isCalm || chance < 0.3) return
          if (chance < 0.6) return new Promise<void>(() => {})
          if (chance < 0.7) throw new Error('It does not close.')
          await this.#late(14)
        },
      }
    },
  })

  /** Waits for some seconds, or not at all. */
  async #late(seconds: number): Promise<void> {
    if (this.isCalm || this.#random() < 0.4) return
    const wait = this.#random() * seconds * SECOND
    await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, wait))
  }
}

/** The result of one stop. */
export interface StopResult {
  readonly seconds: number
  readonly refreshes: number
  /** The accounts whose stored token is not the one that the service accepts. */
  readonly lost: readonly string[]
}

/** Links accounts, puts them under load, stops at a random moment, and starts again. */
export async function stopUnderLoad(seed: number): Promise<StopResult> {
  const random = randomFrom(seed)
  const upTo = (most: number) => Math.floor(random() * (most + 1))
  const clock = new SimulatedClock()
  clock.set(1_000_000)
  const service = new RotatingService(clock, random)
  const inner = Object.assign(memoryStore(), { journal: journal() })
  const pass = async (milliseconds: number) => {
    clock.increment(milliseconds)
    await rest()
  }
  const open = async () => {
    const store = new FailingStore(inner)
    const options = { integrations: [service.integration], cipher: plainCipher(), clock, random: () => 0 }
    return { latchkey: await createLatchkey({ ...options, store }), store }
  }
  const use = (latchkey: Latchkey, entryId: string) =>
    latchkey.entries.use(service.integration, entryId, (client) => client.renewal())

  const { latchkey, store } = await open()
  service.isCalm = true
  const entries = new Map<string, string>()
  for (let account = 0; account <= upTo(4); account++) {
    const form = await latchkey.flows.start({ domain: 'rotating', source: 'user' })
    const input = { account: `a${account}` }
    const { entryId } = await latchkey.flows.submit(form.flowId, input, { revision: form.revision })
    entries.set(input.account, entryId ?? '')
  }
  await pass(LIFE * (0.6 + random()))
  service.isCalm = false

  const ids = [...entries.values()]
  const anyId = () => ids[upTo(ids.length - 1)] ?? ''
  const load: (() => Promise<unknown>)[] = [
    ...Array.from({ length: 5 }, () => () => use(latchkey, anyId())),
    () => latchkey.entries.use(service.integration, anyId(), () => new Promise(() => {})),
    () => latchkey.entries.use(service.integration, anyId(), (_, { signal }) => ended(signal)),
    () => latchkey.entries.reload(anyId()),
    () => latchkey.entries.unload(anyId()),
    () => latchkey.flows.start({ domain: 'rotating', source: 'reauth', entryId: anyId() }),
  ]
  latchkey.on('entry_unloaded', () => (random() < 0.1 ? new Promise(() => {}) : undefined))
  for (let calls = 3 + upTo(15); calls > 0; calls--) {
    load[upTo(load.length - 1)]?.().catch(() => {})
    if (random() < 0.4) await pass(upTo(4) * SECOND)
  }
  for (const call of ['apply', 'getEntry'] as const)
    if (random() < 0.2) store.before(call, 1 + upTo(5), fullDisk)

  let isStopped = false
  const stop = latchkey.stop().then(() => {
    isStopped = true
  })
  await rest()
  let seconds = 0
  for (; !isStopped && seconds < 60; seconds++) await pass(SECOND)
  if (isStopped) await stop
  // Answers on their way arrive, as in a process that goes on.
  for (let wait = 0; wait < 6; wait++) await pass(10 * SECOND)

  service.isCalm = true
  const refreshes = service.refreshes
  const next = await open()
  const lost: string[] = []
  for (const [account, entryId] of entries) {
    const renewal = await use(next.latchkey, entryId).catch((error: { code: string }) => error.code)
    if (renewal !== `${account}:${service.good.get(account)}`) lost.push(`${account}: ${renewal}`)
  }
  await next.latchkey.stop()
  return { seconds, refreshes, lost }
}

function journal() {
  const rows = new Map<string, UnsavedToken>()
  return {
    put: async (token: UnsavedToken) => void rows.set(token.entryId, token),
    get: async (_: string, entryId: string) => rows.get(entryId),
    remove: async (_: string, entryId: string) => void rows.delete(entryId),
  }
}

const fullDisk = () => {
  throw new StoreError('The disk is full.')
}

const ended = (signal: AbortSignal) => new Promise((resolve) => signal.addEventListener('abort', resolve))

/** Lets all ready work run. Nothing here uses other threads. */
async function rest(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve))
}
