import type { AttemptsRecord, Write } from '../ports/store.ts'
import { MAX_RETRY_AFTER } from './connector.ts'
import type { Core } from './core.ts'

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

  reread(): Promise<Attempts> {
    return Attempts.read(this.#core, this.#of)
  }

  /** Until when (ms since the epoch) nothing may be tried; null where a try is free. */
  get blockedUntil(): number | null {
    const now = this.#core.clock.now()
    if (this.#stored === undefined) return null
    const { attemptsPerEntry, attemptsPerDomain, unreachablePerDomain } = this.#core.limits
    const ends = [
      this.#stored.blockedUntil ?? 0,
      ...(this.#of.entryId !== null
        ? [this.#freeAt('invalid_auth', attemptsPerEntry, this.#of.principal)]
        : [
            this.#freeAt('invalid_auth', attemptsPerDomain),
            this.#freeAt('cannot_connect', unreachablePerDomain),
          ]),
    ]
    const until = Math.max(...ends)
    return until > now ? until : null
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

  /** When the failures of this kind leave room for another try. */
  #freeAt(code: string, limit: number, principal?: string): number {
    const since = this.#core.clock.now() - this.#core.limits.attemptsWindow
    const counted = (this.#stored?.failures ?? []).filter(
      (failure) =>
        failure.code === code &&
        failure.at > since &&
        (principal === undefined || failure.principal === principal),
    )
    const first = counted[counted.length - limit]
    return first === undefined ? 0 : first.at + this.#core.limits.attemptsWindow
  }
}

const attemptsKey = ({ entryId, domain }: AttemptsOf): string =>
  entryId === null ? `domain:${domain}` : `entry:${entryId}`
