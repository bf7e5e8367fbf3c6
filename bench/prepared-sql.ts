import { DatabaseSync } from 'node:sqlite'
import type { Write } from '../src/index.ts'

/** Writes the same rows into the same tables with hand-written prepared SQL: one durable transaction per call. */
export function preparedSql(file: string) {
  const database = new DatabaseSync(file)
  database.exec('pragma journal_mode = wal; pragma synchronous = full')
  const begin = database.prepare('begin immediate')
  const commit = database.prepare('commit')
  const entry = database.prepare(`
    insert into entries (scope, entry_id, domain, unique_id, needs, revision, record) values (?, ?, ?, ?, ?, ?, ?)
    on conflict (scope, entry_id) do update set domain = excluded.domain, unique_id = excluded.unique_id,
      needs = excluded.needs, revision = excluded.revision, record = excluded.record`)
  const flow = database.prepare(`
    insert into flows (scope, flow_id, domain, entry_id, open, edits, due_at, revision, record)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (scope, flow_id) do update set domain = excluded.domain, entry_id = excluded.entry_id,
      open = excluded.open, edits = excluded.edits, due_at = excluded.due_at, revision = excluded.revision,
      record = excluded.record`)
  const audit = database.prepare('insert into audit (scope, entry_id, record) values (?, ?, ?)')

  const write = (one: Write) => {
    if ('audit' in one) {
      audit.run(one.audit.scope, one.audit.entryId, JSON.stringify(one.audit))
    } else if ('put' in one && one.put === 'entry') {
      const { scope, entryId, domain, uniqueId, reauth, revision } = one.record
      entry.run(
        scope,
        entryId,
        domain,
        uniqueId,
        reauth === null ? 0 : 1,
        revision,
        JSON.stringify(one.record),
      )
    } else if ('put' in one && one.put === 'flow') {
      const { scope, flowId, domain, entryId, open, edits, dueAt, revision } = one.record
      const columns = [domain, entryId, open ? 1 : 0, edits ? 1 : 0, dueAt, revision]
      flow.run(scope, flowId, ...columns, JSON.stringify(one.record))
    }
  }
  return {
    apply(writes: readonly Write[]): void {
      begin.run()
      for (const one of writes) write(one)
      commit.run()
    },
    close: () => database.close(),
  }
}
