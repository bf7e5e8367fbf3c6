import {
  appendFileSync,
  copyFileSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, it } from '@jest/globals'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import type { Store } from '../../../src/ports/store.ts'
import { entryRecord, put, write } from '../../../src/testing/store-records.ts'
import { addEntry, MemoryLog, makeHost } from '../../engine/host.ts'
import { sqlitePlace } from './sqlite-place.ts'

const place = sqlitePlace()
afterAll(() => place.clear())

/** The files of a database, without its key. */
const filesOf = (path: string) =>
  readdirSync(dirname(path)).filter((name) => name.startsWith(basename(path)) && !name.endsWith('.key'))

const titles = async (store: Store) => {
  const { items } = await store.findEntries('default', { limit: 99 })
  return items.map(({ uniqueId }) => uniqueId).sort()
}

/** A database with an entry and a backup, to which another entry was added since. */
async function withBackup() {
  const path = place.path()
  const file = `${path}.backup`
  const host = await makeHost({ store: sqliteStore(path) })
  await addEntry(host, { token: 'one', account: 'one' })
  await host.store.backup?.(file)
  await addEntry(host, { token: 'two', account: 'two' })
  const stop = () => host.latchkey.stop()
  return { path, file, host, stop, restore: (from = file) => sqliteStore(path).restore?.(from) }
}

const codeOf = (work: Promise<unknown> | undefined) =>
  Promise.resolve(work).then(
    () => 'done',
    (error) => error.code,
  )

describe('a backup of a database in use', () => {
  it('has all that was saved, is private, and has no key', async () => {
    const { path, file, host, stop } = await withBackup()
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const { keys } = JSON.parse(readFileSync(`${path}.key`, 'utf8'))
    expect(readFileSync(file).includes(keys[0].k)).toBe(false)
    expect(readFileSync(file).includes(Buffer.from(keys[0].k, 'base64url'))).toBe(false)
    const copied = new DatabaseSync(file, { readOnly: true })
    expect(copied.prepare('select unique_id from entries').all()).toEqual([{ unique_id: 'one' }])
    copied.close()
    expect(filesOf(file)).toEqual([basename(file)])
    expect(await titles(host.store)).toEqual(['one', 'two'])
    await stop()
  })

  it('is complete while other processes write', async () => {
    const path = place.path()
    const store = await place.open(path)
    let written = 0
    const writing = (async () => {
      for (; written < 300; written++)
        await write(store, put(entryRecord({ entryId: `entry-${written}`, uniqueId: `u${written}` })))
    })()
    for (let nth = 0; nth < 3; nth++) {
      const before = written
      await sqliteStore(path).backup?.(`${path}.${nth}`)
      const copied = new DatabaseSync(`${path}.${nth}`)
      expect(copied.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' })
      expect(Number(copied.prepare('select count(*) as n from entries').get()?.n)).toBeGreaterThanOrEqual(
        before,
      )
      copied.close()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await writing
  })

  it('never replaces a file, and leaves none behind if it fails', async () => {
    const { path, file, stop } = await withBackup()
    const before = readFileSync(file)
    const store = sqliteStore(path)
    expect(await codeOf(store.backup?.(file))).toBe('FILE_EXISTS')
    expect(await codeOf(store.backup?.(path))).toBe('FILE_EXISTS')
    expect(await codeOf(store.backup?.(`${path}.key`))).toBe('FILE_EXISTS')
    expect(readFileSync(file).equals(before)).toBe(true)
    expect(await codeOf(store.backup?.(`${path}.none/backup.db`))).toBe('STORE')
    const both = await Promise.all([1, 2].map(() => codeOf(store.backup?.(`${file}.2`))))
    expect(both.sort()).toEqual(['FILE_EXISTS', 'done'])
    const missing = place.path()
    expect(await codeOf(sqliteStore(missing).backup?.(`${missing}.backup`))).toBe('STORE')
    expect(filesOf(missing)).toEqual([])
    await stop()
  })
})

describe('restoring a backup', () => {
  it('replaces the database behind a link, and leaves the link', async () => {
    const { path, host, stop } = await withBackup()
    await stop()
    const link = place.path()
    symlinkSync(path, link)
    symlinkSync(`${path}.key`, `${link}.key`)
    await sqliteStore(link).restore?.(`${path}.backup`)
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    const again = await host.again({ store: sqliteStore(path) })
    expect(await titles(again.store)).toEqual(['one'])
    await again.latchkey.stop()
  })

  it('replaces the database, keeps the old one, and leaves no log', async () => {
    const { path, host, stop, restore } = await withBackup()
    await stop()
    const restored = await restore()
    expect(filesOf(path).filter((name) => /-(wal|shm)$|part$/.test(name))).toEqual([])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const old = new DatabaseSync(String(restored?.replaced))
    expect(old.prepare('select count(*) as n from entries').get()).toEqual({ n: 2 })
    old.close()
    const again = await host.again({ store: sqliteStore(path) })
    expect(await titles(again.store)).toEqual(['one'])
    await again.latchkey.start()
    expect((await again.latchkey.entries.list()).items).toMatchObject([{ state: 'loaded' }])
    await again.latchkey.stop()
  })

  it('is not undone by the log of the old database, and loses nothing of it', async () => {
    const { path, restore, host, stop } = await withBackup()
    copyFileSync(`${path}-wal`, `${path}.log`)
    await stop()
    copyFileSync(`${path}.log`, `${path}-wal`)
    rmSync(path)
    expect(await restore()).toEqual({ replaced: null })
    expect(filesOf(path).some((name) => name.includes('.replaced-') && name.endsWith('-wal'))).toBe(true)
    const again = await host.again({ store: sqliteStore(path) })
    expect(await titles(again.store)).toEqual(['one'])
    await again.latchkey.stop()
  })

  it('works over a damaged database', async () => {
    const { path, restore, host, stop } = await withBackup()
    await stop()
    writeFileSync(path, 'This is not a database, and long enough to be detected. '.repeat(20))
    const restored = await restore()
    expect(readFileSync(String(restored?.replaced), 'utf8')).toContain('This is not a database')
    const again = await host.again({ store: sqliteStore(path) })
    expect(await titles(again.store)).toEqual(['one'])
    await again.latchkey.stop()
  })

  it('is refused while the database is open', async () => {
    const { path, host, restore, stop } = await withBackup()
    expect(await codeOf(restore())).toBe('DATABASE_IN_USE')
    expect(await codeOf(host.store.restore?.(`${path}.backup`))).toBe('DATABASE_IN_USE')
    await addEntry(host, { token: 'three', account: 'three' })
    expect(await titles(host.store)).toEqual(['one', 'three', 'two'])
    await stop()
    expect(await codeOf(restore())).toBe('done')
  })

  it.each([
    ['a missing file', (file: string) => rmSync(file), 'INVALID_BACKUP'],
    ['an empty file', (file: string) => truncateSync(file), 'INVALID_BACKUP'],
    ['a text', (file: string) => writeFileSync(file, 'x'.repeat(9000)), 'INVALID_BACKUP'],
    ['half a file', (file: string) => truncateSync(file, 30_000), 'INVALID_BACKUP'],
    ['a copy with a log', (file: string) => appendFileSync(`${file}-wal`, 'log'), 'INVALID_BACKUP'],
    [
      'a database of another program',
      (file: string) => {
        rmSync(file)
        place.sql(file, 'create table other (x)')
      },
      'INVALID_BACKUP',
    ],
    [
      'a database of a newer version',
      (file: string) => place.sql(file, `insert into kysely_migration values ('9999_newer', 'now')`),
      'NEWER_DATABASE',
    ],
  ])('refuses %s, and changes nothing', async (_, damage, code) => {
    const { path, file, restore, stop } = await withBackup()
    await stop()
    damage(file)
    const before = [readFileSync(path), filesOf(path)]
    expect(await codeOf(restore())).toBe(code)
    expect([readFileSync(path), filesOf(path)]).toEqual(before)
  })

  it('refuses the database itself', async () => {
    const { path, restore, stop } = await withBackup()
    await stop()
    expect(await codeOf(restore(path))).toBe('INVALID_BACKUP')
  })

  it('refuses the file of a database in use, which has no tables yet', async () => {
    const { path, restore, stop } = await withBackup()
    await stop()
    const other = place.path()
    const store = await place.open(other)
    await write(store, put(entryRecord({ uniqueId: 'a' })))
    copyFileSync(other, `${path}.copied`)
    expect(await codeOf(restore(`${path}.copied`))).toBe('INVALID_BACKUP')
  })

  it('refuses a backup of another key, and one without a key', async () => {
    const { path, restore, stop } = await withBackup()
    await stop()
    const before = readFileSync(path)
    const other = await withBackup()
    await other.stop()
    expect(await codeOf(restore(other.file))).toBe('KEY_MISSING')
    rmSync(`${path}.key`)
    expect(await codeOf(restore())).toBe('KEY_MISSING')
    expect(existsSync(`${path}.key`)).toBe(false)
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('asks a check, which can refuse it', async () => {
    const { path, file, stop } = await withBackup()
    await stop()
    const seen: unknown[] = []
    const refuse = async (store: Store) => {
      await store.open()
      seen.push(await titles(store))
      throw Object.assign(new Error('No.'), { code: 'NO' })
    }
    expect(await codeOf(sqliteStore(path).restore?.(file, refuse))).toBe('STORE')
    expect(seen).toEqual([['one']])
    expect(filesOf(path).filter((name) => name.endsWith('part') || name.includes('replaced'))).toEqual([])
  })

  it('names the entries whose tokens may be old, until each has a new one', async () => {
    const { path, restore, host, stop } = await withBackup()
    await stop()
    await restore()
    const store = sqliteStore(path)
    const again = await host.again({ store })
    const { items } = await again.latchkey.entries.list()
    const entryId = String(items[0]?.entryId)
    const entries = [{ scope: 'default', entryId }]
    expect(await store.notices?.()).toEqual([{ type: 'restored', at: expect.any(Number), entries }])
    await again.latchkey.entries.update(entryId, { title: 'Renamed' })
    expect(await store.notices?.()).toMatchObject([{ entries }])
    const form = await again.latchkey.entries.requestReauth(entryId)
    again.service.accounts.set('new', 'one')
    await again.latchkey.flows.submit(form.flowId, { token: 'new' }, form)
    expect(await store.notices?.()).toEqual([])
    await again.latchkey.stop()
  })
})

describe('a database that is new although its key file existed', () => {
  it.each([
    ['missing', (path: string) => rmSync(path)],
    ['emptied', (path: string) => truncateSync(path)],
  ])('is reported until an account is linked (%s)', async (_, lose) => {
    const { path, host, stop } = await withBackup()
    await stop()
    lose(path)
    const message = 'The database is new, but its key file existed. If it had entries, restore a backup.'
    for (let start = 0; start < 2; start++) {
      const again = await host.again({ store: sqliteStore(path), log: new MemoryLog() })
      expect(again.log.messages).toEqual([message])
      expect(await again.store.notices?.()).toEqual([{ type: 'new_beside_key' }])
      if (start === 1) await addEntry(again)
      await again.latchkey.stop()
    }
    const later = await host.again({ store: sqliteStore(path), log: new MemoryLog() })
    expect(later.log.messages).toEqual([])
    await later.latchkey.stop()
  })

  it('keeps a log that it would otherwise delete', async () => {
    const { path, host, stop } = await withBackup()
    copyFileSync(`${path}-wal`, `${path}.log`)
    await stop()
    rmSync(path)
    copyFileSync(`${path}.log`, `${path}-wal`)
    const again = await host.again({ store: sqliteStore(path) })
    await again.latchkey.stop()
    expect(filesOf(path).some((name) => name.endsWith('.orphan'))).toBe(true)
  })

  it('is not reported at the first start', async () => {
    const host = await makeHost({ store: sqliteStore(place.path()) })
    expect(await host.store.notices?.()).toEqual([])
    expect(host.log.messages).toEqual([])
    await host.latchkey.stop()
  })
})
