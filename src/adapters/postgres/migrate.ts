import { Kysely, PostgresAdapter, PostgresDialect, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import type { PoolClient } from 'pg'
import { ConfigurationError, NewerDatabaseError } from '../../errors.ts'
import type { Migrations } from '../../ports/store.ts'
import { type Connections, Refusal } from './connections.ts'
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
  // Not `to_regclass`, which fails for a role without rights in a schema that an administrator has created.
  const found = await connections.query(
    `select from pg_class where relnamespace = to_regnamespace($1) and relname = 'kysely_migration'`,
    [schema],
  )
  if (found.length === 0) return { isNew: true, pending: all }
  const done = (await connections.query<{ name: string }>(`select name from ${table}`)).map(
    ({ name }) => name,
  )
  if (done.some((name) => !all.includes(name))) throw new NewerDatabaseError()
  return { isNew: false, pending: all.filter((name) => !done.includes(name)) }
}

/**
 * Migrates the database in one transaction, after any other process that migrates it. `migrations` are those of this
 * version. @throws ConfigurationError if the schema has tables or functions of another program
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
      // The rights of all functions and tables of the schema are set.
      else if (await isForeign(transaction, schema))
        throw new ConfigurationError(
          `The schema "${schema}" has tables or functions of another program. Pass the name of another schema.`,
        )
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

/** Whether a schema has content, but not the table that the first migration creates. */
async function isForeign(db: Kysely<unknown>, schema: string): Promise<boolean> {
  const { rows } = await sql<{ foreign: boolean }>`
    select to_regclass(${`${schema}.kysely_migration`}) is null and (
      exists (select from pg_class where relnamespace = ${schema}::regnamespace)
      or exists (select from pg_proc where pronamespace = ${schema}::regnamespace)) as "foreign"`.execute(db)
  return rows[0]?.foreign === true
}

/**
 * Returns a text that differs between databases: their name, and the times of their migrations. Undefined if this role
 * sees no migrations.
 */
export async function databaseId(connections: Connections, schema: string): Promise<string | undefined> {
  const text = `select current_database() || ' ' || string_agg(timestamp, ' ' order by name) as id
    from ${schema}.kysely_migration`
  const [row] = await connections.query<{ id: string }>(text).catch((error: unknown) => {
    if (error instanceof Refusal && NO_TABLE.has(error.code)) return []
    throw error
  })
  return row?.id
}

/** PostgreSQL's codes for a missing table and a missing schema. */
const NO_TABLE: ReadonlySet<string> = new Set(['42P01', '3F000'])
