import { Connection } from '../../machines/draft.ts'
import { UnknownEntryError } from '../errors.ts'
import type { JsonObject } from '../ports/json.ts'
import type { EntryQuery, EntryRecord } from '../ports/store.ts'
import type { SubentryRecord } from '../ports/subentry-record.ts'
import type { LiveConnection } from './connection.ts'
import type { Core } from './core.ts'
import type { EntryHost } from './entry-host.ts'
import { checkEntry } from './entry-record.ts'
import { EntryRun, type EntryState } from './entry-run.ts'
import { Flows } from './flows.ts'
import { Locks } from './locks.ts'
import { subentriesOf } from './stored-subentries.ts'
import { Tokens } from './tokens.ts'
import { Use } from './use.ts'

/** A thing under an entry as hosts see it: never its fields. */
export type SubentryView = Pick<SubentryRecord, 'subentryId' | 'type' | 'title' | 'uniqueId' | 'revision'>

/** An entry as hosts see it: never its fields, and never a secret. */
export interface EntryView {
  readonly scope: string
  readonly entryId: string
  readonly domain: string
  readonly uniqueId: string | null
  readonly title: string
  /** How it stands in this process. */
  readonly state: EntryState
  /** The same in words. */
  readonly text: string
  /** The language of its words (BCP 47). */
  readonly language: string
  readonly reason: string | null
  /** Set while it needs a person: since when (ms since the epoch), and why. */
  readonly reauth: EntryRecord['reauth']
  readonly disabled: boolean
  /** What a person has set; those that nobody has set are absent. */
  readonly options: JsonObject
  /** What is under it, in the order in which it was added. */
  readonly subentries: readonly SubentryView[]
  /** True where a person wants nothing of it: it only keeps its identity from being offered again. */
  readonly ignored: boolean
  /** Grows when its repair links are revoked. */
  readonly linkGeneration: number
  /** When its credential ends (ms since the epoch); null where it does not, or nobody knows. */
  readonly expiresAt: number | null
  readonly revision: number
  readonly createdAt: number
  readonly updatedAt: number
}

export interface EntryPage {
  readonly items: readonly EntryView[]
  readonly next: string | null
  /** Entries whose rows are damaged. */
  readonly unreadable: readonly string[]
}

/** The entries of all scopes: what is stored of them, and those that run in this process. */
export class Entries implements EntryHost {
  readonly flows: Flows
  readonly tokens: Tokens
  readonly calls: Use
  readonly #core: Core
  readonly #locks = new Locks()
  readonly #runs = new Map<string, EntryRun>()

  constructor(core: Core) {
    this.#core = core
    this.flows = new Flows(core, this)
    this.calls = new Use(core, this)
    this.tokens = new Tokens(core, ({ scope, entryId }) => {
      this.running(scope, entryId)?.send({ type: 'authFailed' })
    })
  }

  /** @throws UnknownEntryError, UnreadableRecordError */
  async read(scope: string, entryId: string): Promise<EntryRecord> {
    const stored = await this.#core.store.getEntry(scope, entryId)
    if (stored === undefined) throw new UnknownEntryError(entryId)
    return checkEntry(stored)
  }

  async get(scope: string, entryId: string): Promise<EntryView> {
    return this.view(await this.read(scope, entryId))
  }

  async list(scope: string, query: EntryQuery): Promise<EntryPage> {
    const page = await this.#core.store.findEntries(scope, query)
    const unreadable = [...page.unreadable]
    const items = page.items.flatMap((entry) => {
      try {
        return [this.view(checkEntry(entry))]
      } catch {
        unreadable.push(entry.entryId)
        return []
      }
    })
    return { items, next: page.next, unreadable }
  }

  view(entry: EntryRecord): EntryView {
    const { scope, entryId, domain, uniqueId, title, reauth, disabled, revision, createdAt, updatedAt } =
      entry
    const run = this.running(scope, entryId)
    const state = run?.state ?? (disabled ? 'disabled' : 'not_loaded')
    const reason = this.reasonOf(scope, entryId)
    return this.#core.speech.voice.entry({
      scope,
      entryId,
      domain,
      uniqueId,
      title,
      state,
      reason,
      reauth,
      disabled,
      options: entry.options,
      subentries: subentriesOf(entry).map(({ data: _, sealed: __, ...shown }) => shown),
      ignored: entry.ignored ?? false,
      linkGeneration: entry.linkGeneration ?? 0,
      expiresAt: entry.expiresAt ?? null,
      revision,
      createdAt,
      updatedAt,
    })
  }

  stateOf(scope: string, entryId: string): string | undefined {
    return this.running(scope, entryId)?.state
  }

  reasonOf(scope: string, entryId: string): string | null {
    return this.running(scope, entryId)?.reason ?? null
  }

  running(scope: string, entryId: string): EntryRun | undefined {
    return this.#runs.get(keyOf(scope, entryId))
  }

  runOf(entry: Pick<EntryRecord, 'scope' | 'entryId' | 'domain'>): EntryRun {
    const key = keyOf(entry.scope, entry.entryId)
    let run = this.#runs.get(key)
    if (run === undefined) {
      run = new EntryRun(this.#core, { flows: this.flows, tokens: this.tokens }, entry)
      this.#runs.set(key, run)
    }
    return run
  }

  /** All that run in this process. */
  runs(): Iterable<EntryRun> {
    return this.#runs.values()
  }

  /** One of setup, unload, reload and remove at a time for each entry. */
  serially<Result>(scope: string, entryId: string, work: () => Promise<Result>): Promise<Result> {
    return this.#locks.run(keyOf(scope, entryId), work)
  }

  /** Forgets an entry that is no longer stored. */
  drop(scope: string, entryId: string): void {
    const run = this.running(scope, entryId)
    // A flow that was saving may have given it a connection since it was unloaded.
    run?.send({ type: 'unload' })
    run?.stopTimer()
    this.#runs.delete(keyOf(scope, entryId))
    this.tokens.drop(scope, entryId)
  }

  async adopt(entry: EntryRecord, live: LiveConnection): Promise<void> {
    const { scope, entryId } = entry
    const isNew = entry.revision === 1
    // Removed between the commit and now: nothing is left to run.
    const isGone = !isNew && this.running(scope, entryId) === undefined && !(await this.#isStored(entry))
    if (isGone) return live.close()
    const run = this.runOf(entry)
    // An unloading under way ends first: it is the one state that cannot be left at once.
    if (run.state === 'unload_in_progress') await run.settled()
    live.credentialRevision = entry.credentialRevision
    if (this.tokens.renews(entry.domain)) live.source = () => this.tokens.stored(entry)
    if (!run.send({ type: 'adopt', connection: new Connection(live) })) {
      await live.close()
    }
  }

  async use<Result>(
    { scope, entryId, domain }: Pick<EntryRecord, 'scope' | 'entryId' | 'domain'>,
    work: (client: unknown) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result> {
    return (await this.calls.run(scope, entryId, domain, work, { signal })) as Result
  }

  retryNow(scope: string, entryId: string): void {
    this.running(scope, entryId)?.retryNow()
  }

  async #isStored({ scope, entryId }: EntryRecord): Promise<boolean> {
    return (await this.#core.store.getEntry(scope, entryId)) !== undefined
  }

  async reloadStored(entry: EntryRecord): Promise<void> {
    const run = this.runOf(entry)
    if (run.send({ type: 'unload' })) await run.settled()
    if (run.send({ type: 'setup' })) await run.settled()
  }
}

const keyOf = (scope: string, entryId: string): string => `${scope}\n${entryId}`
