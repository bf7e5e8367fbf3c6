import { chmodSync, closeSync, openSync, renameSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { ConfigurationError, StoreError } from '../../errors.ts'
import { driverCode } from '../node/driver-code.ts'
import { migrate, needsMigration } from './schema.ts'

/** Time to wait while other processes open the database, in milliseconds. */
const openTimeout = 10_000

/** The longest wait for another process that SQLite supports, in milliseconds. */
const LONGEST_WAIT = 2 ** 31 - 1

export interface SqliteFileOptions {
  /** Maximum size of the database in bytes. */
  readonly maxBytes?: number | undefined
  /** Time that a write waits for another process, in milliseconds. */
  readonly busyTimeout?: number | undefined
  /** Called in the transaction that creates the first tables. */
  readonly created?: (database: DatabaseSync) => void
}

/**
 * Opens a database file in WAL mode with synced commits, readable only by its owner, and migrates its tables.
 *
 * @throws NewerDatabaseError, and then leaves the file unchanged
 * @throws ConfigurationError if the path is that of a folder, a device, a pipe, or another program's database
 */
export async function openSqliteFile(path: string, options: SqliteFileOptions): Promise<DatabaseSync> {
  createPrivate(path)
  const deadline = performance.now() + openTimeout
  for (;;) {
    const database = new DatabaseSync(path, { timeout: 0 })
    try {
      await prepare(database, path, options)
      return database
    } catch (error) {
      database.close()
      // SQLite's own wait would block this thread, and with it another opener in the same thread.
      if (!isBusy(error) || performance.now() > deadline) throw error
    }
    await setTimeout(5 + Math.random() * 10)
  }
}

async function prepare(
  database: DatabaseSync,
  path: string,
  { maxBytes, busyTimeout = 5_000, created }: SqliteFileOptions,
): Promise<void> {
  let outdated = await needsMigration(database)
  // Only now: a wrong path may be that of a file that others must read.
  restrict(path)
  const mode = database.prepare('pragma journal_mode = wal').get()
  if (mode?.journal_mode !== 'wal')
    throw new StoreError('The database cannot use WAL mode here. Use a local file system.')
  database.exec('pragma synchronous = full')
  if (outdated) {
    database.exec('begin immediate')
    try {
      // Checked again with the lock: another process may have migrated the database.
      outdated = await needsMigration(database)
      const isNew = outdated && database.prepare('select 1 from sqlite_master').get() === undefined
      if (outdated) await migrate(database)
      if (isNew) created?.(database)
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
  database.exec(`pragma busy_timeout = ${Math.min(Math.floor(busyTimeout), LONGEST_WAIT)}`)
}

/** Creates the file before SQLite does, which would make it readable by all users. */
function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (driverCode(error, 'code') !== 'EEXIST') throw error
  }
  const stats = statSync(path)
  if (!stats.isFile()) {
    const kind = stats.isDirectory() ? 'a folder' : 'not a regular file'
    throw new ConfigurationError(`${path} is ${kind}. Pass the path of a database file.`)
  }
  // SQLite would delete the log of an empty database, which may be the log of one that was moved.
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false })
  if (stats.size === 0 && log !== undefined && log.size > 0)
    renameSync(`${path}-wal`, `${path}-wal.${Date.now()}.orphan`)
}

/** Makes the files of a database readable only by their owner. SQLite uses the mode of the first for the others. */
function restrict(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    const mode = statSync(file, { throwIfNoEntry: false })?.mode
    if (mode !== undefined && (mode & 0o077) !== 0) chmodSync(file, 0o600)
  }
}

/** Whether an error is SQLITE_BUSY or one of its extended codes. */
function isBusy(error: unknown): boolean {
  return Number(driverCode(error, 'errcode')) % 256 === 5
}
