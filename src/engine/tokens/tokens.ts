import { InvalidAuthError, RefreshFailedError } from '../../errors.ts'
import { MAX_RETRY_AFTER } from '../connections/service-calls.ts'
import { methodVariants } from '../integrations/compiled.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { isAhead } from '../lib/stored-time.ts'
import { type TokenAsk, type TokenOutcome, TokenRun } from './token-run.ts'

interface TokenEntry {
  readonly scope: string
  readonly entryId: string
  readonly domain: string
}

interface TokensListener {
  /** Called when a service rejects the credential of an entry. */
  rejected(entry: TokenEntry): void
  /** Called when a service has refreshed the token of an entry. */
  refreshed(entry: TokenEntry): void
}

/** The tokens of the entries whose integrations have `refresh`. */
export class Tokens {
  readonly #core: Core
  readonly #runs = new Map<string, TokenRun>()
  readonly #listener: TokensListener
  /** Called when the token of an entry waits for another process. */
  readonly #onHeld = new Map<string, () => void>()

  constructor(core: Core, listener: TokensListener) {
    this.#core = core
    this.#listener = listener
  }

  /** Whether an integration refreshes its tokens. */
  renews(domain: string): boolean {
    const variants = methodVariants(integrationOf(this.#core, domain))
    return variants.some(({ integration }) => integration.refresh !== undefined)
  }

  /** Returns the token of an entry, refreshed if needed. @throws UnknownEntryError, StoppedError */
  async ask(entry: TokenEntry, ask?: TokenAsk): Promise<TokenOutcome> {
    const { scope, entryId, domain } = entry
    const key = `${scope}\n${entryId}`
    let run = this.#runs.get(key)
    if (run === undefined) {
      run = new TokenRun(
        this.#core,
        integrationOf(this.#core, domain),
        { scope, entryId },
        {
          rejected: () => this.#listener.rejected(entry),
          refreshed: () => this.#listener.refreshed(entry),
          held: () => this.#onHeld.get(key)?.(),
        },
      )
      this.#runs.set(key, run)
    }
    return run.ask(ask)
  }

  /**
   * Returns the current stored values of an entry, parsed by its schema. @throws RefreshFailedError, InvalidAuthError
   */
  async stored(entry: TokenEntry): Promise<object> {
    const outcome = await this.ask(entry)
    if (outcome.type === 'refused') throw new InvalidAuthError()
    if (outcome.type === 'failed') throw this.failure(entry, outcome)
    const { stored } = outcome.value
    if (stored === null) throw new RefreshFailedError(entry.entryId, 'unknown', null)
    return stored
  }

  /** Waits for work on an entry, or until the work waits for another process that refreshes the token. */
  async settledOrHeld({ scope, entryId }: TokenEntry, work: Promise<void>): Promise<'settled' | 'held'> {
    const key = `${scope}\n${entryId}`
    const held = new Promise<'held'>((resolve) => this.#onHeld.set(key, () => resolve('held')))
    try {
      return await Promise.race([work.then(() => 'settled' as const), held])
    } finally {
      this.#onHeld.delete(key)
    }
  }

  /** Converts a failed refresh to the error of a call. */
  failure({ entryId }: TokenEntry, { reason, until }: TokenOutcome & { type: 'failed' }): RefreshFailedError {
    const now = this.#core.clock.now()
    const wait =
      until === null ? null : isAhead(until, now, MAX_RETRY_AFTER) ? Math.ceil((until - now) / 1000) : 0
    return new RefreshFailedError(entryId, reason, wait)
  }

  /** Forgets the token of an entry that is unloaded. Returns false if it is being refreshed, or waits to be. */
  release(scope: string, entryId: string): boolean {
    const key = `${scope}\n${entryId}`
    if (this.#runs.get(key)?.isIdle === false) return false
    this.#runs.delete(key)
    return true
  }

  /** Reads an entry again before its next token is returned. */
  noticeChange(scope: string, entryId: string): void {
    this.#runs.get(`${scope}\n${entryId}`)?.noticeChange()
  }

  /** Stops and removes the token of a removed entry. */
  drop(scope: string, entryId: string): void {
    const key = `${scope}\n${entryId}`
    void this.#runs.get(key)?.stop()
    this.#runs.delete(key)
  }

  /** Waits for the refreshes in progress. The lifetime has ended, so none begins. */
  async stop(): Promise<void> {
    await Promise.all([...this.#runs.values()].map((run) => run.stop()))
  }
}
