// The exports of `latchkey/react`: hooks without styles.
export { useAttention, useClientState, useDiscovered, useEntries, useIgnored } from './client-state.ts'
export { LatchkeyProvider, useLatchkey } from './provider.ts'
export { type FlowControls, useFlow } from './use-flow.ts'
export { type FoundControls, useFound } from './use-found.ts'
export { type Repair, repairFor, useRepair } from './use-repair.ts'
