import { RevisionConflictError, SlotTakenError } from '../../errors.ts'

/** Whether a write failed because a record of this type has changed since it was read. */
export function isConflict(error: unknown, kind: RevisionConflictError['kind']): boolean {
  return error instanceof RevisionConflictError && error.kind === kind
}

/** Whether a write failed because another record holds this slot. */
export function isTaken(error: unknown, slot: SlotTakenError['slot']): boolean {
  return error instanceof SlotTakenError && error.slot === slot
}
