import type { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import type { FollowedHistory, Page, StoreWebhooks } from '../../ports/store.ts'
import type { WebhookRecord, WebhookRow } from '../../ports/webhooks.ts'
import { dueRows, pageOf, readAuditPage, readRecord } from '../stored-record.ts'
import { asStoreError } from './as-store-error.ts'
import { prepare as prepareFor, sqliteQueries } from './prepared.ts'

/** The statements of webhooks for an open database. */
export type SqliteWebhookStatements = ReturnType<typeof sqliteWebhookStatements>

/** Prepares the statements of webhooks. */
export function sqliteWebhookStatements(database: DatabaseSync) {
  const db = sqliteQueries()
  const prepare = <Row>(query: Parameters<typeof prepareFor<Row>>[1]) => prepareFor<Row>(database, query)
  const text = ''
  const number = 0
  const columns = { list: text, due_at: number, position: number, revision: number, record: text }
  const webhooks = db.selectFrom('webhooks').where('scope', '=', text)
  const history = db.selectFrom('audit').select(['seq', 'record']).where('scope', '=', text)
  const due = (is: '<=' | '>') =>
    prepare(
      db
        .selectFrom('webhooks')
        .select(['scope', 'id', 'list', 'revision'])
        .where('due_at', is, number)
        .orderBy('due_at')
        .limit(number),
    )
  return {
    insert: prepare(
      db
        .insertInto('webhooks')
        .values({ scope: text, id: text, ...columns })
        .onConflict((conflict) => conflict.doNothing()),
    ),
    update: prepare(
      db
        .updateTable('webhooks')
        .set(columns)
        .where('scope', '=', text)
        .where('id', '=', text)
        .where('revision', '=', number),
    ),
    remove: prepare(
      db
        .deleteFrom('webhooks')
        .where('scope', '=', text)
        .where('id', '=', text)
        .where('revision', '=', number),
    ),
    get: prepare(webhooks.select(['id', 'revision', 'record']).where('id', '=', text)),
    row: prepare(webhooks.select(['scope', 'id', 'list', 'revision']).where('id', '=', text)),
    list: prepare(
      webhooks
        .select(['id', 'revision', 'record'])
        .where('list', '=', text)
        .where('id', '>', text)
        .orderBy('id')
        .limit(number),
    ),
    firstOfList: prepare(
      webhooks.select(['id', 'revision', 'record']).where('list', '=', text).orderBy('id').limit(number),
    ),
    due: due('<='),
    dueLater: due('>'),
    behind: prepare(
      db
        .selectFrom('webhooks')
        .select('webhooks.scope')
        .distinct()
        .where('webhooks.position', 'is not', sql.lit(null))
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom('audit')
              .select(sql.lit(1).as('one'))
              .whereRef('audit.scope', '=', 'webhooks.scope')
              .whereRef('audit.seq', '>', 'webhooks.position'),
          ),
        )
        .limit(number),
    ),
    history: prepare(history.where('seq', '>', number).orderBy('seq').limit(number)),
    position: prepare(history.orderBy('seq', 'desc').limit(sql.lit(1))),
  }
}

/** The webhooks of a database file. */
export class SqliteWebhooks implements StoreWebhooks {
  readonly #statements: () => SqliteWebhookStatements

  /** `statements` throws a StoreError if the database is not open. */
  constructor(statements: () => SqliteWebhookStatements) {
    this.#statements = statements
  }

  async get(scope: string, id: string): Promise<WebhookRecord | undefined> {
    const row = this.#read(({ get }) => get.get(scope, id))
    return row && readRecord('webhook', scope, row)
  }

  async getRow(scope: string, id: string): Promise<WebhookRow | undefined> {
    return this.#read(({ row }) => row.get(scope, id))
  }

  async list(
    scope: string,
    list: string,
    { after, limit }: { readonly after?: string; readonly limit: number },
  ): Promise<Page<WebhookRecord>> {
    return pageOf('webhook', { scope, limit }, async (count) =>
      this.#read((statements) =>
        after === undefined
          ? statements.firstOfList.all(scope, list, count)
          : statements.list.all(scope, list, after, count),
      ),
    )
  }

  async due(now: number, limit: number, beyond?: number): Promise<readonly WebhookRow[]> {
    return dueRows({ now, limit, beyond }, async (is, time, count) =>
      this.#read(({ due, dueLater }) => (is === '<=' ? due : dueLater).all(time, count)),
    )
  }

  async behind(limit: number): Promise<readonly string[]> {
    return this.#read(({ behind }) => behind.all(limit).map(({ scope }) => scope))
  }

  async history(scope: string, after: number | null, limit: number): Promise<FollowedHistory> {
    if (after === null) {
      const last = this.#read(({ position }) => position.get(scope))
      return { position: last?.seq ?? 0, rows: [] }
    }
    const rows = this.#read(({ history }) => history.all(scope, after, Math.max(1, limit)))
    return { position: rows.at(-1)?.seq ?? after, rows: readAuditPage(rows, rows.length).items }
  }

  #read<Result>(read: (statements: SqliteWebhookStatements) => Result): Result {
    const statements = this.#statements()
    try {
      return read(statements)
    } catch (error) {
      throw asStoreError(error)
    }
  }
}
