import { connectionOf, searchedText, searchedWords } from '../../entry-filter.ts'
import type { EntryRecord, Page } from '../../ports/store.ts'
import type { EntryCounts, EntryPage, EntryQuery, EntryView } from '../api/entries.ts'
import type { Core } from '../kernel/core.ts'
import { isReadable } from '../records/entry-record.ts'
import type { Attention } from './attention.ts'
import type { Entries } from './entries.ts'
import type { StrayEntries } from './stray-entries.ts'

/** The largest number that is counted. */
const MAX_COUNT = 100_000
/** The number of entries that one page of a search reads. */
const MAX_READ = 10_000
const READ_SIZE = 1_000
/** The number of strays that are compared with the store. */
const MAX_STRAYS = 100

/** The query of a page. */
interface TitledQuery extends EntryQuery {
  readonly limit: number
  /** Returns the title of an integration in the language of the caller. */
  readonly titleOf: (domain: string) => string
}

/** Reads the entries of a list after a position. */
type Read = (after: string | undefined, limit: number) => Promise<Page<EntryRecord>>

/**
 * Lists and counts the entries of a scope. The store finds entries by their stored status. The state that only this
 * process knows is merged.
 */
export class EntryLists {
  readonly #core: Core
  readonly #entries: Entries
  readonly #attention: Attention
  readonly #strays: StrayEntries

  constructor(core: Core, entries: Entries, attention: Attention, strays: StrayEntries) {
    this.#core = core
    this.#entries = entries
    this.#attention = attention
    this.#strays = strays
  }

  /** Returns a page of entries. The first page has the counts of the scope. */
  async list(scope: string, query: TitledQuery): Promise<EntryPage> {
    const page = await this.#page(scope, query)
    const hasCounts = query.after === undefined && query.ignored !== true
    return hasCounts ? { ...page, counts: await this.counts(scope) } : page
  }

  /** Counts the entries that are not ignored. More than 100,000 of a kind may not be counted. */
  async counts(scope: string): Promise<EntryCounts> {
    const { clock, limits, store } = this.#core
    const expiringUntil = clock.now() + limits.expiryNotice
    const stored = await store.countEntries(scope, { expiringUntil, atMost: MAX_COUNT })
    const { disabled, waiting, ignored } = stored
    const offline = stored.offline + (await this.#countStrays(scope))
    const all = stored.all - ignored
    const attention = stored.attention + (await this.#attention.countUnstored(scope))
    return { all, attention, offline, connected: Math.max(0, all - disabled - waiting - offline), disabled }
  }

  async #page(scope: string, query: TitledQuery): Promise<EntryPage> {
    const { q = '', state, domain, ignored = false, after, limit, titleOf } = query
    const of = { ...(domain !== undefined && { domain }) }
    if (q === '' && state === undefined)
      return this.#entries.list(scope, { ...of, ignored, ...afterOf(after), limit })
    const words = searchedWords(q)
    const matches = (view: EntryView): boolean => {
      if (view.ignored !== ignored || (domain !== undefined && view.domain !== domain)) return false
      if (state !== undefined && state !== 'attention' && connectionOf(view) !== state) return false
      const text = words.length === 0 ? '' : searchedText({ ...view, service: titleOf(view.domain) })
      return words.every((word) => text.includes(word))
    }
    const { store } = this.#core
    switch (state) {
      case 'attention':
        return this.#attentionPage(scope, query, matches)
      case 'disabled':
        return this.#search(scope, query, matches, (from, size) =>
          store.findEntries(scope, { ...of, status: 'disabled', ...afterOf(from), limit: size }),
        )
      case 'offline':
        return this.#search(scope, query, matches, (from, size) => this.#offline(scope, of, from, size))
      default:
        return this.#search(scope, query, matches, (from, size) =>
          store.findEntries(scope, { ...of, ignored, ...afterOf(from), limit: size }),
        )
    }
  }

  /** Reads a list in order of ids until a page of matches is found, or the number of reads is used up. */
  async #search(
    scope: string,
    { after, limit }: Pick<TitledQuery, 'after' | 'limit'>,
    matches: (view: EntryView) => boolean,
    read: Read,
  ): Promise<EntryPage> {
    const items: EntryView[] = []
    const unreadable: string[] = []
    let next: string | null = null
    let from = after
    let last = ''
    for (let left = MAX_READ; left > 0; left -= READ_SIZE) {
      const page = await read(from, READ_SIZE)
      unreadable.push(...this.#noticed(scope, page))
      for (const entry of page.items) {
        if (!isReadable(entry)) continue
        const view = this.#entries.view(entry)
        if (!matches(view)) continue
        // One more than a page: another page follows the last entry of this one.
        if (items.length === limit) return { items, next: last, unreadable }
        items.push(view)
        last = view.entryId
      }
      next = page.next
      if (next === null) break
      from = next
    }
    return { items, next, unreadable }
  }

  /** Returns a page of the attention list that has matches, or the last one that was read. */
  async #attentionPage(
    scope: string,
    { after, limit }: Pick<TitledQuery, 'after' | 'limit'>,
    matches: (view: EntryView) => boolean,
  ): Promise<EntryPage> {
    let from = after
    for (let left = MAX_READ; ; left -= limit) {
      const { entries, next } = await this.#attention.entries(scope, { limit, ...afterOf(from) })
      const items = entries.map((entry) => this.#entries.view(entry)).filter(matches)
      if (items.length > 0 || next === null || left <= limit) return { items, next, unreadable: [] }
      from = next
    }
  }

  /** Reads the entries that are offline according to the store, and those that are only in this process. */
  async #offline(
    scope: string,
    of: { readonly domain?: string },
    after: string | undefined,
    limit: number,
  ): Promise<Page<EntryRecord>> {
    const { store } = this.#core
    const stored = await store.findEntries(scope, { ...of, status: 'offline', ...afterOf(after), limit })
    const ids = new Set(stored.items.map(({ entryId }) => entryId))
    const strays = this.#strays
      .of(scope)
      .filter((id) => !ids.has(id) && (after === undefined || id > after))
      .filter((id) => stored.next === null || id <= stored.next)
    const shown = strays.slice(0, limit)
    const last = strays.length > limit ? shown.at(-1) : undefined
    const next = last ?? stored.next
    const items = [...stored.items, ...(await this.#entries.readSome(scope, shown))]
      .filter(({ entryId }) => next === null || entryId <= next)
      .sort((a, b) => (a.entryId < b.entryId ? -1 : 1))
    return { items, next, unreadable: stored.unreadable }
  }

  /** Counts the entries that are offline only in this process. */
  async #countStrays(scope: string): Promise<number> {
    const ids = this.#strays.of(scope)
    const checked = ids.slice(0, MAX_STRAYS)
    const entries = await this.#entries.readSome(scope, checked)
    const strays = entries.filter(
      (entry) => entry.setupFailure == null && connectionOf(this.#entries.view(entry)) === 'offline',
    )
    return ids.length - checked.length + strays.length
  }

  /** Notices the damaged rows of a page, and returns their ids. */
  #noticed(scope: string, page: Page<EntryRecord>): string[] {
    const damaged = [
      ...page.unreadable,
      ...page.items.flatMap((entry) => (isReadable(entry) ? [] : [entry.entryId])),
    ]
    for (const entryId of damaged) this.#entries.noticeUnreadable(scope, entryId)
    return damaged
  }
}

const afterOf = (after: string | undefined) => (after === undefined ? {} : { after })
