import type { Lease, LeaseName, LeaseTerm, ReservationName } from '../../ports/lease.ts'
import type { BeginWork, BegunWork, Budget, StoreLeases } from '../../ports/store.ts'
import { checkKey, isStorable } from '../check-write.ts'
import { readRecord } from '../stored-record.ts'
import { asStoreError, type PostgresValue } from './connections.ts'
import type { BudgetJson, scopedReads } from './reads.ts'
import type { Session } from './session.ts'

/** The result of the function `begin_work`. */
interface WorkRow {
  readonly type: BegunWork['type'] | null
  readonly fence: number
  readonly flow: string
  readonly revision: number
  readonly entry_id: string | null
  readonly entry_revision: number
  readonly entry: string
  /** Null if nothing was reserved. */
  readonly budget: BudgetJson | null
}

/** The leases of a database. Their times are those of the database's clock. */
export class PostgresLeases implements StoreLeases {
  readonly #session: () => Session
  readonly #schema: string
  readonly #scoped: ReturnType<typeof scopedReads>

  /** `session` throws a StoreError if the database is not open. */
  constructor(session: () => Session, schema: string, scoped: ReturnType<typeof scopedReads>) {
    this.#session = session
    this.#schema = schema
    this.#scoped = scoped
  }

  async beginWork(
    scope: string,
    flowId: string,
    { revision, term, reserve }: BeginWork,
  ): Promise<BegunWork | undefined> {
    const { holder, ms, now } = term
    const { id = null, principal = null } = reserve ?? {}
    if (!isStorable(scope) || !isStorable(flowId)) return undefined
    const values = [scope, flowId, revision, holder, ms, id, principal, now]
    const [row] = await this.#call<WorkRow>('begin_work', values)
    if (row === undefined || row.type === null) return undefined
    try {
      return workOf(scope, flowId, { ...row, type: row.type })
    } catch (error) {
      const reservations = id === null || row.budget === null ? [] : [{ scope, key: row.budget.key, id }]
      if (row.type === 'claimed')
        await this.release(holder, [{ scope, kind: 'flow', id: flowId }, ...reservations])
      throw error
    }
  }

  async claim({ scope, kind, id }: LeaseName, { holder, ms }: LeaseTerm): Promise<number | null> {
    checkKey(scope, { id })
    const [row] = await this.#call<{ claim: number | null }>('claim', [scope, kind, id, holder, ms])
    return row?.claim ?? null
  }

  async renew({ holder, ms }: LeaseTerm): Promise<readonly Lease[]> {
    const { app } = this.#session()
    try {
      // Leases would lapse behind a long queue of calls.
      return await app.queryFirst<Lease>(`select * from ${this.#schema}.renew($1, $2)`, [holder, ms])
    } catch (error) {
      throw asStoreError(error)
    }
  }

  async release(holder: string, names?: readonly (LeaseName | ReservationName)[]): Promise<void> {
    const list = names?.map((name) =>
      'key' in name ? [name.scope, name.key, name.id, true] : [name.scope, name.kind, name.id],
    )
    await this.#call('release', [holder, list === undefined ? null : JSON.stringify(list)])
  }

  async reserve(
    { scope, key, id, principal }: ReservationName & { readonly principal: string },
    { holder, ms, now }: LeaseTerm,
  ): Promise<Budget> {
    checkKey(scope, { key, id, principal })
    const values = [scope, key, id, principal, now, holder, ms]
    const [row] = await this.#call<{ reserve: BudgetJson }>('reserve', values)
    return budgetOf(scope, row?.reserve)
  }

  async getBudget(scope: string, key: string): Promise<Budget> {
    const { app } = this.#session()
    const [row] = await app.run(this.#scoped.budget(scope, key))
    return budgetOf(scope, row?.budget)
  }

  async #call<Row>(name: string, values: readonly PostgresValue[]): Promise<Row[]> {
    const { app } = this.#session()
    const parameters = values.map((_, at) => `$${at + 1}`)
    try {
      return await app.query<Row>(`select * from ${this.#schema}.${name}(${parameters})`, values)
    } catch (error) {
      throw asStoreError(error)
    }
  }
}

function workOf(
  scope: string,
  flowId: string,
  row: WorkRow & { readonly type: BegunWork['type'] },
): BegunWork {
  const { type, fence, revision, flow: record, entry_id: entryId, entry_revision, entry: json } = row
  const working = type === 'busy' ? { workingUntil: Number.POSITIVE_INFINITY } : {}
  const flow = readRecord('flow', scope, { id: flowId, revision, record, ...working })
  if (type !== 'claimed') return { type, flow }
  const entry =
    entryId === null
      ? null
      : readRecord('entry', scope, { id: entryId, revision: entry_revision, record: json })
  return { type, fence, flow, entry, budget: row.budget === null ? null : budgetOf(scope, row.budget) }
}

function budgetOf(scope: string, json: BudgetJson | undefined): Budget {
  const { reservations = [], id = null, revision = null, record = null, dueAt = null } = json ?? {}
  if (id === null || revision === null || record === null || dueAt === null)
    return { attempts: null, reservations }
  try {
    return { attempts: readRecord('attempts', scope, { id, revision, record }), reservations }
  } catch {
    return { attempts: { scope, key: id, revision, dueAt }, reservations }
  }
}
