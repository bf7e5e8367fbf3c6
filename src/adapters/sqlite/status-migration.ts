import { type Kysely, sql } from 'kysely'

/** Adds the status of entries, and the order of the open flows without an edit slot. */
export async function addStatus(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('entries').addColumn('status', 'text').execute()
  for (const text of [
    `update entries set status = case
        when ignored = 1 then 'ignored'
        when json_extract(record, '$.disabled') then 'disabled'
        when json_extract(record, '$.migrationError') is not null then 'waiting'
        when json_extract(record, '$.rejectedRevision') = json_extract(record, '$.credentialRevision') then 'waiting'
        when json_extract(record, '$.setupFailure') is not null then 'offline'
      end
      where json_valid(record)`,
    'create index entries_status on entries (scope, status, entry_id) where status is not null',
    'create index entries_status_of on entries (scope, domain, status, entry_id) where status is not null',
    'create index flows_unattached on flows (scope, flow_id) where open = 1 and edits = 0',
  ]) {
    await sql.raw(text).execute(db)
  }
}
