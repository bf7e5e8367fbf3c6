import type { EntryView } from '../engine/api/entries.ts'
import type { CheckedEntry, LatchkeyEvents, LatchkeyEventType, Listener } from '../engine/api/events.ts'
import type { ScopedLatchkey } from '../engine/api/latchkey.ts'
import { loggedError } from '../engine/lib/redact.ts'
import { LatchkeyError } from '../errors.ts'
import type { Log } from '../ports/log.ts'
import type { View } from '../view.ts'
import { flowWithoutDetails, withoutDetails } from './details.ts'

/** Number of messages that can be sent again to a listener that lost its connection. */
const MAX_RECENT = 1_000
const PAGE_SIZE = 1_000
/** Clients list the entries of larger scopes page by page. */
const MAX_LISTED = 10_000

/** A message of the stream, encoded. */
interface Message {
  readonly number: number
  readonly bytes: Uint8Array
}

type Sink = (bytes: Uint8Array) => void

const encoder = new TextEncoder()

/**
 * The events of one scope, encoded once for all listeners. After a change it reads the changed flow or entry again and
 * sends the complete view, so that listeners need not combine events.
 */
export class ScopeEvents {
  readonly #latchkey: ScopedLatchkey
  readonly #log: Log
  /** Identifies the message ids of this instance. Ids of other processes, or from before a restart, do not match. */
  readonly #instance = crypto.randomUUID().slice(0, 8)
  readonly #sinks = new Set<Sink>()
  readonly #stops: (() => void)[]
  #recent: Message[] = []
  #number = 0
  #snapshot: Promise<Message> | null = null
  #work: Promise<void> = Promise.resolve()
  /** The pending reads by key. */
  readonly #pending = new Map<string, () => Promise<void>>()
  #idle = 0
  /** Returns an entry as the listeners may see it. */
  readonly #shown: (entry: EntryView) => EntryView
  readonly #shownFlow: (view: View) => View
  /** Ends the listening for answers of services, while there are listeners. */
  #stopChecks: (() => void) | null = null
  /** Whether clients do not hold all entries of the scope, so that they cannot count them. */
  #isLarge = false
  /** Whether the counts may have changed since they were sent. */
  #hasChanged = false

  /** `details`: whether the listeners receive the details of failures. */
  constructor(latchkey: ScopedLatchkey, log: Log, details: boolean) {
    this.#shown = details ? (entry) => entry : withoutDetails
    this.#shownFlow = details ? (view) => view : flowWithoutDetails
    this.#latchkey = latchkey
    this.#log = log
    const on = <Type extends LatchkeyEventType>(type: Type, listener: Listener<Type>) =>
      latchkey.on(type, listener)
    const flow = ({ flowId }: { flowId: string }) =>
      this.#schedule(`flow ${flowId}`, () => this.#publishFlow(flowId))
    const entry = ({ entryId }: { entryId: string }) =>
      this.#schedule(`entry ${entryId}`, () => this.#publishEntry(entryId))
    const attention = ({ entryId }: { entryId: string }) =>
      this.#schedule(`attention ${entryId}`, () => this.#publishAttention(entryId))
    const client = (domain: string) => this.#schedule(`client ${domain}`, () => this.#publishClient(domain))
    this.#stops = [
      on('flow_started', flow),
      on('flow_progressed', flow),
      on('flow_finished', (event) => {
        flow(event)
        // The reauthentication flow of the entry has ended, so its attention item changes.
        if (event.entryId !== null) attention({ entryId: event.entryId })
      }),
      on('entry_added', entry),
      on('entry_updated', entry),
      on('entry_state_changed', entry),
      on('entry_quiet', entry),
      on('entry_removed', ({ entryId }) =>
        this.#schedule(`entry ${entryId}`, async () => this.#publish('entry_removed', { entryId })),
      ),
      on('attention_changed', (event) => {
        if (event.entryId === null) return client(event.domain)
        attention(event)
        entry(event)
      }),
      on('other_process_changed', (changes) => this.#otherProcessChanged(changes)),
      on('webhook_changed', ({ webhookId }) =>
        this.#schedule(`webhook ${webhookId}`, () => this.#publishWebhook(webhookId)),
      ),
      on('transition', (event) => this.#transition(event)),
    ]
  }

  close(): void {
    this.#ignoreChecks()
    for (const stop of this.#stops) stop()
  }

  /** Call this at regular intervals. Sends the counts of a large scope if they have changed. @returns the number of consecutive calls without listeners */
  countIdle(): number {
    if (this.hasListeners && this.#isLarge && this.#hasChanged)
      this.#schedule('counts', () => this.#publishCounts())
    this.#idle = this.hasListeners ? 0 : this.#idle + 1
    return this.#idle
  }

  /** Whether there are listeners. */
  get hasListeners(): boolean {
    return this.#sinks.size > 0
  }

  /**
   * Adds a listener. It first receives the messages since `lastId`, or a snapshot if they are not available.
   *
   * @returns a function that removes the listener
   */
  async listen(lastId: string | null, sink: Sink): Promise<() => void> {
    this.#idle = 0
    await this.#latchkey.catchUp()
    let missed = this.#after(this.#numberOf(lastId))
    while (missed === null) {
      const { number, bytes } = await this.#readSnapshot()
      missed = this.#after(number)
      if (missed !== null) sink(bytes)
    }
    for (const { bytes } of missed) sink(bytes)
    this.#sinks.add(sink)
    this.#stopChecks ??= this.#latchkey.on('entries_checked', ({ entries }) => this.#sendChecked(entries))
    return () => {
      this.#sinks.delete(sink)
      if (this.#sinks.size === 0) this.#ignoreChecks()
    }
  }

  /** Returns the number in a message id, or `null` if another instance created it. */
  #numberOf(id: string | null): number | null {
    const [instance, text] = id?.split('-') ?? []
    return instance === this.#instance && /^\d{1,15}$/.test(text ?? '') ? Number(text) : null
  }

  /** Returns the messages after a number, or `null` if they are not available any more. */
  #after(number: number | null): Message[] | null {
    if (number === null || number > this.#number) return null
    const oldest = this.#recent[0]?.number ?? this.#number + 1
    return number < oldest - 1 ? null : this.#recent.filter((message) => message.number > number)
  }

  /** Returns a snapshot. Concurrent calls share one; it is not cached longer, because other processes also write. */
  #readSnapshot(): Promise<Message> {
    this.#snapshot ??= this.#readAll().finally(() => {
      this.#snapshot = null
    })
    return this.#snapshot
  }

  async #readAll(): Promise<Message> {
    const number = this.#number
    return { number, bytes: this.#encode(number, 'snapshot', await this.#content()) }
  }

  /** Sends a snapshot to all listeners, because each entry and flow may have changed. */
  async #publishSnapshot(): Promise<void> {
    if (this.hasListeners) this.#publish('snapshot', await this.#content())
    // A listener that reconnects receives a snapshot.
    else {
      this.#number++
      this.#recent = []
    }
  }

  /**
   * Returns a snapshot with a bounded size: no entries, the whole attention list only if a client can hold all entries,
   * and of the other lists one page.
   */
  async #content() {
    const { entries, flows, attention } = this.#latchkey
    const counts = await entries.counts()
    this.#isLarge = counts.all > MAX_LISTED
    this.#hasChanged = false
    const pages = this.#isLarge ? 1 : MAX_LISTED / PAGE_SIZE
    return {
      counts,
      attention: await firstPages(pages, (query) => attention.page(query)),
      flows: await firstPages(1, (query) => flows.list({ ...query, edits: false })),
      ignored: await firstPages(1, (query) => entries.list({ ...query, ignored: true })),
    }
  }

  #otherProcessChanged({ entryIds, flowIds, domains, reset }: LatchkeyEvents['other_process_changed']): void {
    if (reset) this.#schedule('snapshot', () => this.#publishSnapshot())
    for (const flowId of flowIds) this.#schedule(`flow ${flowId}`, () => this.#publishFlow(flowId))
    for (const name of domains) {
      // The name of an integration, or the id of a webhook.
      this.#schedule(`client ${name}`, () => this.#publishClient(name))
      this.#schedule(`webhook ${name}`, () => this.#publishWebhook(name))
    }
    for (const entryId of entryIds) {
      this.#schedule(`entry ${entryId}`, () => this.#publishEntry(entryId, { orRemoved: true }))
      this.#schedule(`attention ${entryId}`, () => this.#publishAttention(entryId))
    }
  }

  /** Schedules a read. Further changes before the read are covered by it. */
  #schedule(key: string, publish: () => Promise<void>): void {
    const waits = this.#pending.size > 0
    this.#pending.set(key, publish)
    if (!waits) this.#work = this.#work.then(() => this.#publishPending())
  }

  async #publishPending(): Promise<void> {
    while (this.#pending.size > 0) {
      const all = [...this.#pending.values()]
      this.#pending.clear()
      for (const publish of all) {
        try {
          await publish()
        } catch (error) {
          if (error instanceof LatchkeyError && error.code === 'STOPPED') continue
          this.#log.error({ error: loggedError(error) }, 'A change could not be published.')
        }
      }
    }
  }

  async #publishFlow(flowId: string): Promise<void> {
    const view = await orNull(this.#latchkey.flows.get(flowId))
    if (view !== null) this.#publish('flow', this.#shownFlow(view))
  }

  async #publishEntry(entryId: string, { orRemoved = false } = {}): Promise<void> {
    const view = await orNull(this.#latchkey.entries.get(entryId))
    if (view !== null) this.#publish('entry', this.#shown(view))
    else if (orRemoved) this.#publish('entry_removed', { entryId })
  }

  async #publishCounts(): Promise<void> {
    this.#hasChanged = false
    this.#publish('counts', await this.#latchkey.entries.counts())
  }

  async #publishAttention(entryId: string): Promise<void> {
    this.#publish('attention', { entryId, item: await this.#latchkey.attention.get(entryId) })
  }

  async #publishClient(domain: string): Promise<void> {
    const item = await this.#latchkey.attention.ofClient(domain)
    this.#publish('attention', { entryId: null, domain, item })
  }

  async #publishWebhook(webhookId: string): Promise<void> {
    const item = await this.#latchkey.attention.ofWebhook(webhookId)
    this.#publish('attention', { entryId: null, webhookId, item })
  }

  #transition({ scope: _, ...transition }: LatchkeyEvents['transition']): void {
    this.#publish('transition', transition)
    const { machine, id } = transition
    if (!notShown.has(machine)) {
      this.#schedule(`flow ${id}`, () => this.#publishFlow(id))
    }
  }

  /** Sends the answers of services. They are not sent again to a listener that reconnects. */
  #sendChecked(entries: readonly CheckedEntry[]): void {
    const bytes = this.#encode(this.#number, 'checked', { entries })
    for (const sink of this.#sinks) sink(bytes)
  }

  #ignoreChecks(): void {
    this.#stopChecks?.()
    this.#stopChecks = null
  }

  #publish(type: string, data: object): void {
    this.#number++
    this.#hasChanged ||= type !== 'counts' && type !== 'transition'
    const message = { number: this.#number, bytes: this.#encode(this.#number, type, data) }
    this.#recent.push(message)
    if (this.#recent.length > 2 * MAX_RECENT) this.#recent = this.#recent.slice(-MAX_RECENT)
    for (const sink of this.#sinks) sink(message.bytes)
  }

  #encode(number: number, type: string, data: object): Uint8Array {
    const cursor = `${this.#instance}-${number}`
    const json = JSON.stringify(type === 'snapshot' ? { cursor, ...data } : data)
    return encoder.encode(`id: ${cursor}\nevent: ${type}\ndata: ${json}\n\n`)
  }
}

/** The machines whose transitions do not change a view of a flow. */
const notShown: ReadonlySet<LatchkeyEvents['transition']['machine']> = new Set([
  'configEntry',
  'authorizationCode',
  'deviceCode',
  'token',
])

/** Returns the items of the first pages of a list. */
async function firstPages<Item>(
  pages: number,
  list: (query: {
    after?: string
    limit: number
  }) => Promise<{ items: readonly Item[]; next: string | null }>,
): Promise<Item[]> {
  const all: Item[] = []
  let after: string | undefined
  for (let left = pages; left > 0; left--) {
    const page = await list({ limit: PAGE_SIZE, ...(after !== undefined && { after }) })
    all.push(...page.items)
    if (page.next === null) break
    after = page.next
  }
  return all
}

/** Returns `null` if the flow or entry does not exist any more. */
async function orNull<View>(reading: Promise<View>): Promise<View | null> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof LatchkeyError && /^UNKNOWN_/.test(error.code)) return null
    throw error
  }
}
