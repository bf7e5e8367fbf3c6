import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { readToken } from '../../src/cli/token-file.ts'
import { type Handler, latchkeyHandler } from '../../src/http/index.ts'
import {
  createLatchkey,
  type Latchkey,
  type LatchkeyEventType,
  type LatchkeyOptions,
  type Log,
  type View,
} from '../../src/index.ts'
import { type Inspection, inspectWith } from '../../src/inspect/index.ts'
import { FailingStore } from '../../src/testing/failing-store.ts'
import { read, type Watching, watch } from '../inspect/viewers.ts'
import { collectTelemetry } from '../telemetry/collect-telemetry.ts'
import { startToken } from './canaries.ts'
import { CanaryService, plain } from './canary-service.ts'

const eventTypes = Object.keys({
  flow_started: 0,
  flow_progressed: 0,
  flow_finished: 0,
  entry_added: 0,
  entry_updated: 0,
  entry_removed: 0,
  entry_state_changed: 0,
  entry_loaded: 0,
  entry_unloaded: 0,
  attention_changed: 0,
  attention_added: 0,
  attention_removed: 0,
  transition: 0,
  rediscover: 0,
  entry_quiet: 0,
  entries_checked: 0,
  webhook_changed: 0,
  other_process_changed: 0,
} satisfies Record<LatchkeyEventType, 0>) as LatchkeyEventType[]

/** A host on a SQLite file or a given store, with everything that leaves it kept. */
export class CanaryWorld {
  readonly service = new CanaryService()
  readonly views: unknown[] = []
  readonly errors: unknown[] = []
  readonly events: unknown[] = []
  readonly lines: { readonly level: string; readonly message: string; readonly fields: unknown }[] = []
  readonly lists: unknown[] = []
  readonly attention: unknown[] = []
  readonly histories: unknown[] = []
  readonly rows: unknown[] = []
  /** The bytes of every file except the keys of the encryption and the page, at each check. */
  readonly files: Buffer[] = []
  /** The HTTP responses: status, headers and body. */
  readonly replies: string[] = []
  /** The messages of the event stream. */
  readonly streamed: Buffer[] = []
  /** The messages to inspectors. */
  readonly inspected: string[] = []
  readonly store: FailingStore
  readonly #options: Partial<LatchkeyOptions>
  readonly #folder = mkdtempSync(join(tmpdir(), 'latchkey-canary-'))
  readonly #path = join(this.#folder, 'canary.db')
  #latchkey: Latchkey | null = null
  #handler: Handler | null = null
  #streaming: Promise<void> | null = null
  #inspection: Inspection | null = null
  #viewers: Watching[] = []
  /** The metrics and spans. */
  readonly collected = collectTelemetry()
  /** The entry that the story is about. */
  entryId = ''

  constructor(options: Partial<LatchkeyOptions> = {}) {
    this.store = new FailingStore(options.store ?? sqliteStore(this.#path))
    this.#options = options
  }

  get latchkey(): Latchkey {
    if (this.#latchkey === null) throw new Error('The world is not open.')
    return this.#latchkey
  }

  async open(): Promise<void> {
    const write = (level: string) => (fields: unknown, message: string) => {
      this.lines.push({ level, message, fields })
    }
    const log: Log = { info: write('info'), warn: write('warn'), error: write('error') }
    const { limits: ownLimits, store: _, ...own } = this.#options
    const limits = {
      refusedCalls: 999,
      attemptsPerDomain: 999,
      attemptsPerEntry: 999,
      unreachablePerDomain: 999,
      ...ownLimits,
    }
    const { telemetry } = this.collected
    const options = { integrations: [this.service.integration], store: this.store, log, limits, telemetry }
    this.#latchkey = await createLatchkey({ ...options, ...own })
    for (const type of eventTypes) this.latchkey.on(type, (event) => this.events.push({ type, event }))
    const tokenFile = join(this.#folder, 'canary.db.token')
    writeFileSync(tokenFile, startToken, { mode: 0o600 })
    this.#handler = latchkeyHandler(this.latchkey, {
      ...{ log, links: { key: new Uint8Array(32) } },
      startToken: await readToken(tokenFile),
    })
    this.#handler.listening(4711)
    this.#streaming = this.#listen(await this.#handler(this.#request('GET', '/events')))
    const inspection = await inspectWith(this.latchkey)
    this.#inspection = inspection
    for (const url of [inspection.statelyUrl, inspection.xstate4Url]) {
      this.#viewers.push(await watch(url, inspection.protocols))
    }
  }

  /** Makes a call as the host, and records its result or error. */
  async act<Result>(work: (latchkey: Latchkey) => Promise<Result>): Promise<Result | undefined> {
    let result: Result | undefined
    try {
      result = await work(this.latchkey)
      this.views.push(result)
    } catch (error) {
      this.errors.push(error)
    }
    return result
  }

  start(source: 'user' | 'reauth' | 'reconfigure' | 'replace' | 'subentry'): Promise<View | undefined> {
    const about = { source, entryId: this.entryId, ...(source === 'subentry' && { type: 'feed' }) }
    const request = source === 'user' ? { domain: plain.domain, source } : about
    return this.act(({ flows }) => flows.start(request, { principal: plain.principal }))
  }

  async submit(view: View | undefined, input: unknown): Promise<View | undefined> {
    const { flowId = '', revision = 0 } = view ?? {}
    const next = await this.act(({ flows }) =>
      flows.submit(flowId, input, { revision, principal: plain.principal }),
    )
    this.entryId = next?.entryId ?? this.entryId
    await this.#submitOverHttp(flowId, input)
    return next ?? (await this.act(({ flows }) => flows.get(flowId)))
  }

  entry<Result>(work: (entries: Latchkey['entries'], entryId: string) => Promise<Result>) {
    return this.act(({ entries }) => work(entries, this.entryId))
  }

  /** Reads all that can be read, and the files. */
  async look(): Promise<void> {
    const { flows, entries, attention } = this.latchkey
    this.lists.push(await flows.list(), await flows.list({ domain: plain.domain }), await entries.list())
    this.attention.push(await attention.list())
    this.histories.push(await this.latchkey.history(this.entryId))
    for (const path of [
      ...[
        'flows',
        'entries',
        'attention',
        `entries/${this.entryId}/history`,
        `entries/${this.entryId}/diagnostics`,
        `entries/${this.entryId}/options`,
        'openapi.json',
      ],
      ...(await this.#lookAtWebhooks()),
    ]) {
      await this.ask('GET', `/${path}`)
    }
    await this.#keepRows()
    this.#keepFiles()
  }

  /** Returns the paths of the webhooks and of their deliveries. */
  async #lookAtWebhooks(): Promise<readonly string[]> {
    const { webhooks } = this.latchkey
    const all = await webhooks.list()
    const ids = all.items.map(({ webhookId }) => webhookId)
    this.lists.push(all, ...(await Promise.all(ids.map((id) => webhooks.deliveries(id)))))
    for (const list of ['receivers', 'cursor', ...ids])
      this.rows.push(await this.store.webhooks.list('default', list, { limit: 100 }))
    return ['webhooks', ...ids.map((id) => `webhooks/${id}/deliveries`)]
  }

  async stop(): Promise<void> {
    this.#handler?.close()
    await this.#streaming
    await this.latchkey.stop()
    this.#keepFiles()
    for (const { socket, messages } of this.#viewers) {
      await read(socket)
      this.inspected.push(messages.join('\n'))
    }
    await this.#inspection?.close()
  }

  /** Repeats the calls too late, and in every refused form: no answer quotes them. */
  async #submitOverHttp(flowId: string, input: unknown): Promise<void> {
    const body = JSON.stringify({ input })
    await this.ask('GET', `/flows/${flowId}`)
    for (const refused of [
      body,
      body.slice(0, -1),
      JSON.stringify(input),
      JSON.stringify({ input, extra: input }),
    ]) {
      await this.ask('POST', `/flows/${flowId}`, { body: refused })
    }
    await this.ask('POST', '/flows', { body: JSON.stringify({ source: input, domain: plain.domain }) })
    await this.ask('PATCH', `/entries/${encodeURIComponent(body)}`, { body })
    await this.ask('GET', `/flows?limit=${encodeURIComponent(body)}`)
  }

  /** Makes a request and records the response, without the headers in `apart`, which only its browser receives. */
  async ask(
    method: string,
    path: string,
    { body, headers, apart }: { body?: string; headers?: Record<string, string>; apart?: string } = {},
  ): Promise<string> {
    const response = await this.#handler?.(this.#request(method, path, body, headers))
    if (response === undefined) return ''
    const kept = [...response.headers].filter(([name]) => name !== apart)
    this.replies.push(`${[response.status, ...kept].join('\n')}\n${await response.text()}`)
    return apart === undefined ? '' : (response.headers.get(apart) ?? '')
  }

  /** Makes a request whose response shows a signing secret. Records the response without it, and returns it. */
  async askSecret(path: string, body: object): Promise<string> {
    const response = await this.#handler?.(this.#request('POST', path, JSON.stringify(body)))
    const text = (await response?.text()) ?? ''
    const { secret } = JSON.parse(text) as { secret: string }
    const rest = text.replace(secret, 'shown once')
    this.replies.push(`${[response?.status, ...(response?.headers ?? [])].join('\n')}\n${rest}`)
    return secret
  }

  #request(method: string, path: string, body?: string, more: Record<string, string> = {}): Request {
    const headers = {
      authorization: `Bearer ${this.#handler?.startToken}`,
      'content-type': 'application/json',
      'if-match': '"999"',
      ...more,
    }
    return new Request(`http://127.0.0.1${path}`, { method, headers, ...(body !== undefined && { body }) })
  }

  async #listen(response: Response): Promise<void> {
    for await (const bytes of response.body ?? []) this.streamed.push(Buffer.from(bytes))
  }

  clear(): void {
    rmSync(this.#folder, { recursive: true })
  }

  #keepFiles(): void {
    const names = readdirSync(this.#folder).filter((name) => !/\.(key|token)$/.test(name))
    for (const name of names) this.files.push(readFileSync(join(this.#folder, name)))
  }

  async #keepRows(): Promise<void> {
    const limit = 100
    const flows = await this.store.findFlows('default', { limit })
    this.rows.push(flows, await this.store.findEntries('default', { limit }))
    this.rows.push(await this.store.removals.list('default', { limit }))
    for (const key of [`domain:${plain.domain}`, `entry:${this.entryId}`]) {
      this.rows.push(await this.store.getAttempts('default', key))
    }
  }
}
