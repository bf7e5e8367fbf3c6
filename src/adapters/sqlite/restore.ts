import { randomBytes } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import type { Cipher } from '../../ports/cipher.ts'
import type { Restored } from '../../ports/store.ts'
import { joseCipher } from '../jose-cipher.ts'
import { keyFile, type Sealed } from '../node/key-file.ts'
import { sealedIn } from '../stored-record.ts'
import { removeStaged, replaceDatabase, stageBackup } from './backup.ts'
import { openSqliteFile, type SqliteFileOptions } from './file.ts'
import { markRestored } from './marks.ts'
import { type SqliteReads, sqliteReads } from './reads.ts'

/**
 * Replaces a database by a backup, after all checks. `verify` receives the path of a copy of the backup, and its cipher.
 *
 * @throws InvalidBackupError, NewerDatabaseError, KeyMissingError, DatabaseInUseError, and any error of `verify`
 */
export async function restoreDatabase(
  path: string,
  file: string,
  options: SqliteFileOptions & { readonly cipher?: Cipher },
  verify: (staged: string, cipher: Cipher) => Promise<void>,
): Promise<Restored> {
  // A link to the database stays.
  const target = existsSync(path) ? realpathSync(path) : path
  const staged = await stageBackup(target, file)
  try {
    const database = await openSqliteFile(staged, options)
    let cipher: Cipher
    try {
      cipher = options.cipher ?? (await cipherOf(path, sealedRows(sqliteReads(database))))
      markRestored(database)
    } finally {
      database.close()
    }
    await verify(staged, cipher)
    return { replaced: await replaceDatabase(target, staged) }
  } finally {
    removeStaged(staged)
  }
}

/** Returns the cipher of the key file. A backup without rows needs no key, and must not create one. */
async function cipherOf(path: string, sealed: Sealed): Promise<Cipher> {
  return joseCipher(sealed.holdsRows() ? await keyFile(`${path}.key`, sealed) : [randomBytes(32)])
}

/** Returns the encrypted values of an open database. */
export function sealedRows(reads: SqliteReads): Sealed {
  return {
    holdsRows: () => reads.anything.get() !== undefined,
    *values() {
      for (const { record } of reads.entryRecords.iterate()) {
        const sealed = sealedIn(record)
        if (sealed !== undefined) yield sealed
      }
    },
  }
}
