import { DatabaseSync } from 'node:sqlite'
import { sqliteStore } from '../src/adapters/sqlite/sqlite-store.ts'
import { engineRunner } from './engine-runner.ts'
import { place } from './place.ts'
import type { Bench, Result } from './result.ts'
import { walCommits } from './wal-commits.ts'

const FLOWS = 10

/** Counts the transactions of a whole flow in SQLite's log. */
export const commitsBench: Bench = {
  names: ['commits/reauth', 'commits/user'],
  run: async () => [await commits('commits/reauth', 'reauth'), await commits('commits/user', 'user')],
}

async function commits(name: string, kind: 'reauth' | 'user'): Promise<Result> {
  await using temporary = await place()
  const runner = await engineRunner({ store: sqliteStore(temporary.file) })
  // An open reader keeps SQLite from resetting its log.
  const reader = new DatabaseSync(temporary.file, { readOnly: true })
  reader.exec('begin; select count(*) from entries')
  const before = walCommits(temporary.file)
  for (let flow = 0; flow < FLOWS; flow++) await runner[kind]()
  const value = (walCommits(temporary.file) - before) / FLOWS
  reader.close()
  await runner.stop?.()
  return { name, value, unit: 'commits' }
}
