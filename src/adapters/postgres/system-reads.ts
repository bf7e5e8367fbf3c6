import { type Compilable, type RawBuilder, sql } from 'kysely'
import type { AnyEntryQuery, Due, EntryName } from '../../ports/store.ts'
import { postgresQueries } from './queries.ts'

/** Returns the queries that read or delete rows of all scopes. They need the system role. */
export function systemReads(schema: string) {
  const db = postgresQueries(schema)
  const flows = sql.table(`${schema}.flows`)
  const audit = sql.table(`${schema}.audit`)
  const attempts = sql.table(`${schema}.attempts`)
  const entries = sql.table(`${schema}.entries`)
  const leases = sql.table(`${schema}.leases`)
  const webhooks = sql.table(`${schema}.webhooks`)
  const removals = sql.table(`${schema}.removals`)

  const due = (is: '<=' | '>', time: number, limit: number): Compilable<Due> => ({
    compile: () =>
      sql<Due>`
        (select scope, 'flow' as kind, flow_id as id, due_at as "dueAt" from ${flows} as f
          where due_at ${sql.raw(is)} ${time} and not exists (
            select from ${leases} as l
            where l.scope = f.scope and l.kind = 'flow' and l.id = f.flow_id and l.until > clock_timestamp())
          order by due_at limit ${limit})
        union all
        (select scope, 'attempts', key, due_at from ${attempts}
          where due_at ${sql.raw(is)} ${time} order by due_at limit ${limit})
        order by "dueAt" limit ${limit}
      `.compile(db),
  })

  /** The first scope of an entry or a flow after one, by a step in two indexes. */
  const scopeAfter = (condition: RawBuilder<unknown>) => sql`least(
    (select min(scope) from ${entries} where scope ${condition}),
    (select min(scope) from ${flows} where scope ${condition}),
    (select min(scope) from ${webhooks} where scope ${condition}),
    (select min(scope) from ${removals} where scope ${condition}))`

  return {
    due,
    /** The keys of attempts with a reservation that has lapsed. */
    lapsed: (limit: number): Compilable<Due> =>
      db
        .selectFrom('reservations')
        .select(['scope', sql.lit<'reservation'>('reservation').as('kind'), 'key as id'])
        .distinct()
        .where(sql<boolean>`until <= clock_timestamp()`)
        .limit(limit),
    expiring: (from: number, until: number) =>
      db
        .selectFrom('entries')
        .select(['scope', 'entry_id as entryId'])
        .where('expires_at', '>', from)
        .where('expires_at', '<=', until)
        .orderBy('expires_at'),
    refreshDue: (now: number, limit: number) =>
      db
        .selectFrom('entries')
        .select(['scope', 'entry_id as entryId'])
        .where('refresh_at', '<=', now)
        .orderBy('refresh_at')
        .limit(limit),
    unowned: (domains: readonly string[], limit: number): Compilable<EntryName> => ({
      compile: () =>
        sql<EntryName>`
          select scope, entry_id as "entryId" from ${entries} as e
          where domain in (${sql.join(domains)}) and not ignored and not exists (
            select from ${leases} as l
            where l.scope = e.scope and l.kind = 'connection' and l.id = e.entry_id and l.until > clock_timestamp())
          limit ${limit}
        `.compile(db),
    }),
    scopes: (after: string | undefined, limit: number): Compilable<{ scope: string }> => ({
      compile: () =>
        sql<{ scope: string }>`
          with recursive found (scope) as (
            select ${scopeAfter(after === undefined ? sql`>= ''` : sql`> ${after}`)}
            union all
            select ${scopeAfter(sql`> found.scope`)} from found where found.scope is not null
          ) select scope from found where scope is not null limit ${limit}
        `.compile(db),
    }),
    anyEntry({ domain, uniqueId }: AnyEntryQuery) {
      let rows = db.selectFrom('entries').select(['scope', 'entry_id as entryId', 'domain', 'revision'])
      if (domain !== undefined) rows = rows.where('domain', '=', domain)
      if (uniqueId !== undefined) rows = rows.where('unique_id', '=', uniqueId)
      return rows.limit(1)
    },
    dueWebhooks: (is: '<=' | '>', time: number, limit: number) =>
      db
        .selectFrom('webhooks')
        .select(['scope', 'id', 'list', 'revision'])
        .where('due_at', is, time)
        .orderBy('due_at')
        .limit(limit),
    dueRemovals: (is: '<=' | '>', time: number, limit: number) =>
      db
        .selectFrom('removals')
        .select(['scope', 'id', 'revision'])
        .where('due_at', is, time)
        .orderBy('due_at')
        .limit(limit),
    /** The scopes whose history is longer than the position of one of their webhooks. */
    behind: (limit: number) =>
      db
        .selectFrom('webhooks')
        .select('webhooks.scope')
        .distinct()
        .where('webhooks.position', 'is not', sql.lit(null))
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom('audit')
              .select(sql.lit(1).as('one'))
              .whereRef('audit.scope', '=', 'webhooks.scope')
              .whereRef('audit.seq', '>', 'webhooks.position'),
          ),
        )
        .limit(limit),
    purgeAudit: (before: number, limit: number): Compilable<{ seq: number }> => ({
      compile: () =>
        sql<{ seq: number }>`
          delete from ${audit} where (scope, seq) in (
            select scope, seq from ${audit} where at < ${before} order by at limit ${limit}) returning seq
        `.compile(db),
    }),
    cursor: (name: string) => db.selectFrom('cursors').select('position').where('name', '=', name),
    addCursor: (name: string, position: number) =>
      db
        .insertInto('cursors')
        .values({ name, position })
        .onConflict((conflict) => conflict.doNothing())
        .returning('position'),
    moveCursor: (name: string, from: number, position: number) =>
      db
        .updateTable('cursors')
        .set({ position })
        .where('name', '=', name)
        .where('position', '=', from)
        .returning('position'),
    purgeChanges: (before: number) =>
      db
        .deleteFrom('changes')
        .where('at', '<', before)
        .where('seq', '<', ({ selectFrom }) =>
          selectFrom('heads').whereRef('heads.scope', '=', 'changes.scope').select('heads.seq'),
        ),
    /** The last batches of processes that have ended. A process that still runs adds its row again. */
    purgeWriters: () => db.deleteFrom('writers').where(sql<boolean>`at < now() - interval '1 day'`),
    /** Whether the current role sees the rows of all scopes. */
    seesAll: (role: string): Compilable<{ sees: boolean }> => ({
      compile: () =>
        sql<{ sees: boolean }>`
          select rolsuper or rolbypassrls or pg_has_role(rolname, ${role}, 'usage') as sees
          from pg_roles where rolname = current_user
        `.compile(db),
    }),
  }
}
