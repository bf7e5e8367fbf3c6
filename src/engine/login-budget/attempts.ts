import type { AttemptsRecord, Write } from '../../ports/store.ts'
import { MAX_RETRY_AFTER } from '../connections/service-calls.ts'
import type { Core } from '../kernel/core.ts'

/** Whose tries are counted together: those of one entry, or of a domain where there is no entry yet. */
export interface AttemptsOf {
  readonly scope: string
  readonly domain: string
  readonly entryId: string | null
  readonly principal: string
}

/** The budget of refused logins, as it stood when it was read. */
export class Attempts {
  readonly #core: Core
  readonly #of: AttemptsOf
  readonly #key: string
  readonly #stored: AttemptsRecord | undefined

  private constructor(core: Core, of: AttemptsOf, stored: AttemptsRecord | undefined) {
    this.#core = core
    this.#of = of
    this.#key = attemptsKey(of)
    this.#stored = stored
  }

  static async read(core: Core, of: AttemptsOf): Promise<Attempts> {
    return new Attempts(core, of, await core.store.getAttempts(of.scope, attemptsKey(of)))
  }

  /** For work that neither tries a login nor counts one. */
  static none(core: Core, of: AttemptsOf): Attempts {
    return new Attempts(core, of, undefined)
  }

  reread(): Promise<Attempts> {
    return Attempts.read(this.#core, this.#of)
  }

  /** Whose they are, as one text. */
  get key(): string {
    return `${this.#of.scope}\n${this.#key}`
  }

  /** Until when (ms since the epoch) nothing may be tried; null where a try is free. */
  get blockedUntil(): number | null {
    const now = this.#core.clock.now()
    if (this.#stored === undefined) return null
    const until = Math.max(
      this.#stored.blockedUntil ?? 0,
      ...this.#budgets().map((budget) => this.#freeAt(budget)),
    )
    return until > now ? until : null
  }

  /** How many tries may be under way at once without overdrawing a budget. */
  get room(): number {
    return Math.min(...this.#budgets().map((budget) => budget.limit - this.#counted(budget).length))
  }

  /** The write that counts a failure; none for one that costs nothing. */
  count(code: string, until: number | undefined): readonly Write[] {
    const counts = code === 'invalid_auth' || (code === 'cannot_connect' && this.#of.entryId === null)
    if (!counts && until === undefined) return []
    const now = this.#core.clock.now()
    const { attemptsWindow } = this.#core.limits
    const failures = (this.#stored?.failures ?? []).filter(({ at }) => at > now - attemptsWindow)
    if (counts) failures.push({ at: now, principal: this.#of.principal, code })
    const blocked = Math.max(this.#stored?.blockedUntil ?? 0, Math.min(until ?? 0, now + MAX_RETRY_AFTER))
    const record: AttemptsRecord = {
      scope: this.#of.scope,
      key: this.#key,
      failures,
      blockedUntil: blocked > now ? blocked : null,
      revision: (this.#stored?.revision ?? 0) + 1,
      dueAt: Math.max(now + attemptsWindow, blocked),
    }
    return [{ put: 'attempts', record, ifRevision: this.#stored?.revision ?? 0 }]
  }

  /** The write that forgives all that was counted. */
  clear(): readonly Write[] {
    if (this.#stored === undefined) return []
    return [{ remove: 'attempts', id: this.#key, ifRevision: this.#stored.revision }]
  }

  #budgets(): readonly Budget[] {
    const { attemptsPerEntry, attemptsPerDomain, unreachablePerDomain } = this.#core.limits
    if (this.#of.entryId !== null) {
      return [{ code: 'invalid_auth', limit: attemptsPerEntry, principal: this.#of.principal }]
    }
    return [
      { code: 'invalid_auth', limit: attemptsPerDomain },
      { code: 'cannot_connect', limit: unreachablePerDomain },
    ]
  }

  #counted({ code, principal }: Budget): readonly { readonly at: number }[] {
    const since = this.#core.clock.now() - this.#core.limits.attemptsWindow
    return (this.#stored?.failures ?? []).filter(
      (failure) =>
        failure.code === code &&
        failure.at > since &&
        (principal === undefined || failure.principal === principal),
    )
  }

  /** When a budget has room for another try. */
  #freeAt(budget: Budget): number {
    const counted = this.#counted(budget)
    const first = counted[counted.length - budget.limit]
    return first === undefined ? 0 : first.at + this.#core.limits.attemptsWindow
  }
}

interface Budget {
  readonly code: string
  readonly limit: number
  readonly principal?: string
}

const attemptsKey = ({ entryId, domain }: AttemptsOf): string =>
  entryId === null ? `domain:${domain}` : `entry:${entryId}`
