import { chmodSync, closeSync, openSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { StoreError } from '../../errors.ts'
import { driverCode } from '../node/driver-code.ts'
import { lacksMigrations, migrate } from './schema.ts'

/** How long one that opens waits for others that are opening, in milliseconds. */
const patience = 10_000

export interface SqliteFileOptions {
  /** The size that the database may grow to, in bytes. */
  readonly maxBytes?: number | undefined
  /** How long a write waits for another process's, in milliseconds. */
  readonly busyTimeout?: number | undefined
}

/**
 * Opens a database file that nobody else may read, in WAL mode with synced commits, with this version's tables.
 * @throws NewerDatabaseError, and then nothing was touched
 */
export async function openSqliteFile(path: string, options: SqliteFileOptions): Promise<DatabaseSync> {
  keepPrivate(path)
  const deadline = performance.now() + patience
  for (;;) {
    const database = new DatabaseSync(path, { timeout: 0 })
    try {
      await prepare(database, options)
      return database
    } catch (error) {
      database.close()
      // SQLite's own waiting would block this thread, and with it the other opener if that runs on it as well.
      if (!isBusy(error) || performance.now() > deadline) throw error
    }
    await setTimeout(5 + Math.random() * 10)
  }
}

async function prepare(
  database: DatabaseSync,
  { maxBytes, busyTimeout = 5_000 }: SqliteFileOptions,
): Promise<void> {
  let lacking = await lacksMigrations(database)
  const mode = database.prepare('pragma journal_mode = wal').get()
  if (mode?.journal_mode !== 'wal') throw new StoreError('The database cannot be put into WAL mode here.')
  database.exec('pragma synchronous = full')
  if (lacking) {
    database.exec('begin immediate')
    try {
      // Asked again: another process may have done it, or a newer one more, before the lock was ours.
      lacking = await lacksMigrations(database)
      if (lacking) await migrate(database)
      database.exec('commit')
    } catch (error) {
      if (database.isTransaction) database.exec('rollback')
      throw error
    }
  }
  if (maxBytes !== undefined) {
    const size = Number(database.prepare('pragma page_size').get()?.page_size)
    database.exec(`pragma max_page_count = ${Math.max(1, Math.floor(maxBytes / size))}`)
  }
  database.exec(`pragma busy_timeout = ${Math.floor(busyTimeout)}`)
}

/**
 * Makes the file before SQLite does, which would let everybody read it; SQLite gives its companions the same mode.
 * Files that are there and readable by others are tightened.
 */
function keepPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (driverCode(error, 'code') !== 'EEXIST') throw error
  }
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    const mode = statSync(file, { throwIfNoEntry: false })?.mode
    if (mode !== undefined && (mode & 0o077) !== 0) chmodSync(file, 0o600)
  }
}

/** SQLITE_BUSY, or one of its extended codes. */
function isBusy(error: unknown): boolean {
  return Number(driverCode(error, 'errcode')) % 256 === 5
}
