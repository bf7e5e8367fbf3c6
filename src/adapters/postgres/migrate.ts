import { Kysely, PostgresAdapter, PostgresDialect, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import type { PoolClient } from 'pg'
import { NewerDatabaseError } from '../../errors.ts'
import type { Migrations } from '../../ports/store.ts'
import type { Connections } from './connections.ts'
import { migrationsOf } from './schema.ts'

/** Identifies the lock of migrations: the first bytes of "latchkey" as a number. */
const LOCK = 7_809_651_259

/** Kysely's own lock belongs to the session. A pooler would give that session to another client with it. */
class TransactionLock extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

class OneConnection extends PostgresDialect {
  constructor(client: PoolClient) {
    const borrowed = { query: client.query.bind(client), release: () => {} } as PoolClient
    super({ pool: { connect: async () => borrowed, end: async () => {}, options: {} } })
  }
  override createAdapter(): PostgresAdapter {
    return new TransactionLock()
  }
}

/**
 * Returns the migrations that the database needs. Only reads. @throws NewerDatabaseError if it has a migration that this
 * version does not know
 */
export async function readMigrations(connections: Connections, schema: string): Promise<Migrations> {
  const all = Object.keys(migrationsOf(schema))
  const table = `${schema}.kysely_migration`
  const [found] = await connections.query<{ found: boolean }>('select to_regclass($1) is not null as found', [
    table,
  ])
  if (found?.found !== true) return { isNew: true, pending: all }
  const done = (await connections.query<{ name: string }>(`select name from ${table}`)).map(
    ({ name }) => name,
  )
  if (done.some((name) => !all.includes(name))) throw new NewerDatabaseError()
  return { isNew: false, pending: all.filter((name) => !done.includes(name)) }
}

/**
 * Migrates the database in one transaction, after any other process that migrates it. `migrations` are those of this
 * version.
 */
export async function migrate(
  connections: Connections,
  schema: string,
  migrations: Readonly<Record<string, Migration>> = migrationsOf(schema),
): Promise<void> {
  await connections.use(async (client) => {
    const db = new Kysely<unknown>({ dialect: new OneConnection(client) })
    await db.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)})`.execute(transaction)
      // Kysely would create it, too, but hide why it could not.
      const { rows } = await sql`select from pg_namespace where nspname = ${schema}`.execute(transaction)
      if (rows.length === 0) await transaction.schema.createSchema(schema).execute()
      const migrator = new Migrator({
        db: transaction,
        provider: { getMigrations: async () => ({ ...migrations }) },
        migrationTableSchema: schema,
      })
      const { error } = await migrator.migrateToLatest()
      if (error !== undefined) throw error
    })
  })
}
