import { Socket } from 'node:net'
import type { Compilable } from 'kysely'
import pg from 'pg'
import { LatchkeyError, StoreError } from '../../errors.ts'
import { isStorable } from '../check-write.ts'
import { Turns } from './turns.ts'

/** A statement, and its parameters. */
type Statement = readonly [text: string, values: readonly PostgresValue[]]

/** A statement that is sent together with another one, and runs after its transaction. */
export interface Companion {
  readonly statement: Statement
  /** Called when it is over, with whether it was executed. */
  readonly ended: (isExecuted: boolean) => void
}

/** A parameter of a statement. */
export type PostgresValue = string | number | boolean | null | readonly string[] | readonly number[]

export interface ConnectionOptions {
  readonly url: string
  /** Maximum number of connections. */
  readonly max: number
  /** Time to wait for a connection, in milliseconds. */
  readonly connectTimeout: number
  /** Time to wait for the result of a statement, in milliseconds. */
  readonly queryTimeout: number
}

/** The server did not run the statement, and returned the reason. */
export class Refusal extends Error {
  readonly code: string
  readonly detail: string
  constructor(code: string, detail: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.detail = detail
  }
}

/** The statement was not sent: no connection could be opened. */
export class NotSent extends Error {}

/** The statement was sent, but its result was lost with the connection. The server may have run it. */
export class Unanswered extends Error {}

/** The type of 64-bit integers. The driver returns them as texts; all of Latchkey's are safe integers. */
const INT8 = 20

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format === 'binary' ? 'text' : format),
}

const ignore = (): void => {}

/**
 * A pool of connections of one role. Statements have no name and no state outlives a call on its connection, so a pooler
 * such as PgBouncer may run each transaction on another one. Each call ends within its two timeouts, after the calls before
 * it: it waits for a connection as long as the server answers others.
 */
export class Connections {
  readonly #pool: pg.Pool
  readonly #turns: Turns
  readonly #sockets = new Set<Socket>()
  readonly #queryTimeout: number

  constructor({ url, max, connectTimeout, queryTimeout }: ConnectionOptions) {
    this.#queryTimeout = queryTimeout
    this.#turns = new Turns(max, connectTimeout)
    this.#pool = new pg.Pool({
      connectionString: url,
      stream: () => this.#newSocket(),
      // Sends a statement before the answer to the previous one.
      pipeline: true,
      max,
      connectionTimeoutMillis: connectTimeout,
      query_timeout: queryTimeout,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      types,
    })
    // An idle connection was lost. The pool opens a new one for the next call.
    this.#pool.on('error', ignore)
    // A call on a lost connection rejects. A new connection can be lost before its call begins.
    this.#pool.on('connect', (client) => client.on('error', ignore))
  }

  /**
   * Runs a statement in a separate transaction. @throws Refusal, NotSent, Unanswered
   */
  query<Row>(text: string, values: readonly PostgresValue[] = []): Promise<Row[]> {
    return this.use(statement<Row>(text, values))
  }

  /**
   * Runs a statement as `query` does, but before the calls that wait for a connection. The result does not wait for
   * `next`; only the connection does.
   */
  queryFirst<Row>(
    text: string,
    values: readonly PostgresValue[],
    next: Companion | null = null,
  ): Promise<Row[]> {
    return this.#use(statement<Row>(text, values), true, next)
  }

  /** Runs a statement that only reads. Tries again on a new connection if one was lost. @throws StoreError */
  async read<Row>(text: string, values: readonly PostgresValue[] = []): Promise<Row[]> {
    const deadline = performance.now() + this.#queryTimeout
    try {
      return await this.query<Row>(text, values).catch((error: unknown) => {
        if (error instanceof Unanswered && performance.now() < deadline) return this.query<Row>(text, values)
        throw error
      })
    } catch (error) {
      throw asStoreError(error)
    }
  }

  /**
   * Runs a query of Kysely's builder, as `read` does. Returns no rows if a parameter is a text that PostgreSQL cannot
   * store. @throws StoreError
   */
  async run<Row>(query: Compilable<Row>): Promise<Row[]> {
    const { sql, parameters } = query.compile()
    if (parameters.some((value) => typeof value === 'string' && !isStorable(value))) return []
    return this.read<Row>(sql, parameters as readonly PostgresValue[])
  }

  /** Runs several statements on one connection. The connection is closed if it fails. @throws as `query` */
  use<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    return this.#use(work, false)
  }

  async #use<Result>(
    work: (client: pg.PoolClient) => Promise<Result>,
    isUrgent: boolean,
    next: Companion | null = null,
  ): Promise<Result> {
    const client = await this.#connect(isUrgent).catch((error: unknown) => {
      next?.ended(false)
      throw error
    })
    const release = (broken: boolean): void => {
      client.release(broken)
      this.#turns.end()
    }
    let broken = true
    let isNextBroken: Promise<boolean> | undefined
    try {
      const answer = work(client)
      if (next !== null) isNextBroken = accompany(next, client)
      const result = await answer
      broken = false
      return result
    } catch (error) {
      const refusal = refusalOf(error)
      broken = refusal === undefined
      if (error instanceof LatchkeyError) throw error
      throw refusal ?? new Unanswered('The connection to the database was lost.', { cause: error })
    } finally {
      if (!broken) this.#turns.answered()
      if (broken || isNextBroken === undefined) release(broken)
      else void isNextBroken.then(release)
    }
  }

  /** Closes the connections after their calls. A server that does not answer cannot delay it for longer than a call. */
  async end(): Promise<void> {
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy()
    }, this.#queryTimeout)
    try {
      await this.#pool.end()
    } finally {
      clearTimeout(timer)
    }
  }

  #newSocket(): Socket {
    const socket = new Socket()
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    return socket
  }

  async #connect(isUrgent: boolean): Promise<pg.PoolClient> {
    try {
      await this.#turns.begin(isUrgent)
    } catch (error) {
      throw new NotSent('The database does not answer.', { cause: error })
    }
    try {
      const client = await this.#pool.connect()
      this.#turns.answered()
      return client
    } catch (error) {
      this.#turns.end()
      throw new NotSent('The database cannot be reached.', { cause: error })
    }
  }
}

const statement =
  <Row>(text: string, values: readonly PostgresValue[]) =>
  async (client: pg.PoolClient): Promise<Row[]> => {
    const { rows } = await client.query(text, [...values])
    return rows as Row[]
  }

/** Runs a companion. Returns whether the connection was lost with it. Never rejects. */
async function accompany(companion: Companion, client: pg.PoolClient): Promise<boolean> {
  const error: unknown = await statement(...companion.statement)(client).then(
    () => null,
    (reason: unknown) => reason,
  )
  companion.ended(error === null)
  return error !== null && refusalOf(error) === undefined
}

/** The classes of errors that end the connection or the server: the outcome of the statement is then not certain. */
const FATAL = ['08', '57P', '58', 'XX']

/** Returns the server's answer; undefined if the connection ended instead, or together with it. */
function refusalOf(error: unknown): Refusal | undefined {
  // Not `instanceof`: the driver may be loaded twice, and its errors belong to another realm in jest.
  const read = (name: string): string => {
    const value = typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
    return typeof value === 'string' ? value : ''
  }
  const code = read('code')
  if (code.length !== 5 || FATAL.some((prefix) => code.startsWith(prefix))) return undefined
  return new Refusal(code, read('detail'), read('message'), { cause: error })
}

/** Returns the error of a call that wrote nothing. */
export function asStoreError(error: unknown): unknown {
  if (error instanceof Refusal || error instanceof NotSent || error instanceof Unanswered) {
    const cause = error.cause ?? error
    const message =
      error instanceof Refusal
        ? `The database operation failed${reasonOf(error)}. Nothing was saved.`
        : error.message
    return new StoreError(message, { cause })
  }
  return error
}

/** The server's reason if it is about a role, a database or a resource. Others can quote values. */
function reasonOf({ code, message }: Refusal): string {
  return /^(28|3D|53|57P)|^42501$/.test(code) ? `: ${message}` : ''
}
