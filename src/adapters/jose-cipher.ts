import {
  base64url,
  CompactEncrypt,
  type CompactJWEHeaderParameters,
  type CryptoKey,
  calculateJwkThumbprint,
  compactDecrypt,
  decodeProtectedHeader,
} from 'jose'
import { ConfigurationError, KeyMissingError, SealBrokenError } from '../errors.ts'
import type { Cipher, SealContext } from '../ports/cipher.ts'
import type { Json } from '../ports/json.ts'

/** A 32-byte key: its bytes, or a JWK of the type `oct` (RFC 7518, 6.4). */
export type CipherKey = Uint8Array | { readonly kty: string; readonly k?: string }

interface ImportedKey {
  readonly kid: string
  readonly key: CryptoKey
  /** The key from which those of the codes are derived. */
  readonly base: CryptoKey
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })
const allowed = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] }

/**
 * Creates a cipher: AES-256-GCM as compact JWE (RFC 7516), by jose. The first key encrypts, all keys decrypt. The
 * protected header has the thumbprint of the key (RFC 7638) and a hash of the context.
 *
 * @throws ConfigurationError if there is no key, or one that is not 32 bytes long
 *
 * @example
 * ```ts
 * import { createLatchkey, joseCipher, memoryStore } from 'latchkey'
 *
 * const key = crypto.getRandomValues(new Uint8Array(32))
 * const cipher = joseCipher([key])
 * const latchkey = await createLatchkey({ integrations: [], store: memoryStore(), cipher })
 * ```
 */
export function joseCipher(keys: readonly CipherKey[]): Cipher {
  if (!Array.isArray(keys))
    throw new ConfigurationError('Invalid cipher keys. Pass a list, for example [key].')
  const secrets = keys.map(keyBytes)
  if (secrets.length === 0) throw new ConfigurationError('A cipher needs at least one key.')
  const hashContext = contextHashes()
  let importing: Promise<readonly ImportedKey[]> | undefined
  const ring = () => {
    importing ??= Promise.all(secrets.map(importKey))
    return importing
  }

  return {
    keys: { ids: async () => (await ring()).map(({ kid }) => kid), of: keyIdOf },

    async seal(plaintext, context) {
      const [[first], ctx] = await Promise.all([ring(), hashContext(context)])
      if (first === undefined) throw new KeyMissingError()
      return new CompactEncrypt(encoder.encode(plaintext))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: first.kid, ctx })
        .encrypt(first.key)
    },

    async open(sealed, context) {
      try {
        const [imported, ctx] = await Promise.all([ring(), hashContext(context)])
        // jose calls this after it has checked both algorithms against `allowed`.
        const { plaintext, protectedHeader } = await compactDecrypt(
          sealed,
          ({ kid }: CompactJWEHeaderParameters) => {
            if (typeof kid !== 'string') throw new SealBrokenError()
            const match = imported.find((candidate) => candidate.kid === kid)
            if (match === undefined) throw new KeyMissingError()
            return match.key
          },
          allowed,
        )
        if (protectedHeader.ctx !== ctx) throw new SealBrokenError()
        return decoder.decode(plaintext)
      } catch (error) {
        if (error instanceof KeyMissingError) throw error
        // Without a cause, so that an attacker who can alter rows learns nothing from the failure.
        throw new SealBrokenError()
      }
    },

    async mac(text, { scope, domain }) {
      const info = encoder.encode(JSON.stringify(['latchkey match', scope, domain]))
      const derived = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }
      const hmac = { name: 'HMAC', hash: 'SHA-256', length: 256 }
      const codeOf = async ({ kid, base }: ImportedKey) => {
        const key = await crypto.subtle.deriveKey(derived, base, hmac, false, ['sign'])
        const code = await crypto.subtle.sign('HMAC', key, encoder.encode(text))
        return { keyId: kid, code: base64url.encode(new Uint8Array(code)) }
      }
      return Promise.all((await ring()).map(codeOf))
    },
  }
}

/** Returns the id of the key that encrypted a value; null if it is not an encrypted value. */
export function keyIdOf(sealed: string): string | null {
  try {
    return decodeProtectedHeader(sealed).kid ?? null
  } catch {
    return null
  }
}

/** Returns the id of a key in encrypted values: its thumbprint (RFC 7638). */
export function keyId(key: CipherKey): Promise<string> {
  return calculateJwkThumbprint({ kty: 'oct', k: base64url.encode(keyBytes(key)) })
}

/** Returns the bytes of a key. @throws ConfigurationError, without the key in its message */
function keyBytes(key: CipherKey): Uint8Array {
  let bytes: Uint8Array | undefined
  if (key instanceof Uint8Array) bytes = key
  else if (typeof key === 'object' && key?.kty === 'oct' && typeof key.k === 'string') {
    try {
      bytes = base64url.decode(key.k)
    } catch {
      // The length check below throws.
    }
  }
  if (bytes?.length !== 32) {
    const given = bytes === undefined ? kindOf(key) : `${bytes.length} bytes`
    throw new ConfigurationError(
      `Invalid cipher key: ${given}. Use 32 bytes, for example Buffer.from(text, "base64"), or a JWK of the type oct.`,
    )
  }
  return bytes.slice()
}

const kindOf = (key: unknown): string =>
  key === undefined ? 'undefined' : typeof key === 'string' ? 'a string' : 'another value'

async function importKey(bytes: Uint8Array): Promise<ImportedKey> {
  const kid = await keyId(bytes)
  const raw = new Uint8Array(bytes)
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
  const base = await crypto.subtle.importKey('raw', raw, 'HKDF', false, ['deriveKey'])
  return { kid, key, base }
}

/** Caches the latest hashes. A flow decrypts and encrypts with the same context, and each digest waits for a thread. */
function contextHashes(): (context: SealContext) => Promise<string> {
  const cached = new Map<string, Promise<string>>()
  return (context) => {
    const text = contextText(context)
    let hash = cached.get(text)
    if (hash === undefined) {
      if (cached.size >= 256) cached.clear()
      hash = sha256(text)
      cached.set(text, hash)
    }
    return hash
  }
}

function contextText(context: SealContext): string {
  // Selects the members, because a caller can pass a record that has more of them.
  const { purpose, scope, id, domain, uniqueId, data } = context
  return canonicalJson({ purpose, scope, id, domain, uniqueId, data })
}

async function sha256(text: string): Promise<string> {
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text))))
}

/** Returns JSON with sorted keys, so that equal values have equal texts. */
function canonicalJson(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonicalJson).join()}]`
  const members = Object.keys(value)
    .sort()
    .flatMap((key) => {
      const member = value[key]
      return member === undefined ? [] : [`${JSON.stringify(key)}:${canonicalJson(member)}`]
    })
  return `{${members.join()}}`
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
