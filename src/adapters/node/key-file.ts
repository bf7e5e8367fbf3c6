import { randomBytes } from 'node:crypto'
import { chmod, readFile, realpath, rename, stat, unlink } from 'node:fs/promises'
import { base64url } from 'jose'
import { ConfigurationError, KeyMissingError } from '../../errors.ts'
import { type CipherKey, joseCipher, keyId, keyIdOf } from '../jose-cipher.ts'
import { driverCode } from './driver-code.ts'
import { createFile, writeDraft } from './new-file.ts'
import { syncFolder } from './sync-folder.ts'

const malformed =
  'The key file is invalid. It must contain JWKs of the type oct, or lines of 32 bytes in base64. It was not changed.'

/** The encrypted values of a database. */
export interface Sealed {
  /** Whether the database has rows that can contain encrypted values. Reads it each time. */
  holdsRows(): boolean
  /** Returns the encrypted values. */
  values(): Iterable<string>
}

/**
 * Reads the keys in a file. For an empty database, a missing file is created with a random key.
 *
 * @throws KeyMissingError if there are rows, but no key that decrypts them
 * @throws ConfigurationError if the file is invalid
 */
export async function keyFile(path: string, sealed: Sealed): Promise<readonly CipherKey[]> {
  let keys = await readKeys(path)
  if (keys === undefined) {
    // Keys are written before rows. If there are rows now, another process has just created the file, or the file was
    // lost.
    if (sealed.holdsRows()) keys = await readKeys(path)
    else keys = await createKey(path)
    if (keys === undefined) {
      throw new KeyMissingError(
        `The database has encrypted values, but there is no key file at ${path}. Restore it.`,
      )
    }
  }
  if (!(await someKeyMatches(keys, sealed))) {
    throw new KeyMissingError(
      `The database has encrypted values, but no key in ${path} decrypts them. Restore the original key file.`,
    )
  }
  return keys
}

/** Returns the keys in a file; undefined if it is missing. @throws ConfigurationError if it is invalid */
export async function readKeys(path: string): Promise<readonly CipherKey[] | undefined> {
  const stats = await stat(path).catch((error: unknown) => {
    if (driverCode(error, 'code') === 'ENOENT') return undefined
    throw error
  })
  if (stats === undefined) return undefined
  // Reading a pipe would wait for its writer.
  if (!stats.isFile())
    throw new ConfigurationError(`${path} is not a regular file. Pass the path of a key file.`)
  const text = (await readFile(path, 'utf8')).trim()
  const keys = /^[[{]/.test(text) ? parseJwks(text) : text.split(/\s+/).map(parseLine)
  try {
    joseCipher(keys)
  } catch {
    throw new ConfigurationError(malformed)
  }
  // Only now: a wrong path may be that of a file that others must read.
  if ((stats.mode & 0o077) !== 0) await restrict(path)
  return keys
}

/** Makes a file readable only by its owner. A mounted secret may have another owner, or be read-only. */
async function restrict(path: string): Promise<void> {
  try {
    await chmod(path, 0o600)
  } catch (error) {
    if (!['EROFS', 'EPERM'].includes(String(driverCode(error, 'code')))) throw error
  }
}

/** Parses a JWK, a list of JWKs, or a JWK Set (RFC 7517). The parser's own error would quote the key. */
function parseJwks(text: string): CipherKey[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new ConfigurationError(malformed)
  }
  if (isObject(value) && Object.hasOwn(value, 'keys')) value = value.keys
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.map((jwk) => {
    if (!isObject(jwk) || jwk.kty !== 'oct' || typeof jwk.k !== 'string') {
      throw new ConfigurationError(malformed)
    }
    return { kty: jwk.kty, k: jwk.k }
  })
}

function parseLine(line: string): Uint8Array {
  try {
    return base64url.decode(line.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''))
  } catch {
    throw new ConfigurationError(malformed)
  }
}

/** Returns a new random key. */
export const newKey = (): CipherKey => ({ kty: 'oct', k: base64url.encode(randomBytes(32)) })

/** Replaces an existing file by these keys. A process that is killed leaves the old file or the new one. */
export async function replaceKeys(path: string, keys: readonly CipherKey[]): Promise<void> {
  const jwks = keys.map((key) =>
    key instanceof Uint8Array ? { kty: 'oct', k: base64url.encode(key) } : { ...key },
  )
  // A link to the file stays.
  const target = await realpath(path)
  const draft = await writeDraft(target, textOf(jwks))
  try {
    await rename(draft, target)
  } catch (error) {
    await unlink(draft)
    throw error
  }
  await syncFolder(target)
}

/** Creates the file with a new key. If another process has just created it, reads that file. */
async function createKey(path: string): Promise<readonly CipherKey[] | undefined> {
  const key = newKey()
  return (await createFile(path, textOf([key]))) ? [key] : readKeys(path)
}

const textOf = (keys: readonly CipherKey[]): string => `${JSON.stringify({ keys })}\n`

/**
 * Whether a key matches an encrypted value. False only if each value names a key that is missing. Values without a
 * key id are not checked here.
 */
async function someKeyMatches(keys: readonly CipherKey[], sealed: Sealed): Promise<boolean> {
  const known = new Set(await Promise.all(keys.map(keyId)))
  let matches = true
  for (const value of sealed.values()) {
    const kid = keyIdOf(value)
    if (kid === null) continue
    matches = known.has(kid)
    if (matches) break
  }
  return matches
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
