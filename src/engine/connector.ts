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
import { Secret } from '../secret.ts'
import { titleFrom } from '../title.ts'
import type { Call } from './call.ts'
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
  /** Called back when nobody waits for the connection any more. */
  readonly call: Call
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
  /** The attempts that are under way. */
  readonly #calls = new Set<Call>()
  #stopped = false

  constructor(clock: Clock, log: Log, network: Network) {
    this.#clock = clock
    this.#log = log
    this.#network = network
  }

  async connect(compiled: Compiled, request: ConnectRequest): Promise<ConnectOutcome> {
    const { integration } = compiled
    const secrets = [...secretsOf(compiled, request)]
    const { call } = request
    if (this.#stopped || call.aborted) return { type: 'failed', error: 'unknown' }
    this.#calls.add(call)
    const answered = await new Promise<ConnectOutcome>((resolve) => {
      let waiting = true
      const answer = (outcome: ConnectOutcome) => {
        // Nobody waits any more: the flow was cancelled, or the time was up.
        if (!waiting) {
          if (outcome.type === 'connected') void outcome.live.close()
          return
        }
        waiting = false
        call.onAbort = null
        this.#clock.clearTimeout(timer)
        resolve(outcome)
      }
      const timer = this.#clock.setTimeout(() => {
        answer({ type: 'failed', error: 'timeout' })
        call.abort()
      }, integration.connectTimeout ?? TIMEOUT)
      call.onAbort = () => answer({ type: 'failed', error: 'unknown' })
      this.#attempt(compiled, request, secrets).then(answer, (error: unknown) => {
        if (waiting) answer(this.#failure(error, compiled.domain, secrets))
      })
    })
    this.#calls.delete(call)
    return answered
  }

  async #attempt(compiled: Compiled, request: ConnectRequest, secrets: string[]): Promise<ConnectOutcome> {
    const { integration } = compiled
    const { call } = request
    // From here on the stack is the integration's own: an error that it throws has few frames to record.
    await null
    const values = integration.fields.safeParse(request.values)
    const challenge = this.#answer(compiled, request)
    if (!values.success || challenge === null) throw new SetupError()
    // A field may trim what was typed: the integration quotes the secret as it was handed it.
    keepSecrets(values.data, secrets)
    if (challenge.challenge !== undefined) keepSecrets(challenge.challenge.values, secrets)
    let dropped = false
    let live: LiveConnection | null = null
    const context = {
      ...this.#network,
      // Made when it is looked at: a signal costs more than the rest of a connect that is quick.
      get signal() {
        return call.signal
      },
      lost: () => {
        dropped = true
        live?.drop()
      },
      ...challenge,
    }
    const connect = integration.connect as (values: unknown, context: unknown) => Promise<unknown>
    const outcome = this.#read(compiled, await connect.call(integration, values.data, context), secrets)
    if (outcome.type !== 'connected') return outcome
    live = outcome.live
    if (dropped) live.drop()
    return outcome
  }

  /** Whether the host has stopped: nothing is to be tried again. */
  get stopped(): boolean {
    return this.#stopped
  }

  /** Calls back every attempt that is under way, and begins none from here on. */
  stop(): void {
    this.#stopped = true
    for (const call of this.#calls) call.abort()
  }

  #answer(
    compiled: Compiled,
    { challenge }: ConnectRequest,
  ): { challenge?: { name: string; values: object; state: Json } } | null {
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
      log: this.#log,
      domain: compiled.domain,
      secrets,
    })
    if (uniqueId !== null && !isUniqueId(uniqueId)) {
      void live.close()
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
      const wait = Number.isNaN(error.retryAfter) ? 0 : Math.max(0, error.retryAfter * 1000)
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

function keepSecrets(values: object, secrets: string[]): void {
  for (const value of Object.values(values)) if (value instanceof Secret) secrets.push(value.reveal())
}
