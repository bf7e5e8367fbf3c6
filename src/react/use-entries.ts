'use client'
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { initialState } from '../client/client-state.ts'
import {
  type AttentionItem,
  type ClientState,
  type EntryCounts,
  type EntryView,
  type LatchkeyClient,
  ProblemError,
} from '../client/index.ts'
import { useSelected } from './client-state.ts'
import { type EntryFilter, EntryIndex, type EntrySelection } from './entry-index.ts'
import { useLanguage, useLatchkey } from './provider.ts'
import { SearchedIds } from './searched-ids.ts'

/** The result of {@link useEntryIds}. */
export interface EntryIds extends EntrySelection {
  /** The number of entries that match. Null if it is not known yet, because not all of them are loaded. */
  readonly total: number | null
  /** Whether more entries are being loaded. */
  readonly loading: boolean
  /** The error of the last request for entries, or null. It is repeated until it succeeds. */
  readonly error: unknown
  /** Loads more entries. Null if all that match are loaded. */
  readonly more: (() => void) | null
}

/** The index of each client and language. */
const indexes = new WeakMap<LatchkeyClient, Map<string, EntryIndex>>()

function indexOf(client: LatchkeyClient, language: string): EntryIndex {
  const known = indexes.get(client) ?? new Map<string, EntryIndex>()
  indexes.set(client, known)
  const index = known.get(language) ?? new EntryIndex(language)
  known.set(language, index)
  return index
}

/** Reads from the index of the client. The component renders again when the result is a different object. */
function useIndexed<Result>(read: (index: EntryIndex, state: ClientState) => Result): Result {
  const client = useLatchkey()
  const language = useLanguage()
  const index = useMemo(() => indexOf(client, language), [client, language])
  const onServer = useMemo(() => new EntryIndex(language), [language])
  return useSyncExternalStore(
    client.subscribe,
    () => read(index.update(client.getState()), client.getState()),
    () => read(onServer, initialState),
  )
}

/**
 * An entry. The component renders again only when this entry changes. Null if it does not exist, and `undefined` until
 * that is known.
 *
 * @example
 * ```tsx
 * import { useEntry } from 'latchkey/react'
 *
 * export const Row = ({ entryId }: { entryId: string }) => <li>{useEntry(entryId)?.title}</li>
 * ```
 */
export function useEntry(entryId: string): EntryView | null | undefined {
  const client = useLatchkey()
  const [missing, setMissing] = useState<string | null>(null)
  const isUnread = useSelected(({ entries, entryList }) => entryList === 'partial' && !entries.has(entryId))
  useEffect(() => {
    if (!isUnread) return
    const notFound = (error: unknown): void => {
      if (error instanceof ProblemError && error.status === 404) setMissing(entryId)
    }
    // A list that shows this entry reads it earlier.
    const timer = setTimeout(() => void client.entries.get(entryId).catch(notFound), 1_000)
    return () => clearTimeout(timer)
  }, [client, entryId, isUnread])
  return useSelected(({ entries, entryList }) => {
    const isGone = entryList === 'complete' || (isUnread && missing === entryId)
    return entries.get(entryId) ?? (isGone ? null : undefined)
  })
}

/**
 * The attention item of an entry. `undefined` if it needs no attention.
 *
 * @example
 * ```tsx
 * import { useEntryAttention } from 'latchkey/react'
 *
 * export const Why = ({ entryId }: { entryId: string }) => <p>{useEntryAttention(entryId)?.text}</p>
 * ```
 */
export function useEntryAttention(entryId: string): AttentionItem | undefined {
  return useSelected(({ attention }) => attention.get(entryId))
}

/**
 * The ids of the entries that match a filter, in the order of the list. The component renders again when the ids, their
 * order or their groups change, but not when only the content of an entry changes: use {@link useEntry} for each row.
 * Above 10,000 entries, the server finds them, in order of ids and without groups: call `more` for further ones.
 *
 * @example
 * ```tsx
 * import { useEntry, useEntryIds } from 'latchkey/react'
 *
 * const Row = ({ entryId }: { entryId: string }) => <li>{useEntry(entryId)?.title}</li>
 *
 * export const Offline = () => (
 *   <ul>
 *     {useEntryIds({ state: 'offline' }).ids.map((entryId) => (
 *       <Row key={entryId} entryId={entryId} />
 *     ))}
 *   </ul>
 * )
 * ```
 */
export function useEntryIds(filter: EntryFilter = {}): EntryIds {
  const listed = useListedIds(filter)
  return useSearchedIds(filter) ?? listed
}

/** The ids of the entries in the client. */
function useListedIds(filter: EntryFilter): EntryIds {
  const last = useRef<{ index: EntryIndex; key: string; version: number; ids: EntryIds } | null>(null)
  return useIndexed((index, { entryList }) => {
    const loading = entryList !== 'complete'
    const { q, state, domain, group } = filter
    const key = JSON.stringify([q, state, domain, group, entryList])
    const { current } = last
    if (current?.index === index && current.key === key && current.version === index.version)
      return current.ids
    const found = entryList === 'partial' ? { ids: [], groups: [] } : index.select(filter)
    const total = loading ? null : found.ids.length
    const ids: EntryIds = { ...found, total, loading, error: null, more: null }
    const next = current !== null && isSame(current.ids, ids) ? current.ids : ids
    last.current = { index, key, version: index.version, ids: next }
    return next
  })
}

/** The ids that the server finds, without groups; null if the client has all entries. */
function useSearchedIds({ q = '', state, domain }: EntryFilter): EntryIds | null {
  const client = useLatchkey()
  const isPartial = useSelected(({ entryList }) => entryList === 'partial')
  const counts = useSelected(({ counts }) => counts)
  const before = useRef<readonly string[]>([])
  const search = useMemo(() => {
    const query = {
      ...(q !== '' && { q }),
      ...(state !== undefined && { state }),
      ...(domain !== undefined && { domain }),
    }
    return isPartial ? new SearchedIds(client, query, before.current) : null
  }, [client, isPartial, q, state, domain])
  const found = useSyncExternalStore(
    search?.subscribe ?? none,
    () => search?.get() ?? null,
    () => null,
  )
  return useMemo(() => {
    if (found === null) return null
    before.current = found.ids
    const isCounted = q === '' && domain === undefined && counts !== null
    const total = found.more === null && !found.loading ? found.ids.length : null
    return { ...found, groups: [], total: total ?? (isCounted ? counts[state ?? 'all'] : null) }
  }, [found, counts, q, state, domain])
}

const none = (): (() => void) => () => {}

/**
 * The numbers of entries. Null until they are known.
 *
 * @example
 * ```tsx
 * import { useCounts } from 'latchkey/react'
 *
 * export const Title = () => <h1>{useCounts()?.attention ?? 0} connections need attention</h1>
 * ```
 */
export function useCounts(): EntryCounts | null {
  return useIndexed((index, { entryList, counts }) => (entryList === 'complete' ? index.counts : counts))
}

const areEqual = (some: readonly string[], others: readonly string[]): boolean =>
  some === others || (some.length === others.length && some.every((id, at) => id === others[at]))

const isSame = (some: EntryIds, others: EntryIds): boolean =>
  some.total === others.total &&
  some.loading === others.loading &&
  areEqual(some.ids, others.ids) &&
  some.groups.length === others.groups.length &&
  some.groups.every(({ key, ids }, at) => {
    const other = others.groups[at]
    return other !== undefined && other.key === key && ids.length === other.ids.length
  })
