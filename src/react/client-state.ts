'use client'
import { useMemo, useSyncExternalStore } from 'react'
import { type ClientState, initialState } from '../client/client-state.ts'
import type { AttentionItem, EntryView, View } from '../client/index.ts'
import { useLatchkey } from './provider.ts'

/** Selects a part of the client's state. The component renders again when the part changes. Empty on a server. */
export function useSelected<Part>(select: (state: ClientState) => Part): Part {
  const { subscribe, getState } = useLatchkey()
  return useSyncExternalStore(
    subscribe,
    () => select(getState()),
    () => select(initialState),
  )
}

const whole = (state: ClientState): ClientState => state
const entriesOf = (state: ClientState): ClientState['entries'] => state.entries
const ignoredOf = (state: ClientState): ClientState['ignored'] => state.ignored
const flowsOf = (state: ClientState): ClientState['flows'] => state.flows
const attentionOf = (state: ClientState): ClientState['attention'] => state.attention

/**
 * The state of the client. The first component that uses it opens the event stream, the last one closes it.
 *
 * @example
 * ```tsx
 * import { useClientState } from 'latchkey/react'
 *
 * export const Connection = () => <p>{useClientState().connection}</p>
 * ```
 */
export function useClientState(): ClientState {
  return useSelected(whole)
}

/**
 * The entries by title. Empty until the server has answered.
 *
 * @example
 * ```tsx
 * import { useEntries } from 'latchkey/react'
 *
 * export const Titles = () => useEntries().map(({ entryId, title }) => <p key={entryId}>{title}</p>)
 * ```
 */
export function useEntries(): readonly EntryView[] {
  return useByTitle(useSelected(entriesOf))
}

/**
 * The ignored entries by title. Remove one to have it suggested again.
 *
 * @example
 * ```tsx
 * import { useIgnored } from 'latchkey/react'
 *
 * export const Ignored = () => <p>{useIgnored().length} ignored</p>
 * ```
 */
export function useIgnored(): readonly EntryView[] {
  return useByTitle(useSelected(ignoredOf))
}

/**
 * The open discovery flows, which wait for a confirmation, by name.
 *
 * @example
 * ```tsx
 * import { useDiscovered } from 'latchkey/react'
 *
 * export const Discovered = () => useDiscovered().map(({ flowId, title }) => <p key={flowId}>{title}</p>)
 * ```
 */
export function useDiscovered(): readonly View[] {
  const flows = useSelected(flowsOf)
  return useMemo(
    () =>
      [...flows.values()]
        .filter(({ source, type }) => source === 'discovery' && type !== 'abort' && type !== 'create_entry')
        .sort((a, b) => nameOf(a).localeCompare(nameOf(b)) || a.flowId.localeCompare(b.flowId)),
    [flows],
  )
}

const nameOf = ({ placeholders: { name = '' } }: View): string => name

/**
 * The attention list, oldest item first.
 *
 * @example
 * ```tsx
 * import { useAttention } from 'latchkey/react'
 *
 * export const Attention = () =>
 *   useAttention().map(({ entryId, domain, text }) => <p key={entryId ?? domain}>{text}</p>)
 * ```
 */
export function useAttention(): readonly AttentionItem[] {
  const attention = useSelected(attentionOf)
  return useMemo(
    () => [...attention.values()].sort((a, b) => (a.since ?? Infinity) - (b.since ?? Infinity) || 0),
    [attention],
  )
}

function useByTitle(entries: ReadonlyMap<string, EntryView>): readonly EntryView[] {
  return useMemo(
    () =>
      [...entries.values()].sort(
        (a, b) => a.title.localeCompare(b.title) || a.entryId.localeCompare(b.entryId),
      ),
    [entries],
  )
}
