import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { killRemovals, linkAt } from '../crash/killed-removals.ts'
import { postgresPlace } from './postgres-place.ts'

const place = postgresPlace()
const folder = mkdtempSync(join(tmpdir(), 'latchkey-informed-'))
afterAll(async () => {
  await place.clear()
  rmSync(folder, { recursive: true })
})

describe('a process that is killed while it removes an entry', () => {
  it('leaves the entry or its removal in PostgreSQL, and the service is informed at least once', async () => {
    const linked = await place.database()
    await linkAt(linked.url())
    const copy = async () => (await place.copyOf(linked)).url()
    const at = { child: 'remove-child', folder, place: copy }
    expect(await killRemovals(at)).toBeGreaterThanOrEqual(8)
  })
})
