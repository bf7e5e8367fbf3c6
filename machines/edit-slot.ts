import type { ConfigFlowSource } from './config-flow-types.ts'

/** The sources of flows that change the credential of an entry. One such flow at a time holds the edit slot of the entry. */
export type EditSource = Extract<ConfigFlowSource, 'reauth' | 'reconfigure' | 'replace'>

/**
 * The decision about a second flow: it is the open flow (`join`), it ends the open flow (`supersede`), or it is refused.
 */
export type EditSlotDecision = 'join' | 'supersede' | 'refuse'

/**
 * The decisions by the source of the open flow, and then by the source of the second one. A reauthentication yields,
 * because a reconfiguration or a replacement also provides a new credential.
 */
const decisions: Readonly<Record<EditSource, Readonly<Record<EditSource, EditSlotDecision>>>> = {
  reauth: { reauth: 'join', reconfigure: 'supersede', replace: 'supersede' },
  reconfigure: { reauth: 'refuse', reconfigure: 'join', replace: 'refuse' },
  replace: { reauth: 'refuse', reconfigure: 'refuse', replace: 'join' },
}

/** The flow that holds the edit slot of an entry. */
export type EditSlotHolder =
  | { readonly source: EditSource; readonly isWorking: boolean }
  /** A flow that this version cannot read. Another version may be running it. */
  | { readonly source: null; readonly isIdle: boolean }

/** A flow that cannot be read yields if it was not written for this long, in milliseconds. */
export const UNREADABLE_LIFETIME = 86_400_000

/**
 * Decides about a second flow that needs the edit slot of an entry. A flow that works is never superseded, and one
 * that cannot be read only if it is idle.
 */
export function decideEditSlot(open: EditSlotHolder, second: EditSource): EditSlotDecision {
  if (open.source === null) return open.isIdle ? 'supersede' : 'refuse'
  const decision = decisions[open.source][second]
  return decision === 'supersede' && open.isWorking ? 'refuse' : decision
}
