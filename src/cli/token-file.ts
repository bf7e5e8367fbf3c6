import { constants, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { driverCode } from '../adapters/node/driver-code.ts'
import { createFile } from '../adapters/node/new-file.ts'
import { isStartToken, newToken } from '../http/access.ts'
import { TokenFileError } from './errors.ts'

/** The maximum size of a token file in bytes. */
const MAX_SIZE = 1_024

/**
 * Returns the start token of a file. A missing file is created with a random token.
 *
 * @throws TokenFileError if it is not a file that only its owner can read, or if it has no valid token
 */
export async function readToken(path: string): Promise<string> {
  const kept = await tokenIn(path)
  if (kept !== undefined) return kept
  const token = newToken()
  const isNew = await createFile(path, `${token}\n`).catch((cause: unknown) => {
    throw new TokenFileError(path, `could not be created. ${adviceOf(cause, path)}`, { cause })
  })
  // Another process has created the file since.
  return isNew ? token : ((await tokenIn(path)) ?? readToken(path))
}

/** Returns the token in the file; undefined if there is no file. */
async function tokenIn(path: string): Promise<string | undefined> {
  let file: FileHandle
  try {
    // NONBLOCK, because opening a pipe waits for a writer. Windows has neither flag.
    const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
    file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (cause) {
    const code = driverCode(cause, 'code')
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP') throw new TokenFileError(path, 'is a link. Pass the path of the file itself.')
    throw new TokenFileError(path, `could not be opened. ${adviceOf(cause, path)}`, { cause })
  }
  try {
    const problem = problemOf(await file.stat())
    if (problem !== null) throw new TokenFileError(path, problem)
    const token = (await file.readFile('utf8')).trim()
    if (isStartToken(token)) return token
    throw new TokenFileError(
      path,
      `${contentProblem(token)} Delete it, and the next start creates a new one.`,
    )
  } finally {
    await file.close()
  }
}

function problemOf(stats: Stats): string | null {
  if (stats.isDirectory()) return 'is a folder. Pass the path of a file.'
  if (!stats.isFile()) return 'is not a regular file. Pass the path of a file.'
  if (stats.size > MAX_SIZE) return 'is too large for a token. Pass the path of another file.'
  // These modes and owners do not exist on Windows.
  if (process.platform === 'win32') return null
  if (stats.uid !== process.getuid?.())
    return 'belongs to another user. Pass the path of a file that you own.'
  if ((stats.mode & 0o077) === 0) return null
  return 'can be read or changed by other users. Delete it, and the next start creates one that only you can read.'
}

function contentProblem(token: string): string {
  if (token === '') return 'is empty.'
  return token.length < 32 ? 'has a token of less than 32 characters.' : 'has an invalid token.'
}

function adviceOf(error: unknown, path: string): string {
  switch (driverCode(error, 'code')) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `Create the folder ${dirname(path)} first.`
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'Give this user access to it, or pass another path.'
    default:
      return 'Pass another path.'
  }
}
