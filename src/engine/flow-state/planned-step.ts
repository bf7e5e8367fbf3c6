import type { FlowRecord } from '../../ports/store.ts'

/** A step of a flow that is not written yet. */
export interface PlannedStep {
  /** The record after the step. */
  readonly record: FlowRecord
  /** Executes the actions of the step, which close connections and revoke grants. Call it after the record was written. */
  written?(): void
}
