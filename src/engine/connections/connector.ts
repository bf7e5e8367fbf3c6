import type * as z from 'zod'
import { hostAndPort } from '../../authoring/address.ts'
import type { Challenged, Connected } from '../../authoring/integration.ts'
import { textFrom } from '../../authoring/title.ts'
import { SetupError } from '../../errors.ts'
import type { Reach } from '../../ports/authorizer.ts'
import type { Clock } from '../../ports/clock.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { Log } from '../../ports/log.ts'
import type { Network } from '../../ports/network.ts'
import type { Limits } from '../api/latchkey.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { collectSecrets, returnedSecrets, secretsOf, storedValues } from '../integrations/values.ts'
import type { Call } from '../lib/call.ts'
import {
  type ChallengeRequested,
  challengeContext,
  readChallenge,
  type SubmittedAnswer,
} from './challenges.ts'
import { expirationOf, mistakeOf } from './connect-result.ts'
import { ShownTexts } from './explained.ts'
import {
  type ChoicesFound,
  callForChoices,
  type FindRequest,
  type NotFound,
  withoutSecrets,
} from './find-choices.ts'
import { type InitialContent, initialContent } from './initial-content.ts'
import { LiveConnection, type LiveConnectionOptions } from './live-connection.ts'
import { reachingFetch } from './reaching-fetch.ts'
import { type CallFailed, type CallParts, type Failed, ServiceCalls } from './service-calls.ts'
import { connectedSubentries, type OpenedSubentries } from './subentries.ts'
import { Traffic } from './traffic.ts'

/** The result of a `connect` call. */
export type ConnectOutcome =
  | { readonly type: 'connected'; readonly live: LiveConnection }
  | ChallengeRequested
  | CallFailed

/** The result of an `exchange` call: the values to store, with unencrypted secrets. */
export type ExchangeOutcome =
  | { readonly type: 'exchanged'; readonly values: JsonObject }
  | ChallengeRequested
  | CallFailed

/** The input of a `connect` or `exchange` call. */
export interface ConnectRequest {
  /** The submitted values for `exchange`; the stored values for `connect`. */
  readonly values: JsonObject
  readonly challenge?: SubmittedAnswer
  /** The stored options of the entry; absent for a new entry. */
  readonly options?: JsonObject
  /** The decrypted sub-entries of the entry; absent for a new entry. */
  readonly subentries?: OpenedSubentries
  /** The content that an import gives its new entry, instead of what `connect` returns. */
  readonly initial?: Partial<InitialContent>
  /** Cancels the call when its result is no longer needed. */
  readonly call: Call
  /** Additional secrets to redact from logs. */
  readonly secrets?: readonly string[]
  /** Receives an error before its failure is returned. */
  readonly failed?: Failed | undefined
}

/** The limits of connections. */
type ConnectorLimits = Pick<Limits, 'disposeTimeout' | 'subentries'>

/**
 * Calls `connect`, `exchange` and the choices of integrations. Returns a result for every outcome and never throws.
 */
export class Connector {
  readonly calls: ServiceCalls
  readonly #clock: Clock
  readonly #log: Log
  readonly network: Network
  readonly #limits: ConnectorLimits

  constructor({ network, ...parts }: CallParts & { readonly network: Network }, limits: ConnectorLimits) {
    this.calls = new ServiceCalls(parts)
    this.#limits = limits
    this.#clock = parts.clock
    this.#log = parts.log
    this.network = { ...network, fetch: reachingFetch(network.fetch) }
  }

  /** Returns the time for a client's `dispose` in milliseconds. */
  disposeTimeoutOf(compiled: Compiled | undefined): number {
    return compiled?.integration.disposeTimeout ?? this.#limits.disposeTimeout
  }

  /** Connects with stored values. A connection that opens after the timeout or cancellation is closed. */
  connect(compiled: Compiled, request: ConnectRequest): Promise<ConnectOutcome> {
    const secrets = [...secretsOf(compiled, request), ...(request.secrets ?? [])]
    return this.calls.run<ConnectOutcome>({
      compiled,
      call: request.call,
      secrets,
      attempt: () => this.#connect(compiled, request, secrets),
      failed: request.failed,
      late: (outcome) => {
        if (outcome.type === 'connected') void outcome.live.close()
      },
    })
  }

  /** Exchanges submitted values for the values to store. */
  exchange(compiled: Compiled, request: ConnectRequest): Promise<ExchangeOutcome> {
    const secrets = [...secretsOf(compiled, request)]
    return this.calls.run<ExchangeOutcome>({
      compiled,
      call: request.call,
      secrets,
      attempt: () => this.#exchange(compiled, request, secrets),
      failed: request.failed,
    })
  }

  /** Loads the choices of a field: from the service, or with the client of the entry. */
  findChoices<Failure extends NotFound = never>(
    compiled: Compiled,
    request: FindRequest<Failure>,
  ): Promise<ChoicesFound | Failure | CallFailed> {
    const { call, field, within } = request
    const secrets = [...secretsOf(compiled, request)]
    const find = (more: object = {}) =>
      callForChoices(request, Object.assign(this.reach(call), more), secrets)
    return this.calls.run<ChoicesFound | Failure>({
      compiled,
      call,
      secrets,
      failed: request.failed,
      attempt: async () => {
        const found =
          within === undefined ? await find() : await within((client) => find({ client }), secrets)
        return withoutSecrets<Failure>(field, found, secrets)
      },
    })
  }

  /** Returns the network functions and the signal that an integration receives. */
  reach(call: Call): Reach {
    return {
      ...this.network,
      // A getter, because creating a signal costs more than the rest of a fast `connect`.
      get signal() {
        return call.signal
      },
    }
  }

  async #connect(compiled: Compiled, request: ConnectRequest, secrets: string[]): Promise<ConnectOutcome> {
    const { integration } = compiled
    const { values, challenge } = this.#parse(compiled, compiled.storedSchema, request, secrets)
    const storedOptions = request.options ?? request.initial?.options ?? {}
    const options = integration.options?.safeParse(storedOptions)
    if (options?.success === false) throw new SetupError()
    let dropped = false
    let live: LiveConnection | null = null
    const traffic = new Traffic()
    const context = Object.assign(this.reach(request.call), {
      fetch: traffic.counting(this.network.fetch),
      lost: () => {
        dropped = true
        live?.reportLost()
      },
      stored: async () => (live?.readStored === undefined ? values : live.readStored()),
      options: options?.data ?? NO_OPTIONS,
      subentries: connectedSubentries(compiled, request.subentries, { log: this.#log, secrets }),
      ...challenge,
    })
    const connect = integration.connect as (values: unknown, context: unknown) => Promise<unknown>
    const subentriesRevision = request.subentries?.revision ?? 0
    const details = { options: context.options, storedOptions, subentriesRevision, secrets, traffic }
    const result = await connect.call(integration, values, context)
    const outcome = this.#readResult(compiled, result, details)
    if (outcome.type !== 'connected') return outcome
    live = outcome.live
    // The request of an existing entry has its options.
    if (request.options === undefined) this.#readInitial(compiled, live, { result, secrets })
    live.initial = { ...live.initial, ...request.initial }
    if (dropped) live.reportLost()
    return outcome
  }

  async #exchange(compiled: Compiled, request: ConnectRequest, secrets: string[]): Promise<ExchangeOutcome> {
    const { integration } = compiled
    const { values, challenge } = this.#parse(compiled, compiled.schema, request, secrets)
    const context = Object.assign(this.reach(request.call), challenge)
    const exchange = integration.exchange as (values: unknown, context: unknown) => Promise<unknown>
    const result = await exchange.call(integration, values, context)
    if (typeof result !== 'object' || result === null) throw new Error('exchange did not return an object.')
    if ('challenge' in result) return readChallenge(compiled, result as Challenged<string>, 'exchange')
    // A refinement of the schema can quote the value in its error.
    secrets.push(...returnedSecrets(compiled, result))
    return { type: 'exchanged', values: storedValues(compiled, result, 'exchange') }
  }

  /** Parses the values and the challenge answer, and collects their secrets. @throws SetupError if they are invalid */
  #parse(compiled: Compiled, schema: z.ZodObject, request: ConnectRequest, secrets: string[]) {
    const values = schema.safeParse(request.values)
    const challenge = challengeContext(compiled, request.challenge)
    if (!values.success || challenge === null) throw new SetupError()
    // A schema can transform a secret, for example trim it. Errors of the integration quote the transformed value.
    collectSecrets(values.data, secrets)
    if (challenge.challenge !== undefined) collectSecrets(challenge.challenge.values, secrets)
    return { values: values.data, challenge }
  }

  /** Reads the options and sub-entries of a new entry. Closes the connection if they are invalid. @throws UnfitError */
  #readInitial(
    compiled: Compiled,
    live: LiveConnection,
    { result, secrets }: { readonly result: unknown; readonly secrets: string[] },
  ): void {
    try {
      const most = this.#limits.subentries
      live.initial = initialContent(compiled, result as Connected<unknown>, { secrets, most })
    } catch (error) {
      void live.close()
      throw error
    }
  }

  /** Validates the return value of `connect`. */
  #readResult(
    compiled: Compiled,
    result: unknown,
    details: Pick<
      LiveConnectionOptions,
      'options' | 'storedOptions' | 'subentriesRevision' | 'secrets' | 'traffic'
    >,
  ): ConnectOutcome {
    if (typeof result !== 'object' || result === null) throw new Error('connect did not return an object.')
    if ('challenge' in result) return readChallenge(compiled, result as Challenged<string>, 'connect')
    const connected = result as Connected<unknown>
    const mistake = mistakeOf(connected, details.secrets)
    const { uniqueId, formerUniqueIds = [] } = connected
    const shown = new ShownTexts(details.secrets)
    const title = shown.title(connected.title, null)
    const account = shown.title(connected.account, null)
    const live = new LiveConnection({
      client: connected.client,
      uniqueId,
      formerUniqueIds: mistake !== null || formerUniqueIds.length === 0 ? NO_IDS : [...formerUniqueIds],
      title: title ?? compiled.integration.title,
      namesTitle: title !== null,
      account: account ?? title,
      namesAccount: account !== null,
      address: shownAddress(connected.address, shown),
      expiresAt: expirationOf(connected, this.#clock.now(), (ignored) => this.calls.warn(compiled, ignored)),
      dispose: () => connected.dispose?.(),
      disposeTimeout: this.disposeTimeoutOf(compiled),
      clock: this.#clock,
      log: this.#log,
      domain: compiled.domain,
      ...details,
    })
    if (mistake !== null) {
      if (typeof connected.dispose === 'function') void live.close()
      throw new Error(mistake)
    }
    return { type: 'connected', live }
  }
}

// Shared, because each loaded entry keeps its connection.
const NO_IDS: readonly string[] = []
const NO_OPTIONS = Object.freeze({})

/** The longest host name, with a port. */
const MAX_ADDRESS = 260

/** Returns the address that `connect` returned without parts that can contain a secret: a host with its port, or a region. */
function shownAddress(address: unknown, shown: ShownTexts): string | null {
  const text = textFrom(address, MAX_ADDRESS)
  if (text === null) return null
  const place = hostAndPort(text) ?? (/^[\p{L}\p{N} ().,-]+$/u.test(text) ? text : null)
  return place === null || shown.addressQuotes(place) ? null : place
}
