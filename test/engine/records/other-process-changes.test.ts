import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { addEntry, makeHost } from '../host.ts'

describe('writtenElsewhere', () => {
  it('names what another process has written about since a mark, each once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-elsewhere-'))
    const path = join(folder, 'test.db')
    const own = await makeHost({ store: sqliteStore(path) })
    const other = await makeHost({ store: sqliteStore(path), service: own.service })
    const first = await own.latchkey.otherProcessChanges(null)
    const entryId = await addEntry(other)
    const { flowId } = await other.latchkey.entries.requestReauth(entryId)
    const told = await own.latchkey.otherProcessChanges(first?.mark ?? null)
    expect(told?.entryIds).toEqual([entryId])
    expect(told?.flowIds).toContain(flowId)
    expect(told?.domains).toEqual([])
    const row = { scope: 'default', at: 1, who: 'latchkey', entryId: null, flowId: null, revision: 1 }
    const audit = (kind: string) => ({ audit: { ...row, kind, code: 'hub' } })
    await other.store.apply('default', [audit('client_refused'), audit('client_accepted')])
    const next = await own.latchkey.otherProcessChanges(told?.mark ?? null)
    expect(next).toMatchObject({ entryIds: [], flowIds: [], domains: ['hub'] })
    const later = { mark: next?.mark, entryIds: [], flowIds: [], domains: [] }
    expect(await own.latchkey.otherProcessChanges(next?.mark ?? null)).toEqual(later)
    await own.latchkey.stop()
    await other.latchkey.stop()
    rmSync(folder, { recursive: true })
  })

  it('is null if no other process can write', async () => {
    const { latchkey } = await makeHost()
    expect(await latchkey.otherProcessChanges(null)).toBeNull()
  })
})
