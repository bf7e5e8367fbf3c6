'use client'
import { useMemo, useSyncExternalStore } from 'react'
import { type ClientState, nothingKnown } from '../client/client-state.ts'
import type { AttentionItem, EntryView, View } from '../client/index.ts'
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
const ignoredOf = (state: ClientState): ClientState['ignored'] => state.ignored
const flowsOf = (state: ClientState): ClientState['flows'] => state.flows
const attentionOf = (state: ClientState): ClientState['attention'] => state.attention

/** All that the client knows. The first component that asks opens the stream, the last that goes closes it. */
export function useClientState(): ClientState {
  return useSelected(whole)
}

/** The entries by title; empty until the server has been heard. */
export function useEntries(): readonly EntryView[] {
  return useByTitle(useSelected(entriesOf))
}

/** What a person wants nothing of, by title: removing one has it offered again. */
export function useIgnored(): readonly EntryView[] {
  return useByTitle(useSelected(ignoredOf))
}

/** What was found and waits for somebody to confirm it, by name. */
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

/** What needs a person, the longest waiting first. */
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
