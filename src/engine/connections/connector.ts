import type * as z from 'zod'
import type { Challenged, Connected } from '../../authoring/integration.ts'
import { titleFrom } from '../../authoring/title.ts'
import { isUniqueId } from '../../authoring/unique-id.ts'
import { SetupError } from '../../errors.ts'
import type { Reach } from '../../ports/authorizer.ts'
import type { Clock } from '../../ports/clock.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { Log } from '../../ports/log.ts'
import type { Network } from '../../ports/network.ts'
import type { Compiled } from '../integrations/compiled.ts'
import type { FoundMenuPage } from '../integrations/pages.ts'
import { collectSecrets, secretsOf } from '../integrations/secret-values.ts'
import { storedValues } from '../integrations/stored-values.ts'
import type { Call } from '../lib/call.ts'
import {
  type ChallengeRequested,
  challengeContext,
  readChallenge,
  type SubmittedAnswer,
} from './challenge.ts'
import { type FindOptionsOutcome, findOptions } from './find-options.ts'
import { LiveConnection, type LiveConnectionOptions } from './live-connection.ts'
import { type CallFailed, ServiceCalls } from './service-calls.ts'
import { connectedSubentries, type OpenedSubentries } from './subentries.ts'

/** What came of one `connect`, whatever it returned or threw. */
export type ConnectOutcome =
  | { readonly type: 'connected'; readonly live: LiveConnection }
  | ChallengeRequested
  | CallFailed

/** What came of one `exchange`: what is to be kept, secrets in clear. */
export type ExchangeOutcome =
  | { readonly type: 'exchanged'; readonly values: JsonObject }
  | ChallengeRequested
  | CallFailed

export interface ConnectRequest {
  /** What an `exchange` is handed: the fields as they were submitted. What a `connect` is: what is kept. */
  readonly values: JsonObject
  readonly challenge?: SubmittedAnswer
  /** The entry's options as they are stored; absent for a new entry. */
  readonly options?: JsonObject
  /** What is under the entry; absent for a new entry. */
  readonly subentries?: OpenedSubentries
  /** Called back when nobody waits for the connection any more. */
  readonly call: Call
  /** Secrets in hand beside those of the values. */
  readonly secrets?: readonly string[]
}

/** Calls an integration's `exchange` and `connect`, and turns all that they may do into a value. */
export class Connector {
  readonly calls: ServiceCalls
  readonly #clock: Clock
  readonly #log: Log
  readonly network: Network

  constructor(clock: Clock, log: Log, network: Network) {
    this.calls = new ServiceCalls(clock, log)
    this.#clock = clock
    this.#log = log
    this.network = network
  }

  connect(compiled: Compiled, request: ConnectRequest): Promise<ConnectOutcome> {
    const secrets = [...secretsOf(compiled, request), ...(request.secrets ?? [])]
    return this.calls.run<ConnectOutcome>({
      ...{ compiled, call: request.call, secrets },
      attempt: () => this.#connect(compiled, request, secrets),
      late: (outcome) => {
        if (outcome.type === 'connected') void outcome.live.close()
      },
    })
  }

  /** Turns what a person typed into what is kept. */
  exchange(compiled: Compiled, request: ConnectRequest): Promise<ExchangeOutcome> {
    const secrets = [...secretsOf(compiled, request)]
    return this.calls.run<ExchangeOutcome>({
      ...{ compiled, call: request.call, secrets },
      attempt: () => this.#exchange(compiled, request, secrets),
    })
  }

  /** Asks the service what there is to choose in a menu, given what was typed before it. */
  findOptions(compiled: Compiled, page: FoundMenuPage, request: ConnectRequest): Promise<FindOptionsOutcome> {
    const secrets = [...secretsOf(compiled, request)]
    return this.calls.run<FindOptionsOutcome>({
      ...{ compiled, call: request.call, secrets },
      attempt: () => findOptions(compiled, page, { ...request, secrets, given: this.reach(request.call) }),
    })
  }

  /** What authors' code reaches its service by, until the call is called back. */
  reach(call: Call): Reach {
    return {
      ...this.network,
      // Made when it is looked at: a signal costs more than the rest of a connect that is quick.
      get signal() {
        return call.signal
      },
    }
  }

  async #connect(compiled: Compiled, request: ConnectRequest, secrets: string[]): Promise<ConnectOutcome> {
    const { integration } = compiled
    const { values, challenge } = this.#handed(compiled, compiled.storedSchema, request, secrets)
    const storedOptions = request.options ?? {}
    const options = integration.options?.safeParse(storedOptions)
    if (options?.success === false) throw new SetupError()
    let dropped = false
    let live: LiveConnection | null = null
    const context = Object.assign(this.reach(request.call), {
      lost: () => {
        dropped = true
        live?.reportLost()
      },
      stored: async () => (live?.readStored === undefined ? values : live.readStored()),
      options: options?.data ?? {},
      subentries: connectedSubentries(compiled, request.subentries, { log: this.#log, secrets }),
      ...challenge,
    })
    const connect = integration.connect as (values: unknown, context: unknown) => Promise<unknown>
    const subentriesRevision = request.subentries?.revision ?? 0
    const about = { options: context.options, storedOptions, subentriesRevision, secrets }
    const outcome = this.#read(compiled, await connect.call(integration, values, context), about)
    if (outcome.type !== 'connected') return outcome
    live = outcome.live
    if (dropped) live.reportLost()
    return outcome
  }

  async #exchange(compiled: Compiled, request: ConnectRequest, secrets: string[]): Promise<ExchangeOutcome> {
    const { integration } = compiled
    const { values, challenge } = this.#handed(compiled, compiled.schema, request, secrets)
    const context = Object.assign(this.reach(request.call), challenge)
    const exchange = integration.exchange as (values: unknown, context: unknown) => Promise<unknown>
    const result = await exchange.call(integration, values, context)
    if (typeof result !== 'object' || result === null) throw new Error('exchange returned no object.')
    if ('challenge' in result) return readChallenge(compiled, result as Challenged<string>, 'exchange')
    // A field's own rule may quote what it refuses.
    secrets.push(...Object.values(result).filter((value) => typeof value === 'string'))
    return { type: 'exchanged', values: storedValues(compiled, result, 'exchange') }
  }

  /** What the integration is handed, read from what was submitted or stored. @throws SetupError */
  #handed(compiled: Compiled, schema: z.ZodObject, request: ConnectRequest, secrets: string[]) {
    const values = schema.safeParse(request.values)
    const challenge = challengeContext(compiled, request.challenge)
    if (!values.success || challenge === null) throw new SetupError()
    // A field may trim what was typed: the integration quotes the secret as it was handed it.
    collectSecrets(values.data, secrets)
    if (challenge.challenge !== undefined) collectSecrets(challenge.challenge.values, secrets)
    return { values: values.data, challenge }
  }

  #read(
    compiled: Compiled,
    result: unknown,
    about: Pick<LiveConnectionOptions, 'options' | 'storedOptions' | 'subentriesRevision' | 'secrets'>,
  ): ConnectOutcome {
    if (typeof result !== 'object' || result === null) throw new Error('connect returned no object.')
    if ('challenge' in result) return readChallenge(compiled, result as Challenged<string>, 'connect')
    const connected = result as Connected<unknown>
    const { uniqueId } = connected
    const live = new LiveConnection({
      client: connected.client,
      uniqueId,
      title: titleFrom(connected.title, compiled.integration.title),
      expiresAt: isTime(connected.expiresAt)
        ? Math.trunc(connected.expiresAt)
        : connected.expiresAt === null
          ? null
          : undefined,
      dispose: () => connected.dispose?.(),
      clock: this.#clock,
      log: this.#log,
      domain: compiled.domain,
      ...about,
    })
    if (uniqueId !== null && !isUniqueId(uniqueId)) {
      void live.close()
      throw new Error(
        'connect returned no unique id: a string that is not empty, or null where there is none.',
      )
    }
    return { type: 'connected', live }
  }
}

/** A time that every store can keep; anything else counts as not said. */
const isTime = (at: unknown): at is number =>
  typeof at === 'number' && at > 0 && at <= Number.MAX_SAFE_INTEGER
