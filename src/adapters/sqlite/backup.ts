import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { DatabaseInUseError, FileExistsError, InvalidBackupError, StoreError } from '../../errors.ts'
import { driverCode } from '../node/driver-code.ts'
import { syncFolder } from '../node/sync-folder.ts'
import { needsMigration } from './schema.ts'

const HEADER = 'SQLite format 3\0'

/**
 * Copies a database to a new file, as it is at one moment, while it is in use. The file is complete as soon as it
 * exists, and only its owner can read it.
 *
 * @throws FileExistsError, StoreError
 */
export async function backUpDatabase(path: string, file: string): Promise<void> {
  if (existsSync(file)) throw new FileExistsError(file)
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0)
    throw new StoreError(`There is no database at ${path}, so there is nothing to back up.`)
  const draft = draftOf(file)
  closeSync(openSync(draft, 'wx', 0o600))
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
    try {
      database.prepare('vacuum into ?').run(draft)
    } finally {
      database.close()
    }
    await check(draft)
    sync(draft)
    // Unlike a rename, a link does not replace a file that was created since.
    linkSync(draft, file)
  } catch (error) {
    if (driverCode(error, 'code') === 'EEXIST') throw new FileExistsError(file)
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
  await syncFolder(file)
}

/**
 * Copies a backup next to the database and checks it, without any change of the database. Returns the path of the copy.
 *
 * @throws InvalidBackupError, NewerDatabaseError
 */
export async function stageBackup(path: string, file: string): Promise<string> {
  const size = statSync(file, { throwIfNoEntry: false })?.size
  if (size === undefined) throw new InvalidBackupError(file, 'The file does not exist.')
  if (isSameFile(file, path)) throw new InvalidBackupError(file, 'It is the database itself.')
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) {
    const why = `It is a copy of a database in use: ${file}-wal has more of it.`
    throw new InvalidBackupError(file, `${why} Create backups with latchkey backup.`)
  }
  const staged = draftOf(path)
  try {
    copyFileSync(file, staged, constants.COPYFILE_EXCL)
    chmodSync(staged, 0o600)
    await check(staged, file)
    return staged
  } catch (error) {
    removeStaged(staged)
    throw error
  }
}

/** Removes a staged copy with its companion files. */
export function removeStaged(staged: string): void {
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${staged}${end}`, { force: true })
}

/**
 * Replaces a database by a staged copy. The old files are renamed. A process that is killed at any point leaves the old
 * database or the new one.
 *
 * @returns the new path of the old database; null if it was missing
 * @throws DatabaseInUseError if a process has the database open
 */
export async function replaceDatabase(path: string, staged: string): Promise<string | null> {
  const locked = lock(path)
  try {
    if (existsSync(`${staged}-wal`))
      throw new StoreError('The backup could not be prepared. Nothing was changed.')
    sync(staged)
    const aside = `${path}.replaced-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`
    // Without the old write-ahead log, which SQLite would apply to the new database.
    for (const end of ['-wal', '-shm', '-journal'])
      if (existsSync(`${path}${end}`)) renameSync(`${path}${end}`, `${aside}${end}`)
    const isReplaced = existsSync(path)
    if (isReplaced) keepAs(path, aside)
    renameSync(staged, path)
    await syncFolder(path)
    return isReplaced ? aside : null
  } finally {
    locked?.close()
  }
}

/** Gives a file a second name, or copies it if the file system has no links. */
function keepAs(path: string, aside: string): void {
  try {
    linkSync(path, aside)
  } catch {
    copyFileSync(path, aside, constants.COPYFILE_EXCL)
    sync(aside)
  }
}

/**
 * Locks a database so that no process can open it, and writes its log into it. Returns null if it is missing, or too
 * damaged to be open in a process.
 */
function lock(path: string): DatabaseSync | null {
  if (!existsSync(path)) return null
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    // SQLite leaves WAL mode only without other connections.
    database.prepare('pragma journal_mode = delete').get()
    database.exec('begin exclusive')
    // A process may have opened it between the two statements.
    if (database.prepare('pragma journal_mode').get()?.journal_mode !== 'wal') return database
    throw new DatabaseInUseError(path)
  } catch (error) {
    database.close()
    const code = Number(driverCode(error, 'errcode')) % 256
    if (code === 5) throw new DatabaseInUseError(path)
    // SQLITE_CORRUPT and SQLITE_NOTADB.
    if (code === 11 || code === 26) return null
    throw error
  }
}

/** Checks that a file is an undamaged database of this or an older version of Latchkey. */
async function check(path: string, name = path): Promise<void> {
  if (headerOf(path) !== HEADER) throw new InvalidBackupError(name, 'It is not an SQLite database.')
  const database = new DatabaseSync(path)
  try {
    const result = database.prepare('pragma integrity_check(1)').get()
    if (result?.integrity_check !== 'ok') throw new InvalidBackupError(name, 'The database is damaged.')
    const table = database.prepare(`select 1 from sqlite_master where name = 'kysely_migration'`).get()
    if (table === undefined) {
      const why = 'It has no tables of Latchkey. The copied file of a database in use can be empty.'
      throw new InvalidBackupError(name, `${why} Create backups with latchkey backup.`)
    }
    await needsMigration(database)
  } catch (error) {
    const code = Number(driverCode(error, 'errcode')) % 256
    if (code === 11 || code === 26) throw new InvalidBackupError(name, 'The database is damaged.')
    throw error
  } finally {
    database.close()
  }
}

function headerOf(path: string): string {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(HEADER.length)
    readSync(file, bytes)
    return bytes.toString('latin1')
  } finally {
    closeSync(file)
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function isSameFile(one: string, two: string): boolean {
  const [a, b] = [one, two].map((path) => statSync(path, { throwIfNoEntry: false }))
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
}

const draftOf = (path: string): string => `${path}.${process.pid}.${randomBytes(6).toString('hex')}.part`
