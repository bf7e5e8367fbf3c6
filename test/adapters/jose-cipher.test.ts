import { randomBytes } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { base64url, CompactEncrypt, calculateJwkThumbprint, decodeProtectedHeader } from 'jose'
import { joseCipher } from '../../src/adapters/jose-cipher.ts'
import { plainCipher } from '../../src/adapters/plain-cipher.ts'
import type { SealContext } from '../../src/ports/cipher.ts'

const context: SealContext = {
  purpose: 'entry',
  scope: 'home',
  id: 'entry-1',
  domain: 'hub',
  uniqueId: 'account-1',
  data: { host: 'hub.example', port: 8883, nested: { a: [1, 2], b: null } },
}
const [key, other] = [randomBytes(32), randomBytes(32)]
const jwk = { kty: 'oct', k: base64url.encode(key) }
const broken = { code: 'SEAL_BROKEN' }

describe('joseCipher', () => {
  it.each(['', 'token', '"quotes"\n\ttabs', 'ключ 🔑 \u0000', 'x'.repeat(100_000)])(
    'opens its own seal (%#)',
    async (text) => {
      const cipher = joseCipher([key])
      expect(await cipher.open(await cipher.seal(text, context), context)).toBe(text)
    },
  )

  it('names the key by its thumbprint, and has no other data in the header', async () => {
    const header = decodeProtectedHeader(await joseCipher([key]).seal('token', context))
    expect(header).toEqual({
      alg: 'dir',
      enc: 'A256GCM',
      kid: await calculateJwkThumbprint(jwk),
      ctx: expect.stringMatching(/^[\w-]{43}$/),
    })
  })

  it('seals the same text to another value each time', async () => {
    const cipher = joseCipher([key])
    expect(await cipher.seal('token', context)).not.toBe(await cipher.seal('token', context))
  })

  it('takes a JWK for its bytes', async () => {
    const sealed = await joseCipher([jwk]).seal('token', context)
    expect(await joseCipher([key]).open(sealed, context)).toBe('token')
  })

  it('seals with the first key and opens with all: keys can be rotated', async () => {
    const old = await joseCipher([key]).seal('old', context)
    const both = joseCipher([other, key])
    expect(await both.open(old, context)).toBe('old')
    const fresh = await both.seal('fresh', context)
    expect(await joseCipher([other]).open(fresh, context)).toBe('fresh')
    await expect(joseCipher([other]).open(old, context)).rejects.toMatchObject({ code: 'KEY_MISSING' })
    await expect(joseCipher([key]).open(fresh, context)).rejects.toMatchObject({ code: 'KEY_MISSING' })
  })

  it('does not follow a key that is changed in the hand of its owner', async () => {
    const bytes = Uint8Array.from(key)
    const cipher = joseCipher([bytes])
    bytes.fill(0)
    expect(await joseCipher([key]).open(await cipher.seal('token', context), context)).toBe('token')
  })

  it.each<[string, Partial<SealContext>]>([
    ['purpose', { purpose: 'draft' }],
    ['scope', { scope: 'other' }],
    ['id', { id: 'entry-2' }],
    ['domain', { domain: 'lamp' }],
    ['uniqueId', { uniqueId: 'account-2' }],
    ['uniqueId', { uniqueId: null }],
    ['data', { data: {} }],
    ['data', { data: { ...context.data, host: 'evil.example' } }],
    ['data', { data: { ...context.data, more: null } }],
    ['data', { data: { ...context.data, port: '8883' } }],
    ['data', { data: { ...context.data, nested: { a: [2, 1], b: null } } }],
    ['data', { data: { ...context.data, ['__proto__']: 'x' } }],
  ])('does not open for another %s', async (_, change) => {
    const cipher = joseCipher([key])
    const sealed = await cipher.seal('token', context)
    await expect(cipher.open(sealed, { ...context, ...change })).rejects.toMatchObject(broken)
    expect(await cipher.open(sealed, context)).toBe('token')
  })

  it('does not confuse where one member of the context ends and the next begins', async () => {
    const cipher = joseCipher([key])
    const sealed = await cipher.seal('token', { ...context, scope: 'a","id":"b', id: 'c' })
    await expect(cipher.open(sealed, { ...context, scope: 'a', id: 'b","id":"c' })).rejects.toMatchObject(
      broken,
    )
  })

  it('opens in any order of the members of the context', async () => {
    const cipher = joseCipher([key])
    const sealed = await cipher.seal('token', context)
    const data = { nested: { b: null, a: [1, 2] }, port: 8883, host: 'hub.example' }
    const { uniqueId, domain, id, scope, purpose } = context
    expect(await cipher.open(sealed, { data, uniqueId, domain, id, scope, purpose })).toBe('token')
    expect(await cipher.open(sealed, { ...context, data: JSON.parse(JSON.stringify(data)) })).toBe('token')
  })

  it('keeps telling contexts apart after many of them', async () => {
    const cipher = joseCipher([key])
    const sealed = await cipher.seal('token', context)
    for (let number = 0; number < 600; number++) {
      await expect(cipher.open(sealed, { ...context, id: `other-${number}` })).rejects.toMatchObject(broken)
    }
    expect(await cipher.open(sealed, context)).toBe('token')
  })

  it('does not open a value that was altered anywhere', async () => {
    const cipher = joseCipher([key])
    const sealed = await cipher.seal('token', context)
    const [header = '', , iv = '', text = '', tag = ''] = sealed.split('.')
    const flip = (part: string) => `${part[0] === 'A' ? 'B' : 'A'}${part.slice(1)}`
    const plainer = base64url.encode(JSON.stringify({ ...decodeProtectedHeader(sealed), more: 1 }))
    for (const parts of [
      [plainer, '', iv, text, tag],
      [header, 'AAAA', iv, text, tag],
      [header, '', flip(iv), text, tag],
      [header, '', iv, flip(text), tag],
      [header, '', iv, text, flip(tag)],
      [header, '', iv, text, tag.slice(0, 8)],
    ]) {
      await expect(cipher.open(parts.join('.'), context)).rejects.toMatchObject(broken)
    }
  })

  it.each(['', 'token', '....', 'a.b.c.d.e', '{}', 'plain:token', `${base64url.encode('{}')}....`])(
    'does not open %j, which is not a sealed value',
    async (sealed) => {
      await expect(joseCipher([key]).open(sealed, context)).rejects.toMatchObject(broken)
    },
  )

  describe('with a value that another algorithm sealed', () => {
    const forge = async (header: object, secret: Uint8Array = key) => {
      const real = decodeProtectedHeader(await joseCipher([key]).seal('token', context))
      const forged = { ...real, ...header, alg: 'dir', enc: 'A256GCM' }
      return new CompactEncrypt(new TextEncoder().encode('forged'))
        .setProtectedHeader(Object.assign(forged, header))
        .encrypt(secret)
    }

    it('opens one that differs in nothing (the forger works)', async () => {
      expect(await joseCipher([key]).open(await forge({}), context)).toBe('forged')
    })

    it.each([
      ['another content encryption', { enc: 'A128CBC-HS256' }],
      ['a wrapped key', { alg: 'A256KW' }],
      ['a wrapped key by GCM', { alg: 'A256GCMKW' }],
      ['a password', { alg: 'PBES2-HS256+A128KW' }],
      ['no key id', { kid: undefined }],
      ['no context', { ctx: undefined }],
    ])('refuses %s', async (_, header) => {
      await expect(joseCipher([key]).open(await forge(header), context)).rejects.toMatchObject(broken)
    })

    it('refuses a password before it spends time on it', async () => {
      const header = { alg: 'PBES2-HS256+A128KW', enc: 'A256GCM', p2c: 2 ** 31 - 1, p2s: 'AAAAAAAAAAA' }
      const bomb = `${base64url.encode(JSON.stringify(header))}.AAAA.AAAA.AAAA.AAAA`
      await expect(joseCipher([key]).open(bomb, context)).rejects.toMatchObject(broken)
    })

    it('tells a foreign key from a broken seal', async () => {
      const kid = await calculateJwkThumbprint({ kty: 'oct', k: base64url.encode(other) })
      await expect(joseCipher([key]).open(await forge({ kid }, other), context)).rejects.toMatchObject({
        code: 'KEY_MISSING',
      })
      await expect(joseCipher([key]).open(await forge({}, other), context)).rejects.toMatchObject(broken)
    })
  })

  it.each([
    ['no key', [], 'A cipher needs at least one key.'],
    ['a short key', [randomBytes(31)], 'Invalid cipher key: 31 bytes. '],
    ['a long key', [key, randomBytes(33)], 'Invalid cipher key: 33 bytes. '],
    ['a JWK of another type', [{ ...jwk, kty: 'RSA' }], 'Invalid cipher key: another value. '],
    ['a JWK without a key', [{ kty: 'oct' }], 'Invalid cipher key: another value. '],
    ['a short JWK', [{ kty: 'oct', k: 'AAAA' }], 'Invalid cipher key: 3 bytes. '],
    ['a JWK that is not base64url', [{ kty: 'oct', k: 'not a key!' }], 'Invalid cipher key: another value. '],
    ['a key in base64', ['A'.repeat(43)], 'Invalid cipher key: a string. '],
    ['a variable that is not set', [undefined], 'Invalid cipher key: undefined. '],
    ['a key without a list', key, 'Invalid cipher keys. Pass a list, for example [key].'],
    ['nothing', undefined, 'Invalid cipher keys. Pass a list, for example [key].'],
  ])('refuses %s', (_, keys, message) => {
    expect(() => joseCipher(keys as never)).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION', message: expect.stringContaining(message) }),
    )
  })
})

describe('plainCipher', () => {
  it('encrypts nothing, and is marked plain', async () => {
    const cipher = plainCipher()
    expect(cipher.plain).toBe(true)
    expect(await cipher.seal('token', context)).toBe('plain:token')
    expect(await cipher.open('plain:token', context)).toBe('token')
  })

  it('does not take a sealed value for its own', async () => {
    const sealed = await joseCipher([key]).seal('token', context)
    await expect(plainCipher().open(sealed, context)).rejects.toMatchObject(broken)
  })
})
