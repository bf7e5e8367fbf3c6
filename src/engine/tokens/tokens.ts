import { InvalidAuthError, RefreshFailedError } from '../../errors.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { type TokenAsk, type TokenOutcome, TokenRun } from './token-run.ts'

interface TokenOf {
  readonly scope: string
  readonly entryId: string
  readonly domain: string
}

/** The tokens of all entries whose integrations have `refresh`. */
export class Tokens {
  readonly #core: Core
  readonly #runs = new Map<string, TokenRun>()
  readonly #rejected: (of: TokenOf) => void

  /** `rejected` is called when a service turns out to refuse what an entry keeps. */
  constructor(core: Core, rejected: (of: TokenOf) => void) {
    this.#core = core
    this.#rejected = rejected
  }

  /** Whether an integration has `refresh`. */
  renews(domain: string): boolean {
    return integrationOf(this.#core, domain).integration.refresh !== undefined
  }

  /** @throws UnknownEntryError */
  ask(of: TokenOf, ask?: TokenAsk): Promise<TokenOutcome> {
    const { scope, entryId, domain } = of
    const key = `${scope}\n${entryId}`
    let run = this.#runs.get(key)
    if (run === undefined) {
      run = new TokenRun(this.#core, integrationOf(this.#core, domain), { scope, entryId }, () =>
        this.#rejected(of),
      )
      this.#runs.set(key, run)
    }
    return run.ask(ask)
  }

  /** Returns the stored values of an entry for its integration. @throws RefreshFailedError, InvalidAuthError */
  async stored(of: TokenOf): Promise<object> {
    const outcome = await this.ask(of)
    if (outcome.type === 'refused') throw new InvalidAuthError()
    if (outcome.type === 'failed') throw this.failure(of, outcome)
    const { stored } = outcome.value
    if (stored === null) throw new RefreshFailedError(of.entryId, 'unknown', null)
    return stored
  }

  /** Returns the error for a caller. */
  failure({ entryId }: TokenOf, { reason, until }: TokenOutcome & { type: 'failed' }): RefreshFailedError {
    const wait = until === null ? null : Math.max(0, Math.ceil((until - this.#core.clock.now()) / 1000))
    return new RefreshFailedError(entryId, reason, wait)
  }

  /** Forgets an entry that is no longer stored. */
  drop(scope: string, entryId: string): void {
    const key = `${scope}\n${entryId}`
    void this.#runs.get(key)?.stop()
    this.#runs.delete(key)
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#runs.values()].map((run) => run.stop()))
  }
}
