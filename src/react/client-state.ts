'use client'
import { useMemo, useSyncExternalStore } from 'react'
import { type ClientState, nothingKnown } from '../client/client-state.ts'
import type { AttentionItem, EntryView } from '../client/index.ts'
import { useLatchkey } from './provider.ts'

/** A part of the client's state; a component is drawn again when that part is another one. Nothing is known on a server. */
export function useSelected<Part>(select: (state: ClientState) => Part): Part {
  const { subscribe, getState } = useLatchkey()
  return useSyncExternalStore(
    subscribe,
    () => select(getState()),
    () => select(nothingKnown),
  )
}

const whole = (state: ClientState): ClientState => state
const entriesOf = (state: ClientState): ClientState['entries'] => state.entries
const attentionOf = (state: ClientState): ClientState['attention'] => state.attention

/** All that the client knows. The first component that asks opens the stream, the last that goes closes it. */
export function useClientState(): ClientState {
  return useSelected(whole)
}

/** The entries by title; empty until the server has been heard. */
export function useEntries(): readonly EntryView[] {
  const entries = useSelected(entriesOf)
  return useMemo(
    () =>
      [...entries.values()].sort(
        (a, b) => a.title.localeCompare(b.title) || a.entryId.localeCompare(b.entryId),
      ),
    [entries],
  )
}

/** What needs a person, the longest waiting first. What is disabled needs nobody until it is enabled again. */
export function useAttention(): readonly AttentionItem[] {
  const attention = useSelected(attentionOf)
  const entries = useSelected(entriesOf)
  return useMemo(
    () =>
      [...attention.values()]
        .filter(({ entryId }) => entries.get(entryId)?.disabled !== true)
        .sort((a, b) => (a.since ?? Infinity) - (b.since ?? Infinity) || 0),
    [attention, entries],
  )
}
