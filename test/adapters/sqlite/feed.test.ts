import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, describe, expect, it } from '@jest/globals'
import { entryRecord, put, write } from '../../../src/testing/store-records.ts'
import { sqlitePlace } from './sqlite-place.ts'

const place = sqlitePlace()
const children: ChildProcess[] = []
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await place.clear()
})

const change = (entryId: string) => put(entryRecord({ entryId, uniqueId: entryId }))

/** Starts a script in another process, and collects its lines. */
function start(script: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args])
  children.push(child)
  const lines: string[] = []
  createInterface(child.stdout).on('line', (line) => lines.push(line))
  return { child, lines }
}

/** Waits for what another process does; the time that a test may take is its end. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10))
}

const rows = (path: string) => place.sql(path, 'select seq from changes').length

describe('the feed of a SQLite file', () => {
  it('is written only while another store reads it', async () => {
    const path = place.path()
    const store = await place.open(path)
    await store.feed.head('home')
    await write(store, change('a'))
    expect([rows(path), await store.feed.head('home')]).toEqual([0, 0])
    const other = await place.open(path)
    await write(store, change('b'))
    expect(rows(path)).toBe(0)
    const since = await other.feed.head('home')
    await write(store, change('c'))
    expect(await other.feed.read('home', since)).toMatchObject({ entryIds: ['c'], reset: false })
    await other.close()
    await write(store, change('d'))
    expect(rows(path)).toBe(1)
  })

  it('resets a reader that was taken for dead, and goes on', async () => {
    const path = place.path()
    const [store, writer] = [await place.open(path), await place.open(path)]
    const since = await store.feed.head('home')
    place.sql(path, 'update feed_readers set at = 0')
    await writer.feed.head('home')
    expect(place.sql(path, 'select origin from feed_readers')).toHaveLength(1)
    await write(writer, change('a'))
    expect(await store.feed.moved(new Map([['home', since]]))).toEqual(['home'])
    const { reset, seq } = await store.feed.read('home', since)
    expect(reset).toBe(true)
    await write(writer, change('b'))
    expect(await store.feed.read('home', seq)).toMatchObject({ entryIds: ['b'], reset: false })
  })

  it('keeps the row of a reader that lives young', async () => {
    const path = place.path()
    const store = await place.open(path)
    await store.feed.head('home')
    place.sql(path, 'update feed_readers set at = 1')
    await store.feed.moved(new Map())
    await store.feed.purge(0)
    expect(place.sql(path, 'select at from feed_readers where at > 1')).toHaveLength(1)
  })

  it('is closed also if the reader cannot be removed', async () => {
    const path = place.path()
    const store = await place.open(path)
    await store.feed.head('home')
    place.sql(path, 'drop table feed_readers')
    await store.close()
    expect(() => store.feed.stamp?.()).toThrow('The store is not open.')
  })

  it('reports an operation that the database refuses', async () => {
    const path = place.path()
    const store = await place.open(path)
    place.sql(path, 'drop table changes')
    await expect(store.feed.purge(1)).rejects.toMatchObject({ code: 'STORE' })
    await expect(store.feed.head('home')).rejects.toMatchObject({ code: 'STORE' })
  })

  it('goes on to look for changes after a look has failed', async () => {
    const path = place.path()
    const [store, other] = [await place.open(path), await place.open(path)]
    let calls = 0
    const stop = store.feed.listen?.(() => calls++)
    await store.close()
    await new Promise((resolve) => setTimeout(resolve, 60))
    await store.open()
    await until(async () => {
      await write(other, { audit: { ...entryAudit, at: Date.now() } })
      return calls > 0
    })
    stop?.()
  })

  it('misses no change of 16 processes that write at the same time', async () => {
    const [path, count] = [place.path(), 25]
    const store = await place.open(path)
    let since = await store.feed.head('home')
    const seen: string[] = []
    const writers = Array.from({ length: 16 }, (_, at) =>
      start('feed-writer-child.ts', path, `p${at}`, `${count}`),
    )
    const read = async () => {
      const { seq, entryIds, reset } = await store.feed.read('home', since)
      expect(reset).toBe(false)
      since = seq
      seen.push(...entryIds)
    }
    await until(async () => {
      await read()
      return writers.every(({ lines }) => lines.includes('done'))
    })
    await read()
    expect(since).toBe(16 * count)
    const expected = writers.flatMap((_, at) => Array.from({ length: count }, (__, n) => `p${at}-${n}`))
    expect([...seen].sort()).toEqual(expected.sort())
  })

  it('brings a process that was stopped and continued up to date', async () => {
    const path = place.path()
    const store = await place.open(path)
    const { child, lines } = start('feed-reader-child.ts', path)
    await until(() => lines.includes('ready'))
    await write(store, change('before'))
    await until(() => lines.includes('before'))
    child.kill('SIGSTOP')
    const ids = Array.from({ length: 20 }, (_, at) => `meanwhile-${at}`)
    for (const id of ids) await write(store, change(id))
    child.kill('SIGCONT')
    await until(() => lines.includes('meanwhile-19'))
    expect(lines).toEqual(['ready', 'before', ...ids])
    child.kill()
    await once(child, 'exit')
  })
})

const entryAudit = {
  scope: 'home',
  who: 'ada',
  entryId: 'e',
  flowId: null,
  kind: 'k',
  code: null,
  revision: 1,
} as const
