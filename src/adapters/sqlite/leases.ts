import type { Lease, LeaseName, LeaseTerm, ReservationName } from '../../ports/lease.ts'
import type { BeginWork, BegunWork, Budget, EntryRecord, StoreLeases } from '../../ports/store.ts'
import { checkKey } from '../check-write.ts'
import { isLive } from '../lease-time.ts'
import { storedFlow } from '../stored-flow.ts'
import { readRecord } from '../stored-record.ts'
import { asStoreError } from './as-store-error.ts'
import type { GroupCommit } from './group-commit.ts'
import type { LeaseStatements } from './lease-statements.ts'
import type { SqliteReads } from './reads.ts'

/** The parts of an open database that leases need. */
interface LeaseSession {
  readonly statements: { readonly leases: LeaseStatements }
  readonly reads: SqliteReads
  readonly commits: GroupCommit
}

/**
 * The leases of a database file. Their commits are not synced to the disk: a lease that is lost with the machine has no
 * holder.
 */
export class SqliteLeases implements StoreLeases {
  readonly #session: () => LeaseSession

  constructor(session: () => LeaseSession) {
    this.#session = session
  }

  beginWork(scope: string, flowId: string, work: BeginWork): Promise<BegunWork | undefined> {
    return this.#commit((session) => begin(session, scope, flowId, work))
  }

  claim(name: LeaseName, term: LeaseTerm): Promise<number | null> {
    return this.#commit(({ statements }) => claim(statements.leases, name, term))
  }

  renew({ holder, ms, now }: LeaseTerm): Promise<readonly Lease[]> {
    return this.#commit(({ statements: { leases } }) => {
      leases.renewReservations.run(now + ms, ms, holder)
      return leases.renew.all(now + ms, ms, holder).map((lease) => ({ ...lease }))
    })
  }

  release(holder: string, names?: readonly (LeaseName | ReservationName)[]): Promise<void> {
    return this.#commit(({ statements: { leases } }) => {
      if (names === undefined) leases.dropAll.run(holder)
      for (const name of names ?? []) {
        if ('key' in name) leases.unreserve.run(name.scope, name.key, name.id, holder)
        else leases.dropOwn.run(name.scope, name.kind, name.id, holder)
      }
    })
  }

  reserve(reservation: ReservationName & { readonly principal: string }, term: LeaseTerm): Promise<Budget> {
    return this.#commit((session) => reserve(session, reservation, term))
  }

  async getBudget(scope: string, key: string, now: number): Promise<Budget> {
    const session = this.#session()
    try {
      return budgetOf(session, scope, key, now)
    } catch (error) {
      throw asStoreError(error)
    }
  }

  /** Runs a transaction whose commit need not survive a crash of the machine, and returns its result. */
  async #commit<Result>(run: (session: LeaseSession) => Result): Promise<Result> {
    const session = this.#session()
    try {
      const done: { result?: Result } = {}
      await session.commits.submit(() => {
        done.result = run(session)
      }, 'unsynced')
      return done.result as Result
    } catch (error) {
      throw asStoreError(error)
    }
  }
}

function begin(
  session: LeaseSession,
  scope: string,
  flowId: string,
  { revision, term, reserve: reserved }: BeginWork,
): BegunWork | undefined {
  const { reads, statements } = session
  const row = reads.flow.get(scope, flowId)
  if (row === undefined) return undefined
  const flow = readRecord('flow', scope, row)
  if (!flow.open) return { type: 'ended', flow }
  if (flow.revision !== revision) return { type: 'changed', flow }
  const entry = flow.entryId === null ? null : entryOf(reads, scope, flow.entryId)
  const fence = claim(statements.leases, { scope, kind: 'flow', id: flowId }, term)
  if (fence === null) return { type: 'busy', flow }
  const { budget: key } = flow
  const budget =
    reserved === null || key === undefined ? null : reserve(session, { scope, key, ...reserved }, term)
  // The lease that was read with the flow has lapsed.
  return { type: 'claimed', fence, flow: storedFlow(flow), entry, budget }
}

function entryOf(reads: SqliteReads, scope: string, entryId: string): EntryRecord | null {
  const row = reads.entry.get(scope, entryId)
  return row === undefined ? null : readRecord('entry', scope, row)
}

function claim(
  leases: LeaseStatements,
  { scope, kind, id }: LeaseName,
  { holder, ms, now }: LeaseTerm,
): number | null {
  checkKey(scope, { id })
  const present = leases.lease.get(scope, kind, id)
  if (present !== undefined) {
    if (isLive(present, now)) return null
    leases.drop.run(scope, kind, id)
  }
  return leases.insert.get(scope, kind, id, holder, now + ms, ms)?.fence ?? null
}

function reserve(
  session: LeaseSession,
  { scope, key, id, principal }: ReservationName & { readonly principal: string },
  { holder, ms, now }: LeaseTerm,
): Budget {
  checkKey(scope, { key, id })
  session.statements.leases.reserve.run(scope, key, id, principal, now, holder, now + ms, ms)
  return budgetOf(session, scope, key, now)
}

function budgetOf(session: LeaseSession, scope: string, key: string, now: number): Budget {
  const { reads, statements } = session
  const row = reads.attempts.get(scope, key)
  const rows = statements.leases.reservations.all(scope, key)
  return {
    attempts: row === undefined ? null : attemptsOf(reads, scope, row),
    reservations: rows.map(({ id, principal, at, until, ms }) => ({
      id,
      principal,
      at,
      lapsed: !isLive({ until, ms }, now),
    })),
  }
}

function attemptsOf(
  reads: SqliteReads,
  scope: string,
  row: Parameters<typeof readRecord>[2],
): Budget['attempts'] {
  try {
    return readRecord('attempts', scope, row)
  } catch {
    return reads.attemptsRow.get(scope, row.id) ?? null
  }
}
