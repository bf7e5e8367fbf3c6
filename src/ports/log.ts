/** A thrown value made safe to log: every secret in hand struck from its texts, and never the object itself. */
export interface LoggedError {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly stack?: string
  readonly cause?: LoggedError
}

/** What a log line may carry: identifiers, codes and a scrubbed error; never a value that a person typed. */
export interface LogFields {
  readonly scope?: string
  readonly domain?: string
  readonly flowId?: string
  readonly entryId?: string
  readonly subentryId?: string
  readonly code?: string
  readonly error?: LoggedError
}

/** Where the engine reports what nobody awaits. A pino or console logger fits behind it in four lines. */
export interface Log {
  info(message: string, fields: LogFields): void
  warn(message: string, fields: LogFields): void
  error(message: string, fields: LogFields): void
}
