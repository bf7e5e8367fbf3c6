import { UnreadableRecordError } from '../../errors.ts'
import type { AttemptsRecord, Write } from '../../ports/store.ts'
import type { Core } from '../kernel/core.ts'
import { isConflict } from '../lib/conflicts.ts'
import { ENGINE } from '../lib/principals.ts'
import { isBelievable } from '../lib/stored-time.ts'
import { type AuditKind, audit } from '../records/audit.ts'

/** The row of a scope. It is one of the failed attempts, which every store can keep until a time. */
export const REFUSALS_KEY = 'client_refused'

/** A refusal is forgotten after this time without another one, in milliseconds. */
export const REFUSAL_LIFETIME = 604_800_000

/** A refusal that is younger than this is not written again, in milliseconds. */
const RENEWAL = 3_600_000

/** A domain whose service refuses the host's application, and since when (ms since the epoch). */
export interface ClientRefusal {
  readonly domain: string
  readonly since: number
}

/** The integrations of each scope whose services refuse the host's application, stored in one row of the scope. */
export class ClientRefusals {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  /** Returns the refusals of a scope. One that began after now was written while a clock was ahead, and is void. */
  async list(scope: string): Promise<readonly ClientRefusal[]> {
    const now = this.#core.clock.now()
    return refusalsIn(await this.#core.store.getAttempts(scope, REFUSALS_KEY), now)
  }

  /** Records that a service refuses the host's application. Writes nothing if that is recorded already. */
  record(scope: string, domain: string): Promise<void> {
    return this.#change(scope, { domain, kind: 'client_refused' }, (refusals, dueAt, now) => {
      const isKnown = refusals.some((refusal) => refusal.domain === domain)
      if (isKnown && dueAt > now + REFUSAL_LIFETIME - RENEWAL) return null
      return isKnown ? refusals : [...refusals, { domain, since: now }]
    })
  }

  /** Records that a service accepts the host's application. Writes nothing if no refusal is recorded. */
  clear(scope: string, domain: string): Promise<void> {
    return this.#change(scope, { domain, kind: 'client_accepted' }, (refusals) => {
      const others = refusals.filter((refusal) => refusal.domain !== domain)
      return others.length === refusals.length ? null : others
    })
  }

  /** Removes the expired row of a scope. Its refusals leave the attention list. @throws RevisionConflictError */
  async expire(scope: string, ifRevision: number): Promise<void> {
    const { store, clock, events } = this.#core
    const at = clock.now()
    const expired = await this.list(scope).catch((error: unknown) => {
      if (error instanceof UnreadableRecordError) return []
      throw error
    })
    const kind: AuditKind = 'client_refusal_expired'
    const rows = expired.map(({ domain: code }) =>
      audit({ scope, at, who: ENGINE, entryId: null, kind, code, revision: ifRevision + 1 }),
    )
    await store.apply(scope, [{ remove: 'attempts', id: REFUSALS_KEY, ifRevision }, ...rows])
    for (const { domain } of expired) events.emit('attention_changed', { scope, entryId: null, domain })
  }

  /** Writes the changed refusals; nothing if `change` returns null. Repeats it if another process has written. */
  async #change(
    scope: string,
    { domain, kind }: { readonly domain: string; readonly kind: AuditKind },
    change: (
      refusals: readonly ClientRefusal[],
      dueAt: number,
      now: number,
    ) => readonly ClientRefusal[] | null,
  ): Promise<void> {
    const { store, clock, events } = this.#core
    for (;;) {
      const now = clock.now()
      const stored = await store.getAttempts(scope, REFUSALS_KEY)
      const before = refusalsIn(stored, now)
      const after = change(before, stored?.dueAt ?? 0, now)
      if (after === null) return
      const revision = (stored?.revision ?? 0) + 1
      const isNew = after.length !== before.length
      const row = audit({ scope, at: now, who: ENGINE, entryId: null, kind, code: domain, revision })
      try {
        await store.apply(scope, [writeOf(scope, after, { stored, now }), ...(isNew ? [row] : [])])
      } catch (error) {
        if (isConflict(error, 'attempts')) continue
        throw error
      }
      if (isNew) events.emit('attention_changed', { scope, entryId: null, domain })
      return
    }
  }
}

function refusalsIn(stored: AttemptsRecord | undefined, now: number): readonly ClientRefusal[] {
  return (stored?.failures ?? [])
    .filter(({ at }) => isBelievable(at, now, 0))
    .map(({ at, code }) => ({ domain: code, since: at }))
}

function writeOf(
  scope: string,
  refusals: readonly ClientRefusal[],
  { stored, now }: { readonly stored: AttemptsRecord | undefined; readonly now: number },
): Write {
  const ifRevision = stored?.revision ?? 0
  if (refusals.length === 0) return { remove: 'attempts', id: REFUSALS_KEY, ifRevision }
  const failures = refusals.map(({ domain, since }) => ({ at: since, principal: ENGINE, code: domain }))
  const dueAt = now + REFUSAL_LIFETIME
  const record = { scope, key: REFUSALS_KEY, failures, blockedUntil: null, revision: ifRevision + 1, dueAt }
  return { put: 'attempts', record, ifRevision }
}
