import { Connection } from '../../../machines/draft.ts'
import { UnknownEntryError, UnreadableRecordError } from '../../errors.ts'
import type { EntryQuery, EntryRecord } from '../../ports/store.ts'
import type { EntryPage, EntryView } from '../api/entries.ts'
import type { SetupExplanation } from '../connections/explained.ts'
import type { LiveConnection } from '../connections/live-connection.ts'
import type { EntryHost } from '../flow-work/entry-host.ts'
import { Flows } from '../flows/flows.ts'
import type { Core } from '../kernel/core.ts'
import { KeyedMutex } from '../lib/keyed-mutex.ts'
import { loggedError } from '../lib/redact.ts'
import { checkEntry } from '../records/entry-record.ts'
import { Migration } from '../records/migration.ts'
import { Tokens } from '../tokens/tokens.ts'
import { AnsweredEntries } from './answered-entries.ts'
import { EntryFollower } from './entry-follower.ts'
import { EntryRun } from './entry-run.ts'
import { entryView } from './entry-view.ts'
import { IdleEntries } from './idle-entries.ts'
import { EntryLogin } from './login.ts'
import { OwnedEntries } from './owned-entries.ts'
import { SetupFindings } from './setup-findings.ts'
import { Use } from './use.ts'

/** The part of an entry that its removal needs. */
export type ReadableRow =
  | EntryRecord
  | (Pick<EntryRecord, 'domain' | 'revision'> & { discoveryKeys?: undefined })

/** The entries of all scopes, stored and running. */
export class Entries implements EntryHost {
  readonly flows: Flows
  readonly tokens: Tokens
  readonly calls: Use
  readonly idle: IdleEntries
  readonly owned: OwnedEntries
  readonly follower: EntryFollower
  readonly answers: AnsweredEntries
  readonly migration: Migration
  readonly login: EntryLogin
  readonly findings: SetupFindings
  /** By scope: the ids of the entries that could not be read. */
  readonly unreadable = new Map<string, Set<string>>()
  /** By scope: the ids of the entries whose integration this process does not have, or not in their version. */
  readonly misfits = new Map<string, Set<string>>()
  readonly #core: Core
  readonly #locks = new KeyedMutex()
  readonly #runs = new Map<string, EntryRun>()

  constructor(core: Core) {
    this.#core = core
    this.answers = new AnsweredEntries(core)
    this.flows = new Flows(core, this)
    this.calls = new Use(core, this)
    this.owned = new OwnedEntries(core, this)
    this.idle = new IdleEntries(core, (run) => this.#release(run))
    this.follower = new EntryFollower(core, this)
    this.tokens = new Tokens(core, {
      rejected: ({ scope, entryId }) => this.running(scope, entryId)?.send({ type: 'tokenRejected' }),
      refreshed: ({ scope, entryId }) => this.running(scope, entryId)?.answered(),
    })
    this.migration = new Migration(core)
    this.login = new EntryLogin(core, this.tokens)
    this.findings = new SetupFindings(core, this.flows, this.migration)
  }

  /** Reads an entry. @throws UnknownEntryError, UnreadableRecordError */
  async read(scope: string, entryId: string): Promise<EntryRecord> {
    try {
      const stored = await this.#core.store.getEntry(scope, entryId)
      if (stored === undefined) throw new UnknownEntryError(entryId)
      return checkEntry(stored)
    } catch (error) {
      if (error instanceof UnreadableRecordError) this.noticeUnreadable(scope, entryId)
      throw error
    }
  }

  /** Reads entries. Those that were removed, or that cannot be read, are left out. */
  async readSome(scope: string, ids: readonly string[]): Promise<readonly EntryRecord[]> {
    const found = await Promise.all(ids.map((id) => this.read(scope, id).catch(() => null)))
    return found.filter((entry) => entry !== null)
  }

  /** Reads an entry, also if its content cannot be read. @throws UnknownEntryError */
  async readRow(scope: string, entryId: string): Promise<ReadableRow> {
    try {
      return await this.read(scope, entryId)
    } catch (error) {
      if (!(error instanceof UnreadableRecordError)) throw error
      const row = await this.#core.store.getEntryRow(scope, entryId)
      if (row === undefined) throw new UnknownEntryError(entryId)
      return { domain: String(row.domain), revision: row.revision }
    }
  }

  /** Records that an entry cannot be read, so that the attention list includes it. */
  noticeUnreadable(scope: string, entryId: string): void {
    const known = this.unreadable.get(scope) ?? new Set()
    if (known.has(entryId)) return
    this.unreadable.set(scope, known.add(entryId))
    this.#core.log.error({ scope, entryId }, 'The row of an entry could not be read.')
    this.#core.events.emit('attention_changed', { scope, entryId })
  }

  /** Records that this process does not have the integration of an entry, or not in its version. */
  noticeMisfit(scope: string, entryId: string): void {
    const known = this.misfits.get(scope) ?? new Set()
    this.misfits.set(scope, known.add(entryId))
  }

  async get(scope: string, entryId: string): Promise<EntryView> {
    return this.view(await this.read(scope, entryId))
  }

  async list(scope: string, query: EntryQuery): Promise<EntryPage> {
    const page = await this.#core.store.findEntries(scope, query)
    const unreadable = [...page.unreadable]
    for (const entryId of unreadable) this.noticeUnreadable(scope, entryId)
    const items = page.items.flatMap((entry) => {
      try {
        return [this.view(checkEntry(entry))]
      } catch {
        this.noticeUnreadable(scope, entry.entryId)
        unreadable.push(entry.entryId)
        return []
      }
    })
    return { items, next: page.next, unreadable }
  }

  view(entry: EntryRecord): EntryView {
    const { scope, entryId } = entry
    const run = this.running(scope, entryId)
    if (run !== undefined) run.wasRead = true
    const answeredAt = run?.health.answeredAt ?? this.answers.releasedAt(scope, entryId)
    return entryView(this.#core, entry, { run, answeredAt })
  }

  stateOf(scope: string, entryId: string): string | undefined {
    return this.running(scope, entryId)?.state
  }

  explanationOf(scope: string, entryId: string): SetupExplanation | undefined {
    return this.#runs.get(keyOf(scope, entryId))?.work.failed?.failure.explained
  }

  reasonOf(scope: string, entryId: string): string | null | undefined {
    return this.running(scope, entryId)?.reason
  }

  running(scope: string, entryId: string): EntryRun | undefined {
    return this.#runs.get(keyOf(scope, entryId))
  }

  runOf(entry: Pick<EntryRecord, 'scope' | 'entryId' | 'domain'>): EntryRun {
    const key = keyOf(entry.scope, entry.entryId)
    let run = this.#runs.get(key)
    if (run === undefined) {
      const { scope, entryId, domain } = entry
      run = new EntryRun(this.#core, this, {
        scope,
        entryId,
        domain,
        lazy: this.#core.lazy && !this.owned.has(scope, entryId),
      })
      this.#runs.set(key, run)
      this.idle.add(run)
      this.follower.added(run)
    }
    return run
  }

  /** The entries that this process has loaded. */
  runs(): Iterable<EntryRun> {
    return this.#runs.values()
  }

  compare(run: EntryRun): Promise<void> {
    return this.calls.compare(run)
  }

  /** Runs one task at a time for each entry: setup, unload, reload or remove. */
  serially<Result>(scope: string, entryId: string, work: () => Promise<Result>): Promise<Result> {
    return this.#locks.run(keyOf(scope, entryId), work)
  }

  /** Keeps the entry of a run from being released during work on it. */
  async keeping<Result>(run: EntryRun, work: () => Promise<Result>): Promise<Result> {
    this.idle.begin(run)
    try {
      return await work()
    } finally {
      this.idle.end(run)
    }
  }

  /** Unloads an idle entry, and forgets it and its token, unless a call has begun since. */
  async #release(run: EntryRun): Promise<void> {
    const { scope, entryId } = run
    try {
      await this.serially(scope, entryId, async () => {
        if (run.uses > 0 || !run.lazy || this.#core.lifetime.ended) return
        if (run.send({ type: 'unload' })) await run.settled()
        // A client that does not close does not keep its entry in memory.
        run.send({ type: 'forceUnload' })
        if (run.uses > 0 || !run.lazy) return
        if (run.working || run.live !== null || !this.tokens.release(scope, entryId)) {
          this.idle.retryLater(run)
        } else if (this.running(scope, entryId) === run) {
          this.answers.release(run)
          this.follower.removed(run)
          this.#runs.delete(keyOf(scope, entryId))
        }
      })
    } catch (error) {
      this.#core.log.error(
        { scope, entryId, error: loggedError(error) },
        'An idle entry could not be unloaded.',
      )
    }
  }

  /** Unloads and forgets a removed entry. */
  drop(scope: string, entryId: string): void {
    const run = this.running(scope, entryId)
    // A flow may have passed a connection to the entry since it was unloaded.
    void run?.stop()
    this.owned.forget(scope, entryId)
    if (run !== undefined) this.idle.forget(run)
    if (run !== undefined) this.follower.removed(run)
    this.#runs.delete(keyOf(scope, entryId))
    this.unreadable.get(scope)?.delete(entryId)
    this.misfits.get(scope)?.delete(entryId)
    this.answers.forget(scope, entryId)
    this.tokens.drop(scope, entryId)
  }

  noticeChange(scope: string, entryId: string): void {
    this.running(scope, entryId)?.noticeChange()
    this.tokens.noticeChange(scope, entryId)
  }

  async adopt(entry: EntryRecord, live: LiveConnection): Promise<void> {
    const { scope, entryId } = entry
    const isNew = entry.revision === 1
    // Another process has removed the entry after the commit.
    const isRemoved = !isNew && this.running(scope, entryId) === undefined && !(await this.#isStored(entry))
    if (isRemoved) return live.close()
    // The process that links an account owns its connection.
    if (isNew) await this.owned.claim(entry)
    const run = this.runOf(entry)
    this.tokens.noticeChange(scope, entryId)
    await this.keeping(run, async () => {
      // That state accepts no connection. Another unload may begin as soon as one has ended.
      while (run.state === 'unload_in_progress') await run.settled()
      live.credentialRevision = entry.credentialRevision
      if (this.tokens.renews(entry.domain)) live.readStored = () => this.tokens.stored(entry)
      if (!run.send({ type: 'adopt', connection: new Connection(live) })) {
        await live.close()
      }
    })
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
    await this.keeping(run, async () => {
      if (run.send({ type: 'unload' })) {
        await run.settled()
        // A client that does not close must not keep the entry from its new values.
        run.send({ type: 'forceUnload' })
      }
      if (run.send({ type: 'setup' })) await run.settled()
    })
  }
}

const keyOf = (scope: string, entryId: string): string => `${scope}\n${entryId}`
