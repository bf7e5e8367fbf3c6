import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from '@jest/globals'
import { auditRow, entryRecord, flowRecord, put, write } from '../../../src/testing/store-records.ts'
import { sqlitePlace } from './sqlite-place.ts'

const place = sqlitePlace()
afterAll(place.clear)

const named = (entryId: string, size = 1) =>
  put(entryRecord({ entryId, uniqueId: entryId, title: 'x'.repeat(size) }))

describe('GroupCommit, through sqliteStore', () => {
  it('commits the writes of one turn together', async () => {
    const store = await place.open(place.path())
    const before = store.feed.stamp?.() ?? 0
    await Promise.all(Array.from({ length: 32 }, (_, number) => write(store, named(`entry-${number}`))))
    expect(store.feed.stamp?.()).toBe(before + 1)
    expect((await store.findEntries('home', { limit: 99 })).items).toHaveLength(32)
  })

  it('commits the claims of one turn together with its writes', async () => {
    const store = await place.open(place.path())
    await write(store, put(flowRecord({ budget: 'b' })))
    const before = store.feed.stamp?.() ?? 0
    const term = { holder: 'p1', ms: 1_000, now: 0 }
    const claim = (id: string) => store.leases.claim({ scope: 'home', kind: 'token', id }, term)
    const reserve = { id: 'r', principal: 'ada' }
    const [work, ...claims] = await Promise.all([
      store.leases.beginWork('home', 'flow-1', { revision: 1, term, reserve }),
      claim('a'),
      write(store, named('entry-1')),
      claim('a'),
      claim('b'),
    ])
    expect(work).toMatchObject({ type: 'claimed', budget: { reservations: [{ id: 'r' }] } })
    expect(claims.map((fence) => typeof fence)).toEqual(['number', 'undefined', 'object', 'number'])
    expect(store.feed.stamp?.()).toBe(before + 1)
  })

  it('does not count claims as changes of records', async () => {
    const store = await place.open(place.path())
    await write(store, named('entry-1'))
    const before = store.feed.stamp?.() ?? 0
    await store.leases.claim(
      { scope: 'home', kind: 'task', id: 'sweep' },
      { holder: 'p1', ms: 1_000, now: 0 },
    )
    expect(store.feed.stamp?.()).toBe(before)
    await write(store, named('entry-2'))
    expect(store.feed.stamp?.()).toBe(before + 1)
  })

  it('rolls back only a failed write, as a whole', async () => {
    const store = await place.open(place.path())
    const taken = put(entryRecord({ entryId: 'entry-9', uniqueId: 'entry-1' }))
    const settled = await Promise.allSettled([
      write(store, named('entry-1'), { audit: auditRow({ who: 'first' }) }),
      write(store, { audit: auditRow({ who: 'second' }) }, named('entry-8'), taken),
      write(store, named('entry-2'), { audit: auditRow({ who: 'third' }) }),
    ])
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(settled[1]).toMatchObject({ reason: { code: 'SLOT_TAKEN', holder: 'entry-1' } })
    const { items } = await store.findEntries('home', { limit: 9 })
    expect(items.map(({ entryId }) => entryId)).toEqual(['entry-1', 'entry-2'])
    const history = await store.readAudit('home', 'entry-1', { limit: 9 })
    expect(history.items.map(({ who }) => who)).toEqual(['first', 'third'])
  })

  it('refuses a write that contradicts itself before it joins the others', async () => {
    const store = await place.open(place.path())
    const endless: { self?: unknown } = {}
    endless.self = endless
    const circular = put(
      entryRecord({ data: Object.create(endless, { self: { value: endless, enumerable: true } }) }),
    )
    const settled = await Promise.allSettled([write(store, named('entry-1')), write(store, circular)])
    expect(settled[0]).toMatchObject({ status: 'fulfilled' })
    expect(settled[1]).toMatchObject({ reason: { code: 'STORE' } })
  })

  describe('on a full disk', () => {
    const maxBytes = 400_000

    it('fails writes without disk space, and works again when there is some', async () => {
      const store = await place.open(place.path(), { maxBytes })
      await write(store, named('entry-1', 100_000))
      const full = { code: 'STORE', cause: { errcode: 13 } }
      await expect(write(store, named('entry-2', 600_000), { audit: auditRow() })).rejects.toMatchObject(full)
      expect(await store.getEntry('home', 'entry-2')).toBeUndefined()
      expect((await store.readAudit('home', 'entry-1', { limit: 9 })).items).toEqual([])
      await write(store, { remove: 'entry', id: 'entry-1', ifRevision: 1 })
      await write(store, named('entry-2', 100_000))
      expect((await store.getEntry('home', 'entry-2'))?.title).toHaveLength(100_000)
    })

    it('loses the whole transaction, and still fails only the write without disk space', async () => {
      const path = place.path()
      const store = await place.open(path, { maxBytes })
      const names = Array.from({ length: 31 }, (_, number) => `entry-${String(number).padStart(2, '0')}`)
      const settled = await Promise.allSettled([
        ...names.slice(0, 16).map((name) => write(store, named(name), { audit: auditRow({ who: name }) })),
        write(store, named('large', 600_000)),
        ...names.slice(16).map((name) => write(store, named(name), { audit: auditRow({ who: name }) })),
      ])
      expect(settled.flatMap(({ status }, number) => (status === 'rejected' ? [number] : []))).toEqual([16])
      expect(settled[16]).toMatchObject({ reason: { code: 'STORE', cause: { errcode: 13 } } })
      const { items } = await store.findEntries('home', { limit: 99 })
      expect(items.map(({ entryId }) => entryId)).toEqual(names)
      const history = await store.readAudit('home', 'entry-1', { limit: 99 })
      expect(history.items.map(({ who }) => who)).toEqual(names)
      expect(place.sql(path, 'pragma integrity_check')).toEqual([{ integrity_check: 'ok' }])
    })
  })

  it('fails only the write without disk space if the commit fails', async () => {
    const program = join(import.meta.dirname, 'full-disk.ts')
    const limited = ['-c', 'ulimit -S -f 600; exec "$0" "$@"', process.execPath, program, place.path()]
    const { stdout } = await promisify(execFile)('sh', limited)
    expect(JSON.parse(stdout)).toEqual({
      ends: ['written', ['STORE', 'number'], 'written', 'written'],
      ids: ['one', 'three', 'two'],
    })
  })

  it('writes what waits before it closes', async () => {
    const path = place.path()
    const store = await place.open(path)
    const written = Promise.all(['a', 'b', 'c'].map((name) => write(store, named(name))))
    await store.close()
    await written
    await store.open()
    expect((await store.findEntries('home', { limit: 9 })).items).toHaveLength(3)
  })
})
