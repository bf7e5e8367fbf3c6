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
  readonly webhookId?: string
  readonly deliveryId?: string
  readonly code?: string
  /** The name of a recurring task. */
  readonly task?: string
  /** The unique id of an entry, and the one that the service reported. */
  readonly storedUniqueId?: string | null
  readonly reportedUniqueId?: string | null
  /** A short reference of the line, which the view of the failure also has. */
  readonly ref?: string
  readonly error?: LoggedError
}

/**
 * Receives events and failures that no call returns. The order of the arguments is that of pino, so a pino logger, a
 * Fastify logger and `console` are logs as they are.
 */
export interface Log {
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}
