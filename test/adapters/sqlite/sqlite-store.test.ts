import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, it } from '@jest/globals'
import { plainCipher } from '../../../src/adapters/plain-cipher.ts'
import { openSqliteFile } from '../../../src/adapters/sqlite/file.ts'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { sharedStoreContract } from '../../../src/testing/shared-store-contract.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'
import {
  attemptsRecord,
  auditRow,
  editRecord,
  entryRecord,
  flowRecord,
  put,
  write,
} from '../../../src/testing/store-records.ts'
import { sqlitePlace } from './sqlite-place.ts'

const place = sqlitePlace()
afterAll(place.clear)

const mode = (path: string) => statSync(path).mode & 0o777

describe('two SQLite stores on one file', () => {
  it.each(sharedStoreContract)('$title', async ({ run }) => {
    const path = place.path()
    await run(async () => [sqliteStore(path), sqliteStore(path)])
  })
})

describe('sqliteStore', () => {
  it.each(storeContract)('$title', async ({ run }) => {
    await run(async () => sqliteStore(place.path()))
  })

  it('is durable', () => {
    expect(sqliteStore(place.path()).durable).toBe(true)
  })

  it.each([':memory:', '', 'file:///latchkey.db', undefined as unknown as string])(
    'refuses the path %j',
    (path) => {
      expect(() => sqliteStore(path)).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }))
    },
  )

  it('refuses a cipher that hides nothing', () => {
    const options = { cipher: plainCipher() }
    expect(() => sqliteStore(place.path(), options)).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION' }),
    )
  })

  it('takes a path for a file name and never for a URI', async () => {
    const path = `${place.path()}?mode=memory`
    await place.open(path)
    expect(mode(path)).toBe(0o600)
  })

  it('answers before open() and after close() that it is not open', async () => {
    const store = sqliteStore(place.path())
    const refusal = { code: 'STORE', message: 'The store is not open.' }
    await expect(store.getEntry('home', 'entry-1')).rejects.toMatchObject(refusal)
    await expect(write(store, put(entryRecord()))).rejects.toMatchObject(refusal)
    await store.open()
    await store.close()
    expect(() => store.feed.stamp?.()).toThrow(expect.objectContaining(refusal))
  })

  it('reports a folder that is not there with the cause of the system', async () => {
    const store = sqliteStore(`${place.path()}/none/latchkey.db`)
    await expect(store.open()).rejects.toMatchObject({
      code: 'STORE',
      message: `The database ${store.file} could not be opened. Its folder does not exist.`,
      cause: { code: 'ENOENT' },
    })
  })

  it('reports a file that is not a database, and leaves it unchanged', async () => {
    const path = place.path()
    writeFileSync(path, 'not a database\n'.repeat(99))
    chmodSync(path, 0o644)
    const before = readFileSync(path)
    await expect(sqliteStore(path).open()).rejects.toMatchObject({
      code: 'STORE',
      message: `The database ${path} could not be opened. file is not a database`,
      cause: { errcode: 26 },
    })
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(mode(path)).toBe(0o644)
  })

  it('refuses a folder, and leaves its mode', async () => {
    const path = place.path()
    mkdirSync(path)
    chmodSync(path, 0o755)
    const message = `${path} is a folder. Pass the path of a database file.`
    await expect(sqliteStore(path).open()).rejects.toMatchObject({ code: 'CONFIGURATION', message })
    expect(mode(path)).toBe(0o755)
  })

  it('refuses a socket, and leaves its mode', async () => {
    const path = place.path()
    const server = createServer().listen(path)
    await once(server, 'listening')
    chmodSync(path, 0o755)
    const message = `${path} is not a regular file. Pass the path of a database file.`
    await expect(sqliteStore(path).open()).rejects.toMatchObject({ code: 'CONFIGURATION', message })
    expect(mode(path)).toBe(0o755)
    server.close()
  })

  it('refuses the database of another program, and leaves it as it is', async () => {
    const path = place.path()
    const other = new DatabaseSync(path)
    other.exec('create table notes (text)')
    other.close()
    chmodSync(path, 0o644)
    const before = readFileSync(path)
    await expect(sqliteStore(path).open()).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('the database of another program'),
    })
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(mode(path)).toBe(0o644)
  })

  describe('its files', () => {
    it('is readable by its owner only, with any umask', async () => {
      const path = place.path()
      const umask = process.umask(0)
      try {
        const store = await place.open(path)
        await write(store, put(entryRecord()))
      } finally {
        process.umask(umask)
      }
      for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}.key`]) expect(mode(file)).toBe(0o600)
    })

    it('are tightened where others could read them', async () => {
      const path = place.path()
      const first = await place.open(path)
      await write(first, put(entryRecord()))
      for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}.key`]) chmodSync(file, 0o644)
      await place.open(path)
      for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}.key`]) expect(mode(file)).toBe(0o600)
    })

    it('are in WAL mode, and every commit is synced', async () => {
      const database = await openSqliteFile(place.path(), {})
      expect(database.prepare('pragma journal_mode').get()).toEqual({ journal_mode: 'wal' })
      expect(database.prepare('pragma synchronous').get()).toEqual({ synchronous: 2 })
      database.close()
    })
  })

  describe('a database of a newer version', () => {
    it('is refused, and not touched', async () => {
      const path = place.path()
      await (await place.open(path)).close()
      place.sql(path, `insert into kysely_migration values ('9999_later', '2999-01-01T00:00:00.000Z')`)
      const before = readFileSync(path)
      await expect(sqliteStore(path).open()).rejects.toMatchObject({ code: 'NEWER_DATABASE' })
      expect(readFileSync(path).equals(before)).toBe(true)
    })
  })

  describe('a database of an older version', () => {
    /** Takes back the migrations that came after `0004`. */
    const older = (path: string) => {
      for (const text of [
        'drop table cursors',
        'drop table removals',
        'drop table webhooks',
        'alter table audit add column hash text',
        'alter table flows rename column slot to unique_id',
        `update flows set record = replace(record, '"slot":', '"uniqueId":')`,
        'alter table entries rename column match_key to exclusive',
        `update entries set record = replace(record, '"matchKey":', '"exclusive":')`,
        'drop table changes',
        'drop table feed_readers',
        'drop index entries_expiring_soon',
        'drop index entries_account',
        'drop index entries_refreshes',
        'alter table entries drop column refresh_at',
        'drop index entries_status',
        'drop index entries_status_of',
        'alter table entries drop column status',
        'drop index flows_unattached',
        'drop table leases',
        'drop table reservations',
        `delete from kysely_migration where name >= '0005'`,
      ]) {
        place.sql(path, text)
      }
    }

    it('loses the hashes of its history, and keeps the rows and the triggers', async () => {
      const path = place.path()
      const first = await place.open(path)
      await write(first, { audit: auditRow() }, { audit: auditRow({ kind: 'later' }) })
      await first.close()
      older(path)
      const store = await place.open(path)
      await write(store, { audit: auditRow({ kind: 'last' }) })
      const { items } = await store.readAudit('home', null, { limit: 9 })
      expect(items).toEqual([auditRow(), auditRow({ kind: 'later' }), auditRow({ kind: 'last' })])
      const columns = place.sql(path, `select name from pragma_table_info('audit')`)
      expect(columns).toEqual(['seq', 'scope', 'entry_id', 'record', 'at'].map((name) => ({ name })))
      expect(() => place.sql(path, 'delete from audit')).toThrow('the audit trail')
    })

    it('keeps the slots of its flows, under their new name', async () => {
      const path = place.path()
      const first = await place.open(path)
      const context = { entry: { uniqueId: 'a' }, values: { text: '\u2028\ud800 1.0', n: 1.5e300 } }
      const holder = flowRecord({ slot: 'account:\u2028"', context })
      const ended = flowRecord({ flowId: 'flow-2', slot: 'options:e', open: false, step: 'abort' })
      const damaged = flowRecord({ flowId: 'flow-3', slot: 'account:b' })
      const free = flowRecord({ flowId: 'flow-4', context: { found: { uniqueId: 'c' } } })
      await write(first, put(holder), put(ended), put(damaged), put(free))
      await first.close()
      place.sql(path, `update flows set record = substr(record, 1, 40) where flow_id = 'flow-3'`)
      older(path)
      const store = await place.open(path)
      const flows = await store.findFlows('home', { limit: 9 })
      expect(flows).toEqual({ items: [holder, ended, free], next: null, unreadable: ['flow-3'] })
      expect(await store.getFlowHolding('home', 'hub', 'account:\u2028"')).toEqual(holder)
      for (const { slot = '', flowId } of [holder, damaged]) {
        const rival = write(store, put(flowRecord({ flowId: 'rival', slot })))
        await expect(rival).rejects.toMatchObject({ slot: 'held', holder: flowId })
      }
      await write(store, put(flowRecord({ flowId: 'next', slot: 'options:e' })))
    })

    it('gives its entries their status, but none to a damaged one', async () => {
      const path = place.path()
      const first = await place.open(path)
      const setupFailure = { reason: 'cannot_connect', since: 1, tries: 1, retryAt: 9 }
      await write(
        first,
        put(entryRecord({ entryId: 'a', disabled: true })),
        put(entryRecord({ entryId: 'b', setupFailure })),
        put(entryRecord({ entryId: 'c', rejectedRevision: 1 })),
        put(entryRecord({ entryId: 'd', migrationError: 'too old' })),
        put(entryRecord({ entryId: 'e', ignored: true, disabled: true })),
        put(entryRecord({ entryId: 'f' })),
        put(entryRecord({ entryId: 'g', disabled: true })),
      )
      const query = { expiringUntil: 0, atMost: 9 }
      const before = await first.countEntries('home', query)
      await first.close()
      place.sql(path, `update entries set record = substr(record, 1, 40) where entry_id = 'g'`)
      older(path)
      const store = await place.open(path)
      expect(await store.countEntries('home', query)).toEqual({ ...before, disabled: 1 })
      const { items } = await store.findEntries('home', { status: 'waiting', limit: 9 })
      expect(items.map(({ entryId }) => entryId)).toEqual(['c', 'd'])
    })

    it('keeps the match keys of its entries, and those of their previous values', async () => {
      const path = place.path()
      const first = await place.open(path)
      const { version, data, sealed, options } = entryRecord()
      const previous = { why: 'migrated', version, data, sealed, options, matchKey: 'old' } as const
      const plain = entryRecord({ entryId: 'entry-2', uniqueId: 'b', data: { text: 'exclusive' } })
      await write(first, put(entryRecord({ matchKey: 'new', previous })), put(plain))
      await first.close()
      older(path)
      const store = await place.open(path)
      const { items } = await store.findEntries('home', { limit: 9 })
      expect(items).toEqual([entryRecord({ matchKey: 'new', previous }), plain])
      const rival = write(store, put(entryRecord({ entryId: 'rival', uniqueId: 'c', matchKey: 'new' })))
      await expect(rival).rejects.toMatchObject({ slot: 'exclusive', holder: 'entry-1' })
    })
  })

  describe('a damaged row', () => {
    const term = { holder: 'p1', ms: 1_000, now: 0 }
    const reserve = { id: 'r', principal: 'ada' }

    it.each(['flows', 'entries'])('is not claimed for work (%s)', async (table) => {
      const path = place.path()
      const store = await place.open(path)
      await write(store, put(entryRecord()), put(editRecord({ budget: 'entry-1' })))
      place.sql(path, `update ${table} set record = '[]'`)
      const work = store.leases.beginWork('home', 'flow-1', { revision: 1, term, reserve })
      await expect(work).rejects.toMatchObject({ code: 'UNREADABLE_RECORD' })
      expect(await store.leases.renew(term)).toEqual([])
      expect((await store.leases.getBudget('home', 'entry-1', 0)).reservations).toEqual([])
    })

    it('of attempts is read with its identity only, for a reservation', async () => {
      const path = place.path()
      const store = await place.open(path)
      await write(store, put(attemptsRecord()))
      place.sql(path, `update attempts set record = '[]'`)
      const { attempts } = await store.leases.reserve({ scope: 'home', key: 'entry-1', ...reserve }, term)
      expect(attempts).toEqual({ scope: 'home', key: 'entry-1', revision: 1, dueAt: 100 })
    })

    it('of an edit flow is read with its identity only, together with its entry', async () => {
      const path = place.path()
      const store = await place.open(path)
      await write(store, put(entryRecord()), put(editRecord()))
      place.sql(path, `update flows set record = '[]'`)
      const { entry, flow, damaged } = await store.getEntryToEdit('home', 'entry-1')
      expect([entry?.entryId, flow]).toEqual(['entry-1', undefined])
      expect(damaged).toMatchObject({ flowId: 'flow-1', edits: true, open: true, revision: 1 })
    })

    const damages = {
      'cut off': `substr(record, 1, 20)`,
      'no object': `'[]'`,
      null: `'null'`,
      'copied from another row': `replace(record, 'entry-1', 'entry-2')`,
      'of another scope': `replace(record, '"scope":"home"', '"scope":"other"')`,
      'of another revision': `replace(record, '"revision":1', '"revision":7')`,
    }
    it.each(Object.entries(damages))('is reported, and the others are read (%s)', async (_, damage) => {
      const path = place.path()
      const store = await place.open(path)
      const other = entryRecord({ entryId: 'entry-0' })
      await write(store, put(entryRecord()), put(other), put(entryRecord({ entryId: 'entry-9' })))
      place.sql(path, `update entries set record = ${damage} where entry_id = 'entry-1'`)
      await expect(store.getEntry('home', 'entry-1')).rejects.toMatchObject({
        code: 'UNREADABLE_RECORD',
        kind: 'entry',
        id: 'entry-1',
      })
      expect(await store.findEntries('home', { limit: 2 })).toEqual({
        items: [other],
        next: 'entry-1',
        unreadable: ['entry-1'],
      })
    })

    it('is reported among flows, attempts and history as well', async () => {
      const path = place.path()
      const store = await place.open(path)
      await write(store, put(flowRecord()), { audit: auditRow() }, { audit: auditRow({ kind: 'later' }) })
      place.sql(path, `update flows set record = '{'`)
      place.sql(path, 'drop trigger audit_update')
      place.sql(path, `update audit set record = '{"' where seq = 1`)
      place.sql(path, `insert into attempts values ('home', 'key', 1, 1, '{')`)
      await expect(store.getFlow('home', 'flow-1')).rejects.toMatchObject({ kind: 'flow' })
      await expect(store.getAttempts('home', 'key')).rejects.toMatchObject({ kind: 'attempts' })
      const flows = await store.findFlows('home', { open: true, limit: 9 })
      expect(flows).toEqual({ items: [], next: null, unreadable: ['flow-1'] })
      const history = await store.readAudit('home', 'entry-1', { limit: 9 })
      expect(history.unreadable).toEqual(['1'])
      expect(history.items.map(({ kind }) => kind)).toEqual(['later'])
    })

    it('of history cannot be made by an update or a delete', async () => {
      const path = place.path()
      const store = await place.open(path)
      await write(store, { audit: auditRow() })
      expect(() => place.sql(path, `update audit set record = '{}'`)).toThrow(
        'the audit trail is not changed',
      )
      expect(() => place.sql(path, 'delete from audit')).toThrow('the audit trail')
      expect((await store.readAudit('home', null, { limit: 9 })).items).toHaveLength(1)
    })

    it('can be removed', async () => {
      const path = place.path()
      const store = await place.open(path)
      await write(store, put(entryRecord()))
      place.sql(path, `update entries set record = '{'`)
      await write(store, { remove: 'entry', id: 'entry-1', ifRevision: 1 })
      expect(await store.findEntries('home', { limit: 9 })).toMatchObject({ items: [], unreadable: [] })
    })
  })

  describe('two connections to one file', () => {
    it('see each other, and conflict', async () => {
      const path = place.path()
      const [one, other] = await Promise.all([place.open(path), place.open(path)])
      const before = other.feed.stamp?.()
      await write(one, put(entryRecord({ uniqueId: 'a' })))
      expect(other.feed.stamp?.()).not.toBe(before)
      expect(await other.getEntry('home', 'entry-1')).toEqual(entryRecord({ uniqueId: 'a' }))
      const rival = put(entryRecord({ entryId: 'entry-2', uniqueId: 'a' }))
      await expect(write(other, rival)).rejects.toMatchObject({ slot: 'identity', holder: 'entry-1' })
      await write(other, put(editRecord()))
      const late = put(editRecord({ flowId: 'flow-2' }))
      await expect(write(one, late)).rejects.toMatchObject({ slot: 'edit', holder: 'flow-1' })
    })

    it('let one of them win', async () => {
      const path = place.path()
      const stores = await Promise.all([place.open(path), place.open(path)])
      const [one] = stores
      if (one) await write(one, put(entryRecord()))
      const tries = stores.map((store) => write(store, put(entryRecord({ revision: 2 }))))
      const settled = await Promise.allSettled(tries)
      expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    })

    it('name a lock that is held for too long as the cause, without a value', async () => {
      const path = place.path()
      const store = await place.open(path, { busyTimeout: 50 })
      const holder = new DatabaseSync(path)
      holder.exec('begin immediate')
      const tries = ['a', 'b'].map((entryId) => write(store, put(entryRecord({ entryId, title: 'canary' }))))
      const settled = await Promise.allSettled(tries)
      holder.exec('rollback')
      holder.close()
      for (const one of settled) {
        expect(one).toMatchObject({ status: 'rejected', reason: { code: 'STORE', cause: { errcode: 5 } } })
        const { reason } = one as PromiseRejectedResult
        expect(`${reason.stack}${reason.cause.stack}${JSON.stringify(reason)}`).not.toContain('canary')
      }
      await write(store, put(entryRecord()))
    })
  })
})
