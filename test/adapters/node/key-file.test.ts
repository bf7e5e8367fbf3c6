import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { joseCipher } from '../../../src/adapters/jose-cipher.ts'
import { newKey, replaceKeys } from '../../../src/adapters/node/key-file.ts'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { entryRecord, flowRecord, put, write } from '../../../src/testing/store-records.ts'
import { sqlitePlace } from '../sqlite/sqlite-place.ts'

const place = sqlitePlace()
afterAll(place.clear)

const context = {
  purpose: 'entry',
  scope: 'home',
  id: 'entry-1',
  domain: 'hub',
  uniqueId: null,
  data: {},
} as const
const base64 = (key: Uint8Array) => Buffer.from(key).toString('base64')
const jwk = (key: Uint8Array) => ({ kty: 'oct', k: Buffer.from(key).toString('base64url') })

/** A database with one sealed entry, closed. */
async function sealedDatabase() {
  const path = place.path()
  const store = await place.open(path)
  const sealed = (await store.cipher?.seal('token', context)) ?? ''
  await write(store, put(entryRecord({ sealed })))
  await store.close()
  return { path, keyPath: `${path}.key`, sealed, key: readFileSync(`${path}.key`, 'utf8') }
}

describe('the key file of sqliteStore', () => {
  it('is created next to a new database, readable by its owner only, without temporary files', async () => {
    const { path, keyPath, key } = await sealedDatabase()
    expect(statSync(keyPath).mode & 0o777).toBe(0o600)
    expect(JSON.parse(key)).toEqual({ keys: [{ kty: 'oct', k: expect.stringMatching(/^[\w-]{43}$/) }] })
    const files = readdirSync(dirname(path)).filter((name) => name.startsWith(`${basename(path)}.`))
    expect(files).toEqual([basename(keyPath)])
  })

  it('decrypts values that it encrypted', async () => {
    const { path, sealed, key, keyPath } = await sealedDatabase()
    const store = await place.open(path)
    expect(await store.cipher?.open(sealed, context)).toBe('token')
    expect(readFileSync(keyPath, 'utf8')).toBe(key)
  })

  it('is never created next to existing rows', async () => {
    const { path, keyPath } = await sealedDatabase()
    rmSync(keyPath)
    await expect(sqliteStore(path).open()).rejects.toMatchObject({
      code: 'KEY_MISSING',
      message: expect.stringContaining(`at ${keyPath}.`),
    })
    expect(existsSync(keyPath)).toBe(false)
  })

  it('is never created next to an existing flow', async () => {
    const path = place.path()
    const first = await place.open(path)
    await write(first, put(flowRecord({ open: false })))
    await first.close()
    rmSync(`${path}.key`)
    await expect(sqliteStore(path).open()).rejects.toMatchObject({ code: 'KEY_MISSING' })
  })

  it('is made again where everything was removed', async () => {
    const { path, keyPath, key } = await sealedDatabase()
    const store = await place.open(path)
    await write(store, { remove: 'entry', id: 'entry-1', ifRevision: 1 })
    await store.close()
    rmSync(keyPath)
    await place.open(path)
    expect(readFileSync(keyPath, 'utf8')).not.toBe(key)
  })

  it('is refused if it decrypts no row, and works again after it is restored', async () => {
    const { path, keyPath, key, sealed } = await sealedDatabase()
    writeFileSync(keyPath, base64(randomBytes(32)))
    const store = sqliteStore(path)
    await expect(store.open()).rejects.toMatchObject({ code: 'KEY_MISSING' })
    writeFileSync(keyPath, key)
    await store.open()
    expect(await store.cipher?.open(sealed, context)).toBe('token')
    await store.close()
  })

  it('is accepted where one sealed row of several fits', async () => {
    const { path, keyPath, sealed } = await sealedDatabase()
    const newer = randomBytes(32)
    const old = await place.open(path)
    const other = await joseCipher([newer]).seal('token', { ...context, id: 'entry-2' })
    await write(old, put(entryRecord({ entryId: 'entry-2', sealed: other })))
    await old.close()
    writeFileSync(keyPath, JSON.stringify(jwk(newer)))
    const store = await place.open(path)
    expect(await store.cipher?.open(other, { ...context, id: 'entry-2' })).toBe('token')
    await expect(store.cipher?.open(sealed, context)).rejects.toMatchObject({ code: 'KEY_MISSING' })
  })

  const [first, second] = [randomBytes(32), randomBytes(32)]
  it.each([
    ['a line of base64', `${base64(first)}\n`, 1],
    ['lines of base64', `${base64(first)}\n${base64(second)}\n`, 2],
    ['base64url', first.toString('base64url'), 1],
    ['a JWK', JSON.stringify(jwk(first)), 1],
    ['a list of JWKs', JSON.stringify([jwk(first), jwk(second)]), 2],
    ['a JWK Set', `${JSON.stringify({ keys: [jwk(first), jwk(second)] })}\n`, 2],
  ])('can be %s: the first key seals, all of them open', async (_, text, count) => {
    const path = place.path()
    writeFileSync(`${path}.key`, text)
    const store = await place.open(path)
    const sealed = (await store.cipher?.seal('token', context)) ?? ''
    expect(await joseCipher([first]).open(sealed, context)).toBe('token')
    const older = await joseCipher([second]).seal('older', context)
    const opened = store.cipher?.open(older, context)
    if (count === 2) expect(await opened).toBe('older')
    else await expect(opened).rejects.toMatchObject({ code: 'KEY_MISSING' })
    expect(readFileSync(`${path}.key`, 'utf8')).toBe(text)
  })

  const canary = 'c2VjcmV0LWNhbmFyeQ'
  it.each([
    ['empty', ''],
    ['too short', base64(randomBytes(16))],
    ['too long', base64(randomBytes(33))],
    ['text', `${canary} not a key!`],
    ['cut off', `{"kty":"oct","k":"${canary}`],
    ['another JWK', JSON.stringify({ kty: 'RSA', n: canary, e: 'AQAB' })],
    ['a JWK without a key', JSON.stringify({ kty: 'oct', note: canary })],
    ['a short JWK', JSON.stringify({ kty: 'oct', k: canary })],
    ['a set without keys', JSON.stringify({ keys: [] })],
    ['a set of numbers', JSON.stringify({ keys: [1] })],
  ])('is refused if it is %s, neither changed nor quoted', async (_, text) => {
    const path = place.path()
    writeFileSync(`${path}.key`, text)
    chmodSync(`${path}.key`, 0o644)
    const error = await sqliteStore(path)
      .open()
      .catch((reason: Error) => reason)
    expect(error).toMatchObject({ code: 'CONFIGURATION' })
    expect(error?.stack).not.toContain(canary)
    expect(error?.cause).toBeUndefined()
    expect(readFileSync(`${path}.key`, 'utf8')).toBe(text)
    expect(statSync(`${path}.key`).mode & 0o777).toBe(0o644)
  })

  it('is not made writable', async () => {
    const { path, keyPath } = await sealedDatabase()
    chmodSync(keyPath, 0o400)
    await place.open(path)
    expect(statSync(keyPath).mode & 0o777).toBe(0o400)
  })

  it('can be a link, which stays when a key is added', async () => {
    const { path, keyPath, sealed } = await sealedDatabase()
    const elsewhere = `${place.path()}.secret`
    renameSync(keyPath, elsewhere)
    symlinkSync(elsewhere, keyPath)
    const store = await place.open(path)
    await store.keys?.add()
    expect(lstatSync(keyPath).isSymbolicLink()).toBe(true)
    expect(JSON.parse(readFileSync(elsewhere, 'utf8')).keys).toHaveLength(2)
    expect(await store.cipher?.open(sealed, context)).toBe('token')
  })

  it('leaves no draft with keys where the file system refuses to replace it', async () => {
    const path = place.path()
    mkdirSync(path)
    await expect(replaceKeys(path, [newKey()])).rejects.toMatchObject({ code: 'EISDIR' })
    expect(readdirSync(dirname(path)).filter((name) => name.startsWith(`${basename(path)}.`))).toEqual([])
  })

  it('is refused if it is a socket', async () => {
    const { path, keyPath } = await sealedDatabase()
    rmSync(keyPath)
    const server = createServer().listen(keyPath)
    await once(server, 'listening')
    await expect(sqliteStore(path).open()).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: `${keyPath} is not a regular file. Pass the path of a key file.`,
    })
    server.close()
  })

  it('is neither read nor made where the host gives a cipher', async () => {
    const cipher = joseCipher([randomBytes(32)])
    const path = place.path()
    const store = await place.open(path, { cipher })
    expect(store.cipher).toBe(cipher)
    expect(existsSync(`${path}.key`)).toBe(false)
    writeFileSync(`${path}.key`, 'no key')
    await store.close()
    await place.open(path, { cipher })
  })

  it('is one for all stores that start for the first time together', async () => {
    const path = place.path()
    const stores = await Promise.all(Array.from({ length: 8 }, () => place.open(path)))
    const sealed = (await stores[0]?.cipher?.seal('token', context)) ?? ''
    for (const store of stores) expect(await store.cipher?.open(sealed, context)).toBe('token')
  })

  it('is one for all processes that start for the first time together', async () => {
    const program = join(import.meta.dirname, '../sqlite/first-start.ts')
    for (let round = 0; round < 3; round++) {
      const path = place.path()
      const names = ['one', 'two', 'three', 'four']
      const starts = names.map(async (name) => {
        const child = spawn(process.execPath, [program, path, name], { stdio: ['ignore', 'ignore', 'pipe'] })
        const said: string[] = []
        child.stderr.on('data', (data) => said.push(String(data)))
        const [code] = await once(child, 'close')
        return code === 0 ? 'started' : said.join('')
      })
      expect(await Promise.all(starts)).toEqual(names.map(() => 'started'))
      const store = await place.open(path)
      const { items } = await store.findEntries('home', { limit: 9 })
      const tokens = items.map(({ entryId, sealed }) =>
        store.cipher?.open(sealed, { ...context, id: entryId }),
      )
      expect(await Promise.all(tokens)).toEqual(names.toSorted().map((name) => `token of ${name}`))
    }
  })
})
