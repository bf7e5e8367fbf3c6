import type { LatchkeyEvents, LatchkeyEventType, Listener } from '../engine/api/events.ts'
import type { ScopedLatchkey } from '../engine/api/latchkey.ts'
import { loggedError } from '../engine/lib/redact.ts'
import { LatchkeyError } from '../errors.ts'
import type { Log } from '../ports/log.ts'

/** How many messages can be told again to somebody who lost the connection. */
const KEPT = 1_000
const PAGE = 1_000

/** A message of the stream, as its bytes. */
interface Message {
  readonly number: number
  readonly bytes: Uint8Array
}

type Sink = (bytes: Uint8Array) => void

const encoder = new TextEncoder()

/**
 * What happens in one scope, as messages that are made once for all who listen: what changed is read again and told
 * as it is then, so that nobody has to put events together.
 */
export class ScopeEvents {
  readonly #latchkey: ScopedLatchkey
  readonly #log: Log
  /** Ids of another process, or of an earlier life of this one, are not ours. */
  readonly #life = crypto.randomUUID().slice(0, 8)
  readonly #sinks = new Set<Sink>()
  readonly #stops: (() => void)[]
  #kept: Message[] = []
  #number = 0
  #snapshot: Promise<Message> | null = null
  #work: Promise<void> = Promise.resolve()
  /** What has to be read again, and how. */
  readonly #dirty = new Map<string, () => Promise<void>>()
  /** Up to where it is known what other processes have written. */
  #seen: string | null = null
  #looking: Promise<void> | null = null
  #idle = 0

  constructor(latchkey: ScopedLatchkey, log: Log) {
    this.#latchkey = latchkey
    this.#log = log
    const on = <Type extends LatchkeyEventType>(type: Type, listener: Listener<Type>) =>
      latchkey.on(type, listener)
    const flow = ({ flowId }: { flowId: string }) =>
      this.#mark(`flow ${flowId}`, () => this.#tellFlow(flowId))
    const entry = ({ entryId }: { entryId: string }) =>
      this.#mark(`entry ${entryId}`, () => this.#tellEntry(entryId))
    const attention = ({ entryId }: { entryId: string }) =>
      this.#mark(`attention ${entryId}`, () => this.#tellAttention(entryId))
    this.#stops = [
      on('flow_started', flow),
      on('flow_progressed', flow),
      on('flow_finished', (event) => {
        flow(event)
        // The flow that would have mended it is gone.
        if (event.entryId !== null) attention({ entryId: event.entryId })
      }),
      on('entry_added', entry),
      on('entry_updated', entry),
      on('entry_state_changed', entry),
      on('entry_removed', ({ entryId }) =>
        this.#mark(`entry ${entryId}`, async () => this.#publish('entry_removed', { entryId })),
      ),
      on('attention_changed', (event) => {
        attention(event)
        entry(event)
      }),
      on('transition', (event) => this.#transition(event)),
    ]
  }

  close(): void {
    for (const stop of this.#stops) stop()
  }

  /** To be called at regular intervals. @returns how often in a row nobody was listening then */
  countIdle(): number {
    this.#idle = this.isHeard ? 0 : this.#idle + 1
    return this.#idle
  }

  /** Whether anybody listens. */
  get isHeard(): boolean {
    return this.#sinks.size > 0
  }

  /** Tells of what other processes have written since this was asked last, as far as the history knows of it. */
  lookElsewhere(): Promise<void> {
    this.#looking ??= this.#lookElsewhere().finally(() => {
      this.#looking = null
    })
    return this.#looking
  }

  /**
   * Tells somebody all that happens from now on: first what they missed since `lastId`, or how everything stands.
   * @returns how to stop
   */
  async join(lastId: string | null, sink: Sink): Promise<() => void> {
    this.#idle = 0
    await this.lookElsewhere()
    let missed = this.#after(this.#numberOf(lastId))
    while (missed === null) {
      const { number, bytes } = await this.#standing()
      missed = this.#after(number)
      if (missed !== null) sink(bytes)
    }
    for (const { bytes } of missed) sink(bytes)
    this.#sinks.add(sink)
    return () => this.#sinks.delete(sink)
  }

  /** The number in an id; null where the id is not of this life. */
  #numberOf(id: string | null): number | null {
    const [life, text] = id?.split('-') ?? []
    return life === this.#life && /^\d{1,15}$/.test(text ?? '') ? Number(text) : null
  }

  /** What came after a message; null where that is no longer known, or the message is none. */
  #after(number: number | null): Message[] | null {
    if (number === null || number > this.#number) return null
    const oldest = this.#kept[0]?.number ?? this.#number + 1
    return number < oldest - 1 ? null : this.#kept.filter((message) => message.number > number)
  }

  /** How everything stands, read once for all who come meanwhile; not longer, because others write too. */
  #standing(): Promise<Message> {
    this.#snapshot ??= this.#readAll().finally(() => {
      this.#snapshot = null
    })
    return this.#snapshot
  }

  async #readAll(): Promise<Message> {
    const number = this.#number
    const { entries, flows, attention } = this.#latchkey
    const all = {
      entries: await everything((query) => entries.list(query)),
      ignored: await everything((query) => entries.list({ ...query, ignored: true })),
      flows: await everything((query) => flows.list(query)),
      attention: await attention.list(),
    }
    return { number, bytes: this.#encode(number, 'snapshot', all) }
  }

  async #lookElsewhere(): Promise<void> {
    const found = await this.#latchkey.otherProcessChanges(this.#seen)
    if (found === null) return
    this.#seen = found.mark
    for (const flowId of found.flowIds) this.#mark(`flow ${flowId}`, () => this.#tellFlow(flowId))
    for (const entryId of found.entryIds) {
      this.#mark(`entry ${entryId}`, () => this.#tellEntry(entryId, { orRemoved: true }))
      this.#mark(`attention ${entryId}`, () => this.#tellAttention(entryId))
    }
  }

  /** Something is to be told; what changes meanwhile is told once. */
  #mark(key: string, tell: () => Promise<void>): void {
    const waits = this.#dirty.size > 0
    this.#dirty.set(key, tell)
    if (!waits) this.#work = this.#work.then(() => this.#tellAll())
  }

  async #tellAll(): Promise<void> {
    while (this.#dirty.size > 0) {
      const all = [...this.#dirty.values()]
      this.#dirty.clear()
      for (const tell of all) {
        try {
          await tell()
        } catch (error) {
          if (error instanceof LatchkeyError && error.code === 'STOPPED') continue
          this.#log.error('What changed could not be told.', { error: loggedError(error) })
        }
      }
    }
  }

  async #tellFlow(flowId: string): Promise<void> {
    const view = await orGone(this.#latchkey.flows.get(flowId))
    if (view !== null) this.#publish('flow', view)
  }

  async #tellEntry(entryId: string, { orRemoved = false } = {}): Promise<void> {
    const view = await orGone(this.#latchkey.entries.get(entryId))
    if (view !== null) this.#publish('entry', view)
    else if (orRemoved) this.#publish('entry_removed', { entryId })
  }

  async #tellAttention(entryId: string): Promise<void> {
    this.#publish('attention', { entryId, item: await this.#latchkey.attention.get(entryId) })
  }

  #transition({ scope: _, ...transition }: LatchkeyEvents['transition']): void {
    this.#publish('transition', transition)
    const { machine, id } = transition
    if (!beside.has(machine)) {
      this.#mark(`flow ${id}`, () => this.#tellFlow(id))
    }
  }

  #publish(type: string, data: object): void {
    this.#number++
    const message = { number: this.#number, bytes: this.#encode(this.#number, type, data) }
    this.#kept.push(message)
    if (this.#kept.length > 2 * KEPT) this.#kept = this.#kept.slice(-KEPT)
    for (const sink of this.#sinks) sink(message.bytes)
  }

  #encode(number: number, type: string, data: object): Uint8Array {
    return encoder.encode(`id: ${this.#life}-${number}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`)
  }
}

/** The machines whose steps say nothing of what a flow shows. */
const beside: ReadonlySet<LatchkeyEvents['transition']['machine']> = new Set([
  'configEntry',
  'authorizationCode',
  'deviceCode',
  'token',
])

/** All pages of a list. */
async function everything<Item>(
  list: (query: {
    after?: string
    limit: number
  }) => Promise<{ items: readonly Item[]; next: string | null }>,
): Promise<Item[]> {
  const all: Item[] = []
  for (let after: string | undefined; ; ) {
    const page = await list({ limit: PAGE, ...(after !== undefined && { after }) })
    all.push(...page.items)
    if (page.next === null) return all
    after = page.next
  }
}

/** Null for what is no longer there. */
async function orGone<View>(reading: Promise<View>): Promise<View | null> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof LatchkeyError && /^UNKNOWN_/.test(error.code)) return null
    throw error
  }
}
