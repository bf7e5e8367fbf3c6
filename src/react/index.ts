// The exports of `latchkey/react`: hooks without styles.

export type { EntryFilterState } from '../entry-filter.ts'
export { useAttention, useClientState, useDiscovered, useEntries, useIgnored } from './client-state.ts'
export type { EntryFilter, EntryGroup, EntrySelection } from './entry-index.ts'
export { LatchkeyProvider, useLatchkey } from './provider.ts'
export { type EntryIds, useCounts, useEntry, useEntryAttention, useEntryIds } from './use-entries.ts'
export { type FlowControls, useFlow } from './use-flow.ts'
export { type FoundControls, useFound } from './use-found.ts'
export { useIntegrations } from './use-integrations.ts'
export { type Repair, repairFor, useRepair } from './use-repair.ts'
