import { RevisionConflictError } from '../errors.ts'

/** Whether a write failed because somebody else had written this kind of record. */
export function isConflict(error: unknown, kind: RevisionConflictError['kind']): boolean {
  return error instanceof RevisionConflictError && error.kind === kind
}
