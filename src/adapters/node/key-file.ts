import { randomBytes } from 'node:crypto'
import { chmod, link, open, readFile, unlink } from 'node:fs/promises'
import { base64url, decodeProtectedHeader } from 'jose'
import { ConfigurationError, KeyMissingError } from '../../errors.ts'
import { type CipherKey, joseCipher, keyId } from '../jose-cipher.ts'
import { driverCode } from './driver-code.ts'
import { syncFolder } from './sync-folder.ts'

const malformed =
  'The key file has to hold JWKs of the type oct, or 32 bytes in base64 a line. It is left as it is.'

/** What a database tells about the need for a key. */
export interface Sealed {
  /** Whether it holds anything that may be sealed. It is asked again each time. */
  holdsRows(): boolean
  /** Sealed values that it holds. */
  values(): Iterable<string>
}

/**
 * The keys in a file. A file that is missing is made, with one random key, beside an empty database only.
 * @throws KeyMissingError where there are rows and no key that fits
 * @throws ConfigurationError where the file is malformed
 */
export async function keyFile(path: string, sealed: Sealed): Promise<readonly CipherKey[]> {
  let keys = await readKeys(path)
  if (keys === undefined) {
    // Rows are written after their key: if they are there, their writer's key file is as well, or it was lost.
    if (sealed.holdsRows()) keys = await readKeys(path)
    else keys = await makeKey(path)
    if (keys === undefined) {
      throw new KeyMissingError(
        `There are sealed values, and the file of their key is gone. Put it back at ${path}.`,
      )
    }
  }
  if (!(await someFits(keys, sealed))) {
    throw new KeyMissingError(
      `There are sealed values, and no key in ${path} opens them. Put the file back that was made for them.`,
    )
  }
  return keys
}

async function readKeys(path: string): Promise<readonly CipherKey[] | undefined> {
  let text: string
  try {
    text = (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if (driverCode(error, 'code') === 'ENOENT') return undefined
    throw error
  }
  await chmod(path, 0o600)
  const keys = /^[[{]/.test(text) ? parseJwks(text) : text.split(/\s+/).map(parseLine)
  try {
    joseCipher(keys)
  } catch {
    throw new ConfigurationError(malformed)
  }
  return keys
}

/** A JWK, a list of them, or a JWK Set (RFC 7517). The parser's own error would quote the key. */
function parseJwks(text: string): CipherKey[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new ConfigurationError(malformed)
  }
  if (isObject(value) && Object.hasOwn(value, 'keys')) value = value.keys
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.map((one) => {
    if (!isObject(one) || one.kty !== 'oct' || typeof one.k !== 'string') {
      throw new ConfigurationError(malformed)
    }
    return { kty: one.kty, k: one.k }
  })
}

function parseLine(line: string): Uint8Array {
  try {
    return base64url.decode(line.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''))
  } catch {
    throw new ConfigurationError(malformed)
  }
}

/** Makes the file with one new key. Whoever loses a race for it takes the winner's. */
async function makeKey(path: string): Promise<readonly CipherKey[] | undefined> {
  const key = { kty: 'oct', k: base64url.encode(randomBytes(32)) }
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`
  const file = await open(draft, 'wx', 0o600)
  try {
    try {
      await file.writeFile(`${JSON.stringify({ keys: [key] })}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    // A link, unlike a rename, does not replace what is there: the file appears whole, and once.
    await link(draft, path)
  } catch (error) {
    if (driverCode(error, 'code') === 'EEXIST') return readKeys(path)
    throw error
  } finally {
    await unlink(draft)
  }
  // Before anything is sealed with what it holds.
  await syncFolder(path)
  return [key]
}

/** False only where every sealed value names a key that is not here. Values that name none are for their reader. */
async function someFits(keys: readonly CipherKey[], sealed: Sealed): Promise<boolean> {
  const known = new Set(await Promise.all(keys.map(keyId)))
  let fits = true
  for (const value of sealed.values()) {
    const kid = keyIdOf(value)
    if (kid === undefined) continue
    fits = known.has(kid)
    if (fits) break
  }
  return fits
}

function keyIdOf(sealed: string): string | undefined {
  try {
    return decodeProtectedHeader(sealed).kid
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
