import { ConfigurationError } from '../../errors.ts'
import { numberProblem } from '../../number-rules.ts'

/** The options of `postgresStore`. */
export interface PostgresStoreOptions {
  /**
   * Connection string of the role for work on all scopes: due rows, expiring credentials, deletion of history. Defaults
   * to the main one, whose role must then be a member of `latchkey_system`.
   */
  readonly systemUrl?: string
  /** Connection string of the role that owns the tables, for migrations. Defaults to the main one. */
  readonly ownerUrl?: string
  /**
   * Connection string for notifications (LISTEN). Must not be that of a pooler in transaction mode: changes by other
   * processes are then noticed only by polling. Defaults to the main one.
   */
  readonly listenUrl?: string
  /** The schema of the tables. Lowercase letters, digits and `_`. Defaults to `latchkey`. */
  readonly schema?: string
  /** Maximum number of connections of the main role. Defaults to 10. The system role has at most 2. */
  readonly connections?: number
  /** Time to wait for a connection, in milliseconds. Defaults to 5,000. */
  readonly connectTimeout?: number
  /** Time to wait for the result of a statement, in milliseconds. Defaults to 10,000. */
  readonly queryTimeout?: number
  /**
   * Time to find out whether a commit was made whose result was lost with its connection, in milliseconds. Defaults to
   * 15,000. After that, the `StoreError` has the outcome `unknown`.
   */
  readonly outcomeTimeout?: number
}

/** Options whose schema is known. */
export type CheckedOptions = PostgresStoreOptions & { readonly schema: string }

/** Validates the connection strings and the options. @throws ConfigurationError */
export function checkedOptions(url: string, options: PostgresStoreOptions): CheckedOptions {
  const { systemUrl = url, ownerUrl = url, listenUrl = url, schema = 'latchkey' } = options
  // The driver connects to a local server for a text without an address. The text is not quoted: it can have a password.
  for (const [name, value] of Object.entries({ url, systemUrl, ownerUrl, listenUrl }))
    if (typeof value !== 'string' || !/^(postgres(ql)?:\/\/|socket:|\/)/.test(value))
      throw new ConfigurationError(
        `Invalid ${name}. Pass a connection string, for example "postgres://app@db.example/app".`,
      )
  if (!/^[a-z_][a-z0-9_]{0,39}$/.test(schema))
    throw new ConfigurationError(
      `Invalid schema "${schema}". Use lowercase letters, digits and _, at most 40 characters.`,
    )
  const problem =
    numberProblem('connections', options.connections, 'count') ??
    numberProblem('connectTimeout', options.connectTimeout, 'count') ??
    numberProblem('queryTimeout', options.queryTimeout, 'count') ??
    numberProblem('outcomeTimeout', options.outcomeTimeout, 'lead')
  if (problem !== null) throw new ConfigurationError(problem)
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(given), schema }
}
