'use client'
import { useMemo, useRef, useSyncExternalStore } from 'react'
import { initialState } from '../client/client-state.ts'
import type { AttentionItem, ClientState, EntryCounts, EntryView, LatchkeyClient } from '../client/index.ts'
import { useSelected } from './client-state.ts'
import { type EntryFilter, EntryIndex, type EntrySelection } from './entry-index.ts'
import { useLanguage, useLatchkey } from './provider.ts'

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
  return useSelected(({ entries, entryList }) => {
    const entry = entries.get(entryId)
    return entry ?? (entryList === 'complete' ? null : undefined)
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
  const last = useRef<{ index: EntryIndex; key: string; version: number; ids: EntryIds } | null>(null)
  return useIndexed((index, { entryList }) => {
    const loading = entryList === 'loading'
    const { q, state, domain, group } = filter
    const key = JSON.stringify([q, state, domain, group, loading])
    const { current } = last
    if (current?.index === index && current.key === key && current.version === index.version)
      return current.ids
    const found = index.select(filter)
    const total = loading ? null : found.ids.length
    const ids: EntryIds = { ...found, total, loading, error: null, more: null }
    const next = current !== null && isSame(current.ids, ids) ? current.ids : ids
    last.current = { index, key, version: index.version, ids: next }
    return next
  })
}

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
