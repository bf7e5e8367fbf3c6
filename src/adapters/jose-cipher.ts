import {
  base64url,
  CompactEncrypt,
  type CompactJWEHeaderParameters,
  type CryptoKey,
  calculateJwkThumbprint,
  compactDecrypt,
} from 'jose'
import { ConfigurationError, KeyMissingError, SealBrokenError } from '../errors.ts'
import type { Cipher, SealContext } from '../ports/cipher.ts'
import type { Json } from '../ports/json.ts'

/** A 32-byte key: its bytes, or a JWK of the type `oct` (RFC 7518, 6.4). */
export type CipherKey = Uint8Array | { readonly kty: string; readonly k?: string }

interface ImportedKey {
  readonly kid: string
  readonly key: CryptoKey
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })
const allowed = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] }

/**
 * Seals with AES-256-GCM as compact JWE (RFC 7516), by jose. The first key seals, all of them open.
 * The protected header carries the key's thumbprint (RFC 7638) and a hash of the context.
 * @throws ConfigurationError where there is no key, or one that has not 32 bytes
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
  const secrets = keys.map(keyBytes)
  if (secrets.length === 0) throw new ConfigurationError('A cipher needs at least one key.')
  const hashContext = contextHashes()
  let importing: Promise<readonly ImportedKey[]> | undefined
  const ring = () => {
    importing ??= Promise.all(secrets.map(importKey))
    return importing
  }

  return {
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
        // jose asks for the key after it has checked both algorithms against the lists.
        const { plaintext, protectedHeader } = await compactDecrypt(
          sealed,
          ({ kid }: CompactJWEHeaderParameters) => {
            if (typeof kid !== 'string') throw new SealBrokenError()
            const fitting = imported.find((one) => one.kid === kid)
            if (fitting === undefined) throw new KeyMissingError()
            return fitting.key
          },
          allowed,
        )
        if (protectedHeader.ctx !== ctx) throw new SealBrokenError()
        return decoder.decode(plaintext)
      } catch (error) {
        if (error instanceof KeyMissingError) throw error
        // Not even as a cause: whoever can alter rows learns nothing from how it failed.
        throw new SealBrokenError()
      }
    },
  }
}

/** The id by which a sealed value names its key: the key's thumbprint (RFC 7638). */
export function keyId(key: CipherKey): Promise<string> {
  return calculateJwkThumbprint({ kty: 'oct', k: base64url.encode(keyBytes(key)) })
}

/** The bytes of a key, or a sentence that does not quote it. */
function keyBytes(key: CipherKey): Uint8Array {
  let bytes: Uint8Array | undefined
  if (key instanceof Uint8Array) bytes = key
  else if (key.kty === 'oct' && typeof key.k === 'string') {
    try {
      bytes = base64url.decode(key.k)
    } catch {
      // falls to the one sentence below
    }
  }
  if (bytes?.length !== 32) throw new ConfigurationError('A cipher key has to be 32 bytes, or a JWK of them.')
  return bytes.slice()
}

async function importKey(bytes: Uint8Array): Promise<ImportedKey> {
  const kid = await keyId(bytes)
  const raw = new Uint8Array(bytes)
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
  return { kid, key }
}

/** Remembers the latest hashes: a flow opens and seals under one context, and each digest is a thread's round trip. */
function contextHashes(): (context: SealContext) => Promise<string> {
  const known = new Map<string, Promise<string>>()
  return (context) => {
    const text = contextText(context)
    let hash = known.get(text)
    if (hash === undefined) {
      if (known.size >= 256) known.clear()
      hash = sha256(text)
      known.set(text, hash)
    }
    return hash
  }
}

function contextText(context: SealContext): string {
  // Named one by one: a caller that hands in a whole record must not bind more than the context.
  const { purpose, scope, id, domain, uniqueId, data } = context
  return canonicalJson({ purpose, scope, id, domain, uniqueId, data })
}

async function sha256(text: string): Promise<string> {
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text))))
}

/** JSON with its keys sorted at every depth, so that equal values have equal text. */
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
