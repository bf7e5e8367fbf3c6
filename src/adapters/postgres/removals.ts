import type { RemovalRecord, RemovalRow, StoreRemovals } from '../../ports/removals.ts'
import type { Page } from '../../ports/store.ts'
import { dueRows, pageOf, readRecord } from '../stored-record.ts'
import type { scopedReads } from './reads.ts'
import type { Session } from './session.ts'
import type { systemReads } from './system-reads.ts'

/** The removals of a database. */
export class PostgresRemovals implements StoreRemovals {
  readonly #session: () => Session
  readonly #scoped: ReturnType<typeof scopedReads>
  readonly #all: ReturnType<typeof systemReads>

  /** `session` throws a StoreError if the database is not open. */
  constructor(
    session: () => Session,
    scoped: ReturnType<typeof scopedReads>,
    all: ReturnType<typeof systemReads>,
  ) {
    this.#session = session
    this.#scoped = scoped
    this.#all = all
  }

  async get(scope: string, id: string): Promise<RemovalRecord | undefined> {
    const { app } = this.#session()
    const [row] = await app.run(this.#scoped.removal(scope, id))
    return row && readRecord('removal', scope, row)
  }

  async list(
    scope: string,
    { after = '', limit }: { readonly after?: string; readonly limit: number },
  ): Promise<Page<RemovalRecord>> {
    const { app } = this.#session()
    return pageOf('removal', { scope, limit }, (count) => app.run(this.#scoped.removals(scope, after, count)))
  }

  async due(now: number, limit: number, beyond?: number): Promise<readonly RemovalRow[]> {
    const { system } = this.#session()
    return dueRows({ now, limit, beyond }, (is, time, count) =>
      system.run(this.#all.dueRemovals(is, time, count)),
    )
  }
}
