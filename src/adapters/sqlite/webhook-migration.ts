import { type Kysely, sql } from 'kysely'

/** Adds the rows of webhooks: receivers, deliveries, and their positions in the history. */
export async function addWebhooks(db: Kysely<unknown>): Promise<void> {
  for (const text of [
    `create table webhooks (scope text not null, id text not null, list text not null, due_at integer, position integer,
      revision integer not null, record text not null, primary key (scope, id)) strict`,
    'create index webhooks_list on webhooks (scope, list, id)',
    'create index webhooks_due on webhooks (due_at) where due_at is not null',
    'create index webhooks_position on webhooks (scope, position) where position is not null',
  ]) {
    await sql.raw(text).execute(db)
  }
}
