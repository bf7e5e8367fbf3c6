import { type Kysely, sql } from 'kysely'

/** Renames the unique id of flows to `slot`, in the column and in each record. Damaged records stay as they are. */
export async function slot(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('flows').renameColumn('unique_id', 'slot').execute()
  await sql`
    update flows
    set record = json_set(json_remove(record, '$.uniqueId'), '$.slot', record -> '$.uniqueId')
    where case when json_valid(record) then json_type(record, '$.uniqueId') = 'text' end
  `.execute(db)
}

/** Renames the match key of entries, in the column and in each record. Damaged records stay as they are. */
export async function matchKey(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('entries').renameColumn('exclusive', 'match_key').execute()
  for (const [from, to] of [
    ['$.exclusive', '$.matchKey'],
    ['$.previous.exclusive', '$.previous.matchKey'],
  ]) {
    await sql`
      update entries
      set record = json_set(json_remove(record, ${from}), ${to}, record -> ${from})
      where case when json_valid(record) then json_type(record, ${from}) = 'text' end
    `.execute(db)
  }
}
