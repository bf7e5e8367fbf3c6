import { describe, expect, it } from '@jest/globals'
import type { KeptAuditRow } from '../../src/ports/store.ts'
import { addEntry, makeHost } from './host.ts'
import { TamperedStore } from './tampered-store.ts'

/** A host with as many rows of history as are asked for, and a way to alter them as they are read. */
async function withHistory(rows: number) {
  const store = new TamperedStore()
  const host = await makeHost({ store })
  const entryId = await addEntry(host)
  for (let row = 1; row < rows; row++) await host.latchkey.entries.update(entryId, { title: `${row}` })
  const read = store.inner.readAudit.bind(store.inner)
  const alter = (change: (rows: readonly KeptAuditRow[]) => readonly KeptAuditRow[]) => {
    store.inner.readAudit = async (...query) => {
      const page = await read(...query)
      return { ...page, items: change(page.items) }
    }
  }
  return { host, store, read, alter }
}

describe('verifyHistory', () => {
  it('follows the whole of an untouched history, over the pages of the store', async () => {
    const { host } = await withHistory(620)
    expect(await host.latchkey.verifyHistory()).toEqual({ rows: 620, broken: null, unreadable: [] })
  })

  it('finds nothing wrong with a scope where nothing happened', async () => {
    const { host } = await withHistory(1)
    const { latchkey } = host
    expect(await latchkey.scope('acme').verifyHistory()).toEqual({ rows: 0, broken: null, unreadable: [] })
  })

  it.each<[string, (rows: readonly KeptAuditRow[]) => readonly KeptAuditRow[], number]>([
    ['another name', (rows) => rows.map((row, at) => (at === 2 ? { ...row, who: 'eve' } : row)), 2],
    ['another time', (rows) => rows.map((row, at) => (at === 2 ? { ...row, at: 1 } : row)), 2],
    ['a row that is gone', (rows) => rows.filter((_, at) => at !== 2), 2],
    ['two rows that changed places', ([a, b, c, ...rest]) => [a, c, b, ...rest] as KeptAuditRow[], 1],
    ['a hash that is gone', (rows) => rows.map((row, at) => (at === 3 ? { ...row, hash: null } : row)), 3],
    ['a row whose hash was made to fit it alone', (rows) => [...rows.slice(0, 3), ...rows.slice(2)], 3],
  ])('finds %s', async (_, change, at) => {
    const { host, alter } = await withHistory(5)
    alter(change)
    const { broken, rows } = await host.latchkey.verifyHistory()
    expect(rows).toBe(at + 1)
    expect(broken).toEqual((await host.store.readAudit('default', null, { limit: 9 })).items[at])
  })

  it('finds a change at the seam of two pages', async () => {
    const { host, alter } = await withHistory(502)
    alter((rows) => (rows.length < 500 ? rows.map((row) => ({ ...row, who: 'eve' })) : rows))
    expect(await host.latchkey.verifyHistory()).toMatchObject({ rows: 501, broken: { who: 'eve' } })
  })

  it('takes the oldest row as it is: what it followed is gone, or had no hash', async () => {
    const { host, alter } = await withHistory(5)
    alter((rows) => rows.slice(2))
    expect(await host.latchkey.verifyHistory()).toEqual({ rows: 3, broken: null, unreadable: [] })
    alter((rows) => rows.map((row, at) => (at < 2 ? { ...row, hash: null } : row)))
    expect(await host.latchkey.verifyHistory()).toEqual({ rows: 5, broken: null, unreadable: [] })
  })

  it('names the rows that cannot be read', async () => {
    const { host, store, read } = await withHistory(3)
    store.inner.readAudit = async (...query) => ({ ...(await read(...query)), unreadable: ['2'] })
    expect(await host.latchkey.verifyHistory()).toEqual({ rows: 3, broken: null, unreadable: ['2'] })
  })
})
