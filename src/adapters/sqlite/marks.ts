import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { StoreNotice } from '../../ports/store.ts'
import { sealedIn } from '../stored-record.ts'

// Marks do not belong to the migrations: only some databases have them, and older versions ignore the table.
const TABLE = `create table if not exists latchkey_marks (
  name text not null, scope text not null, id text not null, at integer not null, value text not null,
  primary key (name, scope, id)
) strict, without rowid`

const put = (database: DatabaseSync) =>
  database.prepare(
    'insert or replace into latchkey_marks (name, scope, id, at, value) values (?, ?, ?, ?, ?)',
  )

/** Marks a database that was created although its key file existed. */
export function markNew(database: DatabaseSync): void {
  database.exec(TABLE)
  put(database).run('new', '', '', Date.now(), '')
}

/** Marks a database as restored, with the credentials that it has now. Replaces earlier marks. */
export function markRestored(database: DatabaseSync): void {
  database.exec('begin immediate')
  database.exec(TABLE)
  database.exec('delete from latchkey_marks')
  const insert = put(database)
  const at = Date.now()
  insert.run('restored', '', '', at, '')
  const entries = database.prepare('select scope, entry_id as id, record from entries').all()
  for (const { scope = '', id = '', record } of entries) {
    insert.run('credential', scope, id, at, hashOf(String(record)))
  }
  database.exec('commit')
}

/** Returns the facts about a database that its operator must know. */
export function readNotices(database: DatabaseSync): StoreNotice[] {
  const found = database.prepare(`select 1 from sqlite_master where name = 'latchkey_marks'`).get()
  if (found === undefined) return []
  const marks = database.prepare('select * from latchkey_marks').all()
  const notices: StoreNotice[] = []
  const used = database.prepare('select 1 from entries union all select 1 from audit limit 1').get()
  if (used === undefined && marks.some(({ name }) => name === 'new')) notices.push({ type: 'new_beside_key' })
  const restored = marks.find(({ name }) => name === 'restored')
  if (restored !== undefined) {
    const record = database.prepare('select record from entries where scope = ? and entry_id = ?')
    const unchanged = marks.filter(({ name, scope = '', id = '', value }) => {
      if (name !== 'credential') return false
      const row = record.get(scope, id)
      return row !== undefined && hashOf(String(row.record)) === value
    })
    const entries = unchanged.map(({ scope, id }) => ({ scope: String(scope), entryId: String(id) }))
    if (entries.length > 0) notices.push({ type: 'restored', at: Number(restored.at), entries })
  }
  return notices
}

/** A hash of the encrypted secrets of an entry. It changes with each new credential or token. */
const hashOf = (record: string): string =>
  createHash('sha256')
    .update(sealedIn(record) ?? '')
    .digest('base64url')
