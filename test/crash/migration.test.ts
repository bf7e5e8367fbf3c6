import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { runChild } from './child.ts'
import { type Standing, standingOf, writeMany } from './many-entries.ts'

const ENTRIES = Number(process.env.MIGRATED_ENTRIES ?? 2_000)
/** The migration of one entry has about seven statements: each kill is in the middle of the remaining ones. */
const [FIRST, LAST] = [0.4 * ENTRIES, 1.8 * ENTRIES]
const KILLS = 3

describe(`a migration of ${ENTRIES} entries`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-migration-'))
  const path = join(folder, 'many.db')
  beforeAll(() => writeMany(path, ENTRIES))
  afterAll(() => rmSync(folder, { recursive: true }))

  const startUp = (statement: number, away: '' | 'away') =>
    runChild('migration-child', path, String(ENTRIES), String(statement), away)

  it('that is killed in the middle, again and again, is finished by the next start, with every entry whole', async () => {
    let before: Standing = { old: ENTRIES, migrated: 0, proven: 0 }
    const told: object[] = []
    for (let kill = 0; kill < KILLS; kill++) {
      const statement = Math.floor(FIRST + Math.random() * (LAST - FIRST))
      const { signal, stderr } = await startUp(statement, 'away')
      const now = await standingOf(path)
      told.push({ statement, ...now })
      expect({ signal, stderr, told }).toMatchObject({ signal: 'SIGKILL', stderr: '' })
      expect(now.old + now.migrated + now.proven).toBe(ENTRIES)
      // Loaded entries stay migrated. Unreachable ones keep their previous values too.
      expect(now.proven).toBeGreaterThan(before.proven)
      expect(now.migrated).toBeGreaterThan(0)
      expect(now.old).toBeLessThan(before.old)
      expect(now.old).toBeGreaterThan(0)
      before = now
    }
    const { code, stdout, stderr } = await startUp(0, '')
    expect({ code, stderr, ...JSON.parse(stdout) }).toMatchObject({ code: 0, stderr: '', loaded: ENTRIES })
    expect(await standingOf(path)).toEqual({ old: 0, migrated: 0, proven: ENTRIES })
    expect(await migrationsTold()).toEqual({ rows: ENTRIES, entries: ENTRIES })
    process.stdout.write(
      `${ENTRIES} entries, killed at: ${told.map((one) => JSON.stringify(one)).join(', ')}\n`,
    )
  })

  /** The number of migrations in the history, and of migrated entries. */
  async function migrationsTold() {
    const store = sqliteStore(path)
    await store.open()
    const entries = new Set<string | null>()
    let rows = 0
    for (let after: string | undefined, isLast = false; !isLast; ) {
      const page = await store.readAudit('default', null, {
        limit: 500,
        ...(after !== undefined && { after }),
      })
      for (const { kind, entryId } of page.items) {
        if (kind === 'entry_migrated') rows++
        entries.add(entryId)
      }
      isLast = page.next === null
      after = page.next ?? undefined
    }
    await store.close()
    return { rows, entries: entries.size }
  }
})
