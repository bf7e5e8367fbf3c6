import type { EntryRecord } from '../../ports/store.ts'
import type { FlowCommitOptions } from './commit.ts'
import type { EntryHost } from './entry-host.ts'
import type { Importing } from './importing.ts'

/** The options of `FlowRun`. */
export interface FlowRunOptions extends FlowCommitOptions {
  readonly host: EntryHost
  /** The entry as read at the start of the run; null for a new one. */
  readonly entry: EntryRecord | null
  /** The import. Absent for other flows. */
  readonly importing?: Importing
}
