import { type Kysely, sql } from 'kysely'

/** Adds the positions that processes share. */
export async function addCursors(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      'create table cursors (name text primary key not null, position integer not null) strict, without rowid',
    )
    .execute(db)
}
