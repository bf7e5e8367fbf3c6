import type { SetupFailure } from '../../../machines/entry-result.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { Explained } from '../connections/explained.ts'
import type { LiveConnection } from '../connections/live-connection.ts'
import type { Failed } from '../connections/service-calls.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import type { Call } from '../lib/call.ts'
import { loggedError } from '../lib/redact.ts'
import { openSubentries } from '../records/subentries.ts'
import { openSecrets } from '../secrets/vault.ts'
import type { TokenOutcome } from '../tokens/token-run.ts'
import type { Tokens } from '../tokens/tokens.ts'

/** The result of connecting, and the record that was used. A rejection applies to its credential revision. */
interface LoginResult {
  readonly tried: EntryRecord
  readonly outcome: { readonly type: 'connected'; readonly live: LiveConnection } | LoginFailed
}

/** A failed connection. `until`: do not retry before (ms since the epoch). */
interface LoginFailed {
  readonly type: 'failed'
  readonly error: SetupFailure
  readonly until?: number
  readonly explained?: Explained
}

interface LoginOptions {
  readonly call: Call
  readonly retryRejected: boolean
  /** Receives an error. */
  readonly failed: Failed
}

/** Connects with the stored credential of an entry. Refreshes a token that expires soon or is rejected. */
export class EntryLogin {
  readonly #core: Core
  readonly #tokens: Tokens

  constructor(core: Core, tokens: Tokens) {
    this.#core = core
    this.#tokens = tokens
  }

  /** Connects once, or twice with a refreshed token. @throws UnknownEntryError if the entry was removed */
  async connect(entry: EntryRecord, { call, retryRejected, failed }: LoginOptions): Promise<LoginResult> {
    if (!this.#tokens.renews(entry.domain)) {
      const values = await this.#valuesOf(entry)
      if (values === null) return { tried: entry, outcome: { type: 'failed', error: 'setup_error' } }
      return { tried: entry, outcome: await this.#connect(entry, values, { call, failed }) }
    }
    const first = await this.#tokens.ask(entry, { retryRejected })
    if (first.type !== 'fresh') return { tried: entry, outcome: failureOf(first) }
    const { entry: tried, values } = first.value
    const outcome = await this.#connect(entry, values, { call, failed })
    if (outcome.type !== 'failed' || outcome.error !== 'invalid_auth') return { tried, outcome }
    const second = await this.#tokens.ask(entry, { refused: tried.sealed, retryRejected })
    if (second.type !== 'fresh') return { tried, outcome: failureOf(second) }
    return {
      tried: second.value.entry,
      outcome: await this.#connect(entry, second.value.values, { call, failed }),
    }
  }

  async #connect(
    entry: EntryRecord,
    values: JsonObject,
    { call, failed }: Pick<LoginOptions, 'call' | 'failed'>,
  ): Promise<LoginResult['outcome']> {
    const compiled = integrationOf(this.#core, entry.domain)
    const { options } = entry
    const subentries = await openSubentries(this.#core, entry)
    const outcome = await this.#core.connector.connect(compiled, {
      ...{ values, options, subentries, call, failed },
    })
    // A challenge needs a user, so the entry needs a reauthentication.
    if (outcome.type === 'challenged') return { type: 'failed', error: 'invalid_auth' }
    // Only a refresh shows when the service accepts the application again.
    if (outcome.type === 'failed' && outcome.error === 'client_refused')
      return { type: 'failed', error: 'setup_error' }
    const isOtherAccount = outcome.type === 'failed' && outcome.explained?.type === 'account'
    return isOtherAccount ? { type: 'failed', error: 'wrong_account' } : outcome
  }

  async #valuesOf(entry: EntryRecord): Promise<JsonObject | null> {
    try {
      return { ...entry.data, ...(await openSecrets(this.#core, entry)) }
    } catch (error) {
      const { scope, entryId } = entry
      const fields = { scope, entryId, error: loggedError(error) }
      this.#core.log.error(fields, 'The secrets of an entry could not be decrypted.')
      return null
    }
  }
}

/** Converts a missing token to a failed connection. */
function failureOf(outcome: Exclude<TokenOutcome, { type: 'fresh' }>): LoginFailed {
  if (outcome.type === 'refused') return { type: 'failed', error: 'invalid_auth' }
  const { reason, until } = outcome
  return { type: 'failed', error: errors.get(reason) ?? 'unknown', ...(until !== null && { until }) }
}

/** The error codes of a setup by the error codes of a refresh. */
const errors: ReadonlyMap<string, SetupFailure> = new Map([
  ['cannot_connect', 'cannot_connect'],
  ['timeout', 'timeout'],
  ['rate_limited', 'rate_limited'],
  ['client_refused', 'client_refused'],
  ['setup_error', 'refresh_failed'],
])
