import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { memoryStore } from '../../src/index.ts'
import type { Store } from '../../src/ports/store.ts'

/** New stores of both types, and the removal of their files. */
export function someStores() {
  const folders: string[] = []
  const file = () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-engine-'))
    folders.push(folder)
    return join(folder, 'test.db')
  }
  return {
    each: [
      ['memory', memoryStore],
      ['SQLite', () => sqliteStore(file())],
    ] as const satisfies readonly (readonly [string, () => Store])[],
    clear: () => {
      for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
    },
  }
}
