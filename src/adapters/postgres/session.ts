import { ConfigurationError, StoreError } from '../../errors.ts'
import type { Migrations } from '../../ports/store.ts'
import { Connections, Refusal } from './connections.ts'
import { GroupCommit, type GroupCommitOptions } from './group-commit.ts'
import { databaseId, migrate, readMigrations } from './migrate.ts'
import { rolesOf } from './schema.ts'
import type { systemReads } from './system-reads.ts'

/** Time that a migration may take, in milliseconds. */
const MIGRATION_TIMEOUT = 600_000

/** The state between open() and close(). */
export interface Session {
  /** Connections of the role that reads and writes the rows of one scope at a time. */
  readonly app: Connections
  /** Connections of the role that sees the rows of all scopes. */
  readonly system: Connections
  readonly commits: GroupCommit
}

export interface SessionOptions extends GroupCommitOptions {
  readonly url: string
  readonly systemUrl: string
  readonly ownerUrl: string
  readonly connections: number
  readonly connectTimeout: number
  readonly queryTimeout: number
  readonly all: ReturnType<typeof systemReads>
}

/**
 * Opens the connections and migrates the tables. @throws NewerDatabaseError, and then leaves the database unchanged.
 * StoreError if a role has too few rights. ConfigurationError if the connection strings are those of several databases
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { url, systemUrl, ownerUrl, schema, connections, connectTimeout, queryTimeout } = options
  const app = new Connections({ url, max: connections, connectTimeout, queryTimeout })
  const system = new Connections({ url: systemUrl, max: 2, connectTimeout, queryTimeout })
  try {
    if ((await readMigrations(app, schema)).pending.length > 0) {
      const owner = new Connections({
        url: ownerUrl,
        max: 1,
        connectTimeout,
        queryTimeout: MIGRATION_TIMEOUT,
      })
      await migrate(owner, schema)
        .catch((error) => throwMigrationError(error, schema))
        .finally(() => owner.end())
      if ((await readMigrations(app, schema)).pending.length > 0) throw new OtherDatabaseError('ownerUrl')
    }
    const { system: role } = rolesOf(schema)
    const [row] = await system.run(options.all.seesAll(role))
    if (row?.sees !== true)
      throw new StoreError(
        `The role of systemUrl does not see the rows of all scopes. Run as the owner: grant ${role} to that role`,
      )
    if (systemUrl !== url && (await databaseId(system, schema)) !== (await databaseId(app, schema)))
      throw new OtherDatabaseError('systemUrl')
    return { app, system, commits: new GroupCommit(app, options) }
  } catch (error) {
    await closeSession({ app, system })
    throw error
  }
}

/** Returns the migrations that opening a session makes. */
export async function pendingMigrations(options: SessionOptions): Promise<Migrations> {
  const connections = new Connections({ ...options, max: 1 })
  try {
    return await readMigrations(connections, options.schema)
  } finally {
    await connections.end()
  }
}

export async function closeSession({ app, system }: Pick<Session, 'app' | 'system'>): Promise<void> {
  await Promise.all([app.end(), system.end()])
}

class OtherDatabaseError extends ConfigurationError {
  constructor(option: string) {
    super(`${option} is the connection string of another database. Pass the database of the main one.`)
  }
}

/** PostgreSQL's code for a role with too few rights. */
const INSUFFICIENT_PRIVILEGE = '42501'

function throwMigrationError(error: unknown, schema: string): never {
  if (!(error instanceof Refusal) || error.code !== INSUFFICIENT_PRIVILEGE) throw error
  const { app, system } = rolesOf(schema)
  throw new StoreError(
    `The tables cannot be created or migrated: ${error.message}. Pass as ownerUrl the role that owns the schema. ` +
      `The roles ${app} and ${system} must exist, unless it may create roles.`,
    { cause: error.cause },
  )
}
