import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from '@jest/globals'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { joseCipher } from '../../../src/index.ts'
import { contentOf, describeEarlierDatabase, KEY } from '../../fixtures/database-before-removals/opened.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-earlier-'))
afterAll(() => rmSync(folder, { recursive: true }))
let copies = 0

describeEarlierDatabase('sqlite', async () => {
  const path = join(folder, `${++copies}.db`)
  writeFileSync(path, contentOf('sqlite'))
  return sqliteStore(path, { cipher: joseCipher([KEY]) })
})
