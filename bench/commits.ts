import { DatabaseSync } from 'node:sqlite'
import { sqliteStore } from '../src/adapters/sqlite/sqlite-store.ts'
import { engineRunner } from './engine-runner.ts'
import { place } from './place.ts'
import type { Bench, Result } from './result.ts'
import { walCommits } from './wal-commits.ts'

const FLOWS = 10

/** How many transactions a flow is, from its start to its end, counted in SQLite's own log. */
export const commitsBench: Bench = {
  names: ['commits/reauth', 'commits/user'],
  run: async () => [await commits('commits/reauth', 'reauth'), await commits('commits/user', 'user')],
}

async function commits(name: string, kind: 'reauth' | 'user'): Promise<Result> {
  await using temporary = await place()
  const runner = await engineRunner({ store: sqliteStore(temporary.file) })
  // Somebody who reads keeps SQLite from beginning its log anew.
  const reader = new DatabaseSync(temporary.file, { readOnly: true })
  reader.exec('begin; select count(*) from entries')
  const before = walCommits(temporary.file)
  for (let flow = 0; flow < FLOWS; flow++) await runner[kind]()
  const value = (walCommits(temporary.file) - before) / FLOWS
  reader.close()
  await runner.stop?.()
  return { name, value, unit: 'commits' }
}
