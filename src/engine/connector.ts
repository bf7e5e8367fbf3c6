import type { ConnectFailure } from '../../machines/check-result.ts'
import {
  AddressRefusedError,
  CannotConnectError,
  InvalidAuthError,
  RateLimitedError,
  SetupError,
} from '../errors.ts'
import type { Challenged, Connected } from '../integration.ts'
import type { Clock } from '../ports/clock.ts'
import type { Json, JsonObject } from '../ports/json.ts'
import type { Log } from '../ports/log.ts'
import type { Network } from '../ports/network.ts'
import { titleFrom } from '../title.ts'
import type { Compiled } from './compile.ts'
import { LiveConnection } from './connection.ts'
import { loggedError } from './scrub.ts'
import { secretsOf } from './secrets.ts'

/** What came of one `connect`, whatever it returned or threw. */
export type ConnectOutcome =
  | { readonly type: 'connected'; readonly live: LiveConnection }
  | { readonly type: 'challenged'; readonly challenge: string; readonly state: Json }
  | { readonly type: 'failed'; readonly error: ConnectFailure | 'setup_error'; readonly until?: number }

export interface ConnectRequest {
  /** The fields as they were submitted, secrets in clear. */
  readonly values: JsonObject
  readonly challenge?: { readonly name: string; readonly values: JsonObject; readonly state: Json }
  readonly signal: AbortSignal
}

const TIMEOUT = 30_000
const MAX_STATE = 16_384
const MAX_UNIQUE_ID = 512
/** A service's Retry-After is kept, a day at most. */
export const MAX_RETRY_AFTER = 86_400_000

/** Calls an integration's `connect`, and turns all that it may do into a value. */
export class Connector {
  readonly #clock: Clock
  readonly #log: Log
  readonly #network: Network
  readonly #stopping = new AbortController()

  constructor(clock: Clock, log: Log, network: Network) {
    this.#clock = clock
    this.#log = log
    this.#network = network
  }

  async connect(compiled: Compiled, request: ConnectRequest): Promise<ConnectOutcome> {
    const { integration } = compiled
    const secrets = secretsOf(compiled, request)
    const abort = new AbortController()
    const onAbort = () => abort.abort()
    const ends = [request.signal, this.#stopping.signal]
    for (const signal of ends) signal.addEventListener('abort', onAbort, { once: true })
    if (ends.some((signal) => signal.aborted)) return { type: 'failed', error: 'unknown' }
    let dropped = false
    let drop = () => {
      dropped = true
    }
    let waiting = true
    const attempt = (async () => {
      const values = integration.fields.safeParse(request.values)
      const challenge = this.#answer(compiled, request)
      if (!values.success || challenge === null) throw new SetupError()
      const context = { ...this.#network, signal: abort.signal, lost: () => drop(), ...challenge }
      const call = integration.connect as (values: unknown, context: unknown) => Promise<unknown>
      const result = await call.call(integration, values.data, context)
      const outcome = this.#read(compiled, result, secrets)
      if (outcome.type === 'connected') {
        drop = () => outcome.live.drop()
        if (dropped) drop()
        // Nobody waits any more: the flow was cancelled, or the time was up.
        if (!waiting) await this.close(outcome.live, compiled.domain)
      }
      return outcome
    })()
    try {
      return await this.#inTime(attempt, abort, integration.connectTimeout ?? TIMEOUT, () => {
        waiting = false
      })
    } catch (error) {
      return this.#failure(error, compiled.domain, secrets)
    } finally {
      for (const signal of ends) signal.removeEventListener('abort', onAbort)
    }
  }

  /** Calls back every attempt that is under way, and begins none from here on. */
  stop(): void {
    this.#stopping.abort()
  }

  /** Disposes a connection that nobody adopts; what its `dispose` throws is logged. */
  async close(live: LiveConnection, domain: string): Promise<void> {
    try {
      await live.dispose()
    } catch (error) {
      this.#log.warn('A connection could not be closed.', { domain, error: live.logged(error) })
    }
  }

  async #inTime(
    attempt: Promise<ConnectOutcome>,
    abort: AbortController,
    timeout: number,
    giveUp: () => void,
  ): Promise<ConnectOutcome> {
    let timer: unknown
    const givenUp = new Promise<ConnectOutcome>((resolve) => {
      const end = (error: ConnectFailure) => {
        // In the same turn as the reason: a connection that arrives from here on is closed by its own attempt.
        giveUp()
        resolve({ type: 'failed', error })
      }
      timer = this.#clock.setTimeout(() => end('timeout'), timeout)
      abort.signal.addEventListener('abort', () => end('unknown'), { once: true })
    })
    try {
      const outcome = await Promise.race([attempt, givenUp])
      if (outcome.type === 'failed') abort.abort()
      return outcome
    } finally {
      this.#clock.clearTimeout(timer)
    }
  }

  #answer(compiled: Compiled, { challenge }: ConnectRequest): { challenge?: object } | null {
    if (challenge === undefined) return {}
    const schema = compiled.integration.challenges?.[challenge.name]
    const values = schema?.safeParse(challenge.values)
    if (values?.success !== true) return null
    return { challenge: { name: challenge.name, values: values.data, state: challenge.state } }
  }

  #read(compiled: Compiled, result: unknown, secrets: readonly string[]): ConnectOutcome {
    if (typeof result !== 'object' || result === null) throw new Error('connect returned no object.')
    if ('challenge' in result) return this.#readChallenge(compiled, result as Challenged<string>)
    const connected = result as Connected<unknown>
    const { uniqueId } = connected
    const live = new LiveConnection({
      client: connected.client,
      uniqueId,
      title: titleFrom(connected.title, compiled.integration.title),
      dispose: () => connected.dispose?.(),
      clock: this.#clock,
      secrets,
    })
    if (uniqueId !== null && !isUniqueId(uniqueId)) {
      void this.close(live, compiled.domain)
      throw new Error(
        'connect returned no unique id: a string that is not empty, or null where there is none.',
      )
    }
    return { type: 'connected', live }
  }

  #readChallenge(compiled: Compiled, { challenge, state = null }: Challenged<string>): ConnectOutcome {
    if (!compiled.challenges.has(challenge))
      throw new Error('connect asked for a challenge that is not declared.')
    const json = JSON.stringify(state)
    if (json === undefined || json.length > MAX_STATE)
      throw new Error('The state of a challenge is JSON of 16 kB at most.')
    return { type: 'challenged', challenge, state: JSON.parse(json) as Json }
  }

  #failure(error: unknown, domain: string, secrets: readonly string[]): ConnectOutcome {
    if (error instanceof CannotConnectError || error instanceof AddressRefusedError)
      return { type: 'failed', error: 'cannot_connect' }
    if (error instanceof InvalidAuthError) return { type: 'failed', error: 'invalid_auth' }
    if (error instanceof RateLimitedError) {
      const wait = Number.isFinite(error.retryAfter) ? Math.max(0, error.retryAfter * 1000) : 0
      return {
        type: 'failed',
        error: 'rate_limited',
        until: this.#clock.now() + Math.min(wait, MAX_RETRY_AFTER),
      }
    }
    const expected = error instanceof SetupError
    this.#log[expected ? 'warn' : 'error']('An integration failed to connect.', {
      domain,
      error: loggedError(error, secrets),
    })
    return { type: 'failed', error: expected ? 'setup_error' : 'unknown' }
  }
}

/** What every store can keep and compare: not empty, no NUL, no half of a character. */
const isUniqueId = (id: unknown): id is string =>
  typeof id === 'string' && id !== '' && id.length <= MAX_UNIQUE_ID && id.isWellFormed() && !id.includes('\0')
