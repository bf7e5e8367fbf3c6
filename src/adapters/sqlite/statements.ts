import type { DatabaseSync } from 'node:sqlite'
import { type Compilable, sql } from 'kysely'
import type { StoredEntryStatus } from '../../ports/query.ts'
import { sqliteCursorStatements } from './cursors.ts'
import { leaseStatements } from './lease-statements.ts'
import { prepare as prepareFor, sqliteQueries } from './prepared.ts'
import { sqliteRemovalStatements } from './removals.ts'
import { sqliteWebhookStatements } from './webhooks.ts'

/** The statements that write, and those that find the reason for a failed write. */
export type SqliteStatements = ReturnType<typeof sqliteStatements>

/** Prepares the statements for an open database. */
export function sqliteStatements(database: DatabaseSync) {
  const db = sqliteQueries()
  const prepare = <Row>(query: Compilable<Row>) => prepareFor<Row>(database, query)
  // Placeholders of the parameters. Index flags must be literals, so that SQLite can use the partial indexes.
  const text = ''
  const number = 0
  const yes = sql.lit(1)

  const entry = {
    domain: text,
    unique_id: text,
    needs: number,
    ignored: number,
    expires_at: number,
    match_key: text,
    refresh_at: number,
    status: sql<StoredEntryStatus>`${text}`,
    revision: number,
    record: text,
  }
  const flow = {
    domain: text,
    entry_id: text,
    open: number,
    edits: number,
    due_at: number,
    slot: text,
    asked_by: text,
    asked_key: text,
    revision: number,
    record: text,
  }
  const attempts = { due_at: number, revision: number, record: text }

  const entries = db.selectFrom('entries').where('scope', '=', text)
  const flows = db.selectFrom('flows').where('scope', '=', text)
  return {
    leases: leaseStatements(database),
    insert: {
      entry: prepare(
        db
          .insertInto('entries')
          .values({ scope: text, entry_id: text, ...entry })
          .onConflict((conflict) => conflict.doNothing()),
      ),
      flow: prepare(
        db
          .insertInto('flows')
          .values({ scope: text, flow_id: text, ...flow })
          .onConflict((conflict) => conflict.doNothing()),
      ),
      attempts: prepare(
        db
          .insertInto('attempts')
          .values({ scope: text, key: text, ...attempts })
          .onConflict((conflict) => conflict.doNothing()),
      ),
      audit: prepare(
        db.insertInto('audit').values({ scope: text, entry_id: text, record: text, at: number }),
      ),
    },
    update: {
      entry: prepare(
        db
          .updateTable('entries')
          .set(entry)
          .where('scope', '=', text)
          .where('entry_id', '=', text)
          .where('revision', '=', number),
      ),
      flow: prepare(
        db
          .updateTable('flows')
          .set(flow)
          .where('scope', '=', text)
          .where('flow_id', '=', text)
          .where('revision', '=', number),
      ),
      attempts: prepare(
        db
          .updateTable('attempts')
          .set(attempts)
          .where('scope', '=', text)
          .where('key', '=', text)
          .where('revision', '=', number),
      ),
    },
    remove: {
      entry: prepare(
        db
          .deleteFrom('entries')
          .where('scope', '=', text)
          .where('entry_id', '=', text)
          .where('revision', '=', number),
      ),
      flow: prepare(
        db
          .deleteFrom('flows')
          .where('scope', '=', text)
          .where('flow_id', '=', text)
          .where('revision', '=', number),
      ),
      attempts: prepare(
        db
          .deleteFrom('attempts')
          .where('scope', '=', text)
          .where('key', '=', text)
          .where('revision', '=', number),
      ),
    },
    audit: {
      retain: prepare(db.updateTable('audit_retention').set({ until: number })),
      purge: prepare(
        db
          .deleteFrom('audit')
          .where('seq', 'in', ({ selectFrom }) =>
            selectFrom('audit').select('seq').where('at', '<', number).orderBy('seq').limit(number),
          ),
      ),
    },
    revision: {
      entry: prepare(entries.select('revision').where('entry_id', '=', text)),
      flow: prepare(flows.select('revision').where('flow_id', '=', text)),
      attempts: prepare(
        db.selectFrom('attempts').select('revision').where('scope', '=', text).where('key', '=', text),
      ),
    },
    webhooks: sqliteWebhookStatements(database),
    removals: sqliteRemovalStatements(database),
    cursors: sqliteCursorStatements(database),
    openFlows: prepare(flows.select('flow_id as id').where('entry_id', '=', text).where('open', '=', yes)),
    holder: {
      identity: prepare(
        entries.select('entry_id as id').where('domain', '=', text).where('unique_id', '=', text),
      ),
      exclusive: prepare(
        entries.select('entry_id as id').where('domain', '=', text).where('match_key', '=', text),
      ),
      held: prepare(
        flows
          .select('flow_id as id')
          .where('domain', '=', text)
          .where('slot', '=', text)
          .where('open', '=', yes),
      ),
      edit: prepare(
        flows
          .select('flow_id as id')
          .where('entry_id', '=', text)
          .where('open', '=', yes)
          .where('edits', '=', yes),
      ),
      asked: prepare(
        flows.select('flow_id as id').where('asked_by', '=', text).where('asked_key', '=', text),
      ),
    },
  }
}
