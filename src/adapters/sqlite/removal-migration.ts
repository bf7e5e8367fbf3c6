import { type Kysely, sql } from 'kysely'

/** Adds the content of removed entries, until their services have been informed. */
export async function addRemovals(db: Kysely<unknown>): Promise<void> {
  for (const text of [
    `create table removals (scope text not null, id text not null, due_at integer not null, revision integer not null,
      record text not null, primary key (scope, id)) strict`,
    'create index removals_due on removals (due_at)',
  ]) {
    await sql.raw(text).execute(db)
  }
}
