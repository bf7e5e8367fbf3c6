/** A copy of a thrown value that is safe to log: known secrets are removed from its texts. */
export interface LoggedError {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly stack?: string
  readonly cause?: LoggedError
}

/** The fields of a log line: ids, codes and a scrubbed error, never user input. */
export interface LogFields {
  readonly scope?: string
  readonly domain?: string
  readonly flowId?: string
  readonly entryId?: string
  readonly subentryId?: string
  readonly code?: string
  /** The unique id of an entry, and the one that the service reported. */
  readonly storedUniqueId?: string | null
  readonly reportedUniqueId?: string | null
  readonly error?: LoggedError
}

/** Receives events and failures that no call returns. Adapts to pino or the console in four lines. */
export interface Log {
  info(message: string, fields: LogFields): void
  warn(message: string, fields: LogFields): void
  error(message: string, fields: LogFields): void
}
