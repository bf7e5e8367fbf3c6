import type { InitialContent } from '../connections/initial-content.ts'

/** An import in progress. */
export interface Importing {
  /** The content that it gives its entry, instead of what `connect` returns. */
  readonly initial: Partial<InitialContent>
  /** The field whose value the service does not offer. Set by `checkImported`. */
  unlisted?: string
}
