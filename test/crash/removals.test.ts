import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { CrashPlace } from './crash-place.ts'
import { killRemovals } from './killed-removals.ts'

const place = new CrashPlace()
const folder = mkdtempSync(join(tmpdir(), 'latchkey-informed-'))
beforeAll(() => place.prepare())
afterAll(() => {
  place.clear()
  rmSync(folder, { recursive: true })
})

describe('a process that is killed while it removes an entry', () => {
  it('leaves the entry or its removal in SQLite, and the service is informed at least once', async () => {
    const at = {
      child: 'remove-child',
      folder,
      place: () => place.copy('linked'),
      drop: (path: string) => place.drop(path),
    }
    expect(await killRemovals(at)).toBeGreaterThanOrEqual(8)
  })
})
