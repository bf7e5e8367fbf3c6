import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { memoryStore } from '../../src/index.ts'
import type { Store } from '../../src/ports/store.ts'

/** A store, and functions that make its rows unreadable. */
export interface DamagedStore {
  readonly store: Store
  /** Damages the record of a flow. */
  flow(flowId: string): Promise<void>
  /** Damages the record of an entry. */
  entry(entryId: string): Promise<void>
  /** Damages failed attempts. */
  attempts(key: string): Promise<void>
}

/** Writes other members into a record, as another version of Latchkey does. */
function byRecord(store: Store, change: object): DamagedStore {
  const put = async (kind: 'flow' | 'entry' | 'attempts', record: object | undefined) => {
    if (record === undefined || !('revision' in record)) throw new Error('The row was not found.')
    const revision = Number(record.revision)
    const next = { ...structuredClone(record), ...change, revision: revision + 1 }
    await store.apply('default', [{ put: kind, record: next as never, ifRevision: revision }])
  }
  return {
    store,
    flow: async (flowId) => put('flow', await store.getFlow('default', flowId)),
    entry: async (entryId) => put('entry', await store.getEntry('default', entryId)),
    attempts: async (key) => put('attempts', await store.getAttempts('default', key)),
  }
}

/** Damages of a flow that a store accepts. */
const damages = {
  'a newer version': { machine: 'config-flow@99' },
  'no context': { context: 5 },
  'an unknown step': { step: 'nowhere' },
  'an unknown source': { source: 'nope' },
  'no time of expiry': { expiresAt: 'soon' },
  'no creation time': { createdAt: null },
  'no draft': { sealedDraft: 5 },
} as const

/** New stores, and how their rows are damaged. Call `clear` at the end. */
export function damagedStores() {
  const folders: string[] = []
  const path = () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-damaged-'))
    folders.push(folder)
    return join(folder, 'test.db')
  }
  const torn = (): DamagedStore => {
    const file = path()
    const tear = async (table: string, column: string, id: string) => {
      const database = new DatabaseSync(file)
      database.prepare(`update ${table} set record = '{' where ${column} = ?`).run(id)
      database.close()
    }
    return {
      store: sqliteStore(file),
      flow: (id) => tear('flows', 'flow_id', id),
      entry: (id) => tear('entries', 'entry_id', id),
      attempts: (key) => tear('attempts', 'key', key),
    }
  }
  return {
    all: [
      ...Object.entries(damages).map(([name, change]) => [
        `the memory store, ${name}`,
        () => byRecord(memoryStore(), change),
      ]),
      ['the SQLite store, a newer version', () => byRecord(sqliteStore(path()), damages['a newer version'])],
      ['the SQLite store, torn rows', torn],
    ] as [string, () => DamagedStore][],
    entries: [
      ['the memory store, no title', () => byRecord(memoryStore(), { title: 5 })],
      ['the memory store, no data', () => byRecord(memoryStore(), { data: null })],
      ['the memory store, an unknown need', () => byRecord(memoryStore(), { reauth: 'now' })],
      ['the memory store, no keys', () => byRecord(memoryStore(), { discoveryKeys: 'key' })],
      ['the SQLite store, no title', () => byRecord(sqliteStore(path()), { title: 5 })],
      ['the SQLite store, torn rows', torn],
    ] as [string, () => DamagedStore][],
    attempts: [
      ['the memory store, no list', () => byRecord(memoryStore(), { failures: 5 })],
      ['the memory store, an empty item', () => byRecord(memoryStore(), { failures: [null] })],
      ['the memory store, no time', () => byRecord(memoryStore(), { blockedUntil: 'soon' })],
      ['the SQLite store, torn rows', torn],
    ] as [string, () => DamagedStore][],
    clear: () => {
      for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
    },
  }
}
