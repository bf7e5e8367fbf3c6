import { type Compilable, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import type { AuditQuery } from '../../ports/history.ts'
import type { Reservation } from '../../ports/lease.ts'
import type { CountQuery, StoredCounts, StoredEntryStatus } from '../../ports/query.ts'
import type { AttentionQuery, EntryQuery, FlowQuery } from '../../ports/store.ts'
import { FIRST_EXPIRING, parseCursor } from '../attention-cursor.ts'
import type { RecordRow } from '../stored-record.ts'
import { postgresQueries } from './queries.ts'
import type { PostgresSchema } from './schema.ts'

/** The scope that {@link inScope} enters, for the conditions of its query. */
const ENTERED = sql<string>`s.entered`

/** Returns the queries that read. They read the rows of one scope. */
export function scopedReads(schema: string) {
  const db = postgresQueries(schema)

  /**
   * Enters a scope and reads its rows, in one statement. The lateral subquery needs the entered scope, and its limit
   * makes PostgreSQL run it as it is: never before the scope is entered.
   */
  const inScope = <Row>(
    scope: string,
    query: SelectQueryBuilder<PostgresSchema, keyof PostgresSchema, Row> | RawBuilder<unknown>,
  ): Compilable<Row> => ({
    compile: () =>
      sql<Row>`
        select r.* from (
          select substr(set_config('latchkey.scope', ${`:${scope}`}, true), 2) as entered offset 0
        ) as s cross join lateral (${query}) as r
      `.compile(db),
  })

  const entries = db.selectFrom('entries').where('scope', '=', ENTERED)
  const flows = db.selectFrom('flows').where('scope', '=', ENTERED)
  const attempts = db.selectFrom('attempts').where('scope', '=', ENTERED)
  const audit = db.selectFrom('audit').where('scope', '=', ENTERED)
  const webhooks = db.selectFrom('webhooks').where('scope', '=', ENTERED)
  const removals = db.selectFrom('removals').where('scope', '=', ENTERED).select(['id', 'revision', 'record'])
  const heads = db.selectFrom('heads').where('scope', '=', ENTERED)
  const entry = entries.select(['entry_id as id', 'revision', 'record'])
  const lease = sql`from ${sql.table(`${schema}.leases`)} as l
    where l.scope = flows.scope and l.kind = 'flow' and l.id = flows.flow_id and l.until > clock_timestamp()`
  const workingUntil = sql<number | null>`(select 'infinity'::float8 ${lease})`.as('workingUntil')
  const flow = flows.select(['flow_id as id', 'revision', 'record', workingUntil])

  return {
    entry: (scope: string, id: string) => inScope(scope, entry.where('entry_id', '=', id).limit(1)),
    flow: (scope: string, id: string) => inScope(scope, flow.where('flow_id', '=', id).limit(1)),
    flowAsked: (scope: string, principal: string, key: string) =>
      inScope(scope, flow.where('asked_by', '=', principal).where('asked_key', '=', key).limit(1)),
    flowHolding: (scope: string, domain: string, slot: string) =>
      inScope(
        scope,
        flow.where('domain', '=', domain).where('slot', '=', slot).where(sql<boolean>`open`).limit(1),
      ),
    budget: (scope: string, key: string): Compilable<{ budget: BudgetJson }> =>
      inScope(scope, sql`select ${sql.raw(schema)}.budget_of(${ENTERED}, ${key}) as budget limit 1`),

    attempts: (scope: string, key: string) =>
      inScope(scope, attempts.select(['key as id', 'revision', 'record']).where('key', '=', key).limit(1)),

    entryRow: (scope: string, id: string) =>
      inScope(scope, entries.select(['domain', 'revision']).where('entry_id', '=', id).limit(1)),
    flowRow: (scope: string, id: string) =>
      inScope(
        scope,
        flows
          .select([
            'domain',
            'entry_id',
            'slot',
            'asked_by',
            'asked_key',
            'open',
            'edits',
            'due_at',
            'revision',
          ])
          .where('flow_id', '=', id)
          .limit(1),
      ),
    attemptsRow: (scope: string, key: string) =>
      inScope(scope, attempts.select(['due_at as dueAt', 'revision']).where('key', '=', key).limit(1)),

    entries(
      scope: string,
      { domain, uniqueId, matchKey, needs, ignored, status, after, limit }: EntryQuery,
    ): Compilable<RecordRow> {
      let rows = entry
      if (domain !== undefined) rows = rows.where('domain', '=', domain)
      if (uniqueId !== undefined) rows = rows.where('unique_id', '=', uniqueId)
      if (matchKey !== undefined) rows = rows.where('match_key', '=', matchKey)
      if (after !== undefined) rows = rows.where('entry_id', '>', after)
      if (status !== undefined) rows = rows.where('status', '=', status)
      if (needs !== undefined) rows = rows.where(flag('needs', needs))
      if (ignored !== undefined) rows = rows.where(flag('ignored', ignored))
      return inScope(scope, rows.orderBy('entry_id').limit(limit))
    },

    /** Counts entries by status, each in its own index. */
    counts(scope: string, { expiringUntil, atMost }: CountQuery): Compilable<StoredCounts> {
      const counted = (where: RawBuilder<unknown>) => sql`(select count(*) from (
        select from ${sql.table(`${schema}.entries`)} where scope = ${ENTERED} ${where} limit ${atMost}) as c)`
      const withStatus = (status: StoredEntryStatus) => counted(sql`and status = ${sql.lit(status)}`)
      const active = sql`and coalesce(status, 'offline') in ('offline', 'waiting')`
      return inScope(
        scope,
        sql`
          select ${counted(sql``)} as "all", ${withStatus('ignored')} as ignored,
            ${withStatus('disabled')} as disabled, ${withStatus('waiting')} as waiting,
            ${withStatus('offline')} as offline,
            ${counted(sql`and needs ${active}`)}
              + ${counted(sql`and not needs and expires_at <= ${expiringUntil} ${active}`)} as attention
          limit 1`,
      )
    },

    flows(scope: string, { entryId, domain, open, edits, after, limit }: FlowQuery): Compilable<RecordRow> {
      let rows = flow
      if (entryId !== undefined) rows = rows.where('entry_id', '=', entryId)
      if (domain !== undefined) rows = rows.where('domain', '=', domain)
      if (after !== undefined) rows = rows.where('flow_id', '>', after)
      if (open !== undefined) rows = rows.where(flag('open', open))
      if (edits !== undefined) rows = rows.where(flag('edits', edits))
      return inScope(scope, rows.orderBy('flow_id').limit(limit))
    },

    openFlows(scope: string, atMost: number): Compilable<{ count: number }> {
      const found = flows
        .select('revision')
        .where(flag('open', true))
        .where(flag('edits', false))
        .limit(atMost)
      return inScope(scope, sql`select count(*) as count from (${found}) as found`)
    },

    /** First the entries that need attention, then those whose credential expires, each with its open edit flow. */
    attention(
      scope: string,
      { after, limit, expiringUntil }: AttentionQuery,
    ): Compilable<RecordRow & { editFlowId: string | null; expiresAt: number | null }> {
      const from = parseCursor(after)
      const { expiresAt, entryId } = from.part === 'expiring' ? from : FIRST_EXPIRING
      const next =
        from.part === 'needs' && from.entryId !== null ? sql`and entry_id > ${from.entryId}` : sql``
      const columns = sql`entry_id as id, revision, record, (
        select flow_id from ${sql.table(`${schema}.flows`)} as f
        where f.scope = ${ENTERED} and f.entry_id = e.entry_id and f.open and f.edits) as "editFlowId"`
      const rows = sql`from ${sql.table(`${schema}.entries`)} as e where scope = ${ENTERED}`
      const soon = sql`
        (select ${columns}, expires_at as "expiresAt" ${rows}
          and not needs and expires_at <= ${expiringUntil} and (expires_at, entry_id) > (${expiresAt}, ${entryId})
          order by expires_at, entry_id limit ${limit})`
      const needing = sql`
        (select ${columns}, null::bigint as "expiresAt" ${rows} and needs ${next} order by entry_id limit ${limit})`
      const page = from.part === 'needs' ? sql`${needing} union all ${soon}` : soon
      return inScope(
        scope,
        sql`select * from (${page}) as p order by "expiresAt" nulls first, id limit ${limit}`,
      )
    },

    head: (scope: string) => inScope(scope, heads.select('seq').limit(1)),

    audit(
      scope: string,
      entryId: string | null,
      { after, limit, order }: Omit<AuditQuery, 'after'> & { readonly after: number | null },
    ): Compilable<{ seq: number; record: string }> {
      let rows = audit.select(['seq', 'record'])
      if (after !== null) rows = rows.where('seq', order === 'newest' ? '<' : '>', after)
      if (entryId !== null) rows = rows.where('entry_id', '=', entryId)
      return inScope(scope, rows.orderBy('seq', order === 'newest' ? 'desc' : 'asc').limit(limit))
    },
    /** The position of the last history row. */
    position: (scope: string) => inScope(scope, heads.select('position').limit(1)),

    webhook: (scope: string, id: string) =>
      inScope(scope, webhooks.select(['id', 'revision', 'record']).where('id', '=', id).limit(1)),
    webhookRow: (scope: string, id: string) =>
      inScope(scope, webhooks.select(['id', 'list', 'revision']).where('id', '=', id).limit(1)),
    webhooks(scope: string, list: string, after: string | undefined, limit: number): Compilable<RecordRow> {
      let rows = webhooks.select(['id', 'revision', 'record']).where('list', '=', list)
      if (after !== undefined) rows = rows.where('id', '>', after)
      return inScope(scope, rows.orderBy('id').limit(limit))
    },
    removal: (scope: string, id: string) => inScope(scope, removals.where('id', '=', id).limit(1)),
    removals: (scope: string, after: string, limit: number): Compilable<RecordRow> =>
      inScope(scope, removals.where('id', '>', after).orderBy('id').limit(limit)),
  }
}

/** The attempts with a key, with null members without any, and their reservations. */
export type BudgetJson = Nullable<Omit<RecordRow, 'workingUntil'> & { dueAt: number }> & {
  readonly key: string
  readonly reservations: readonly Reservation[]
}

export type Nullable<Row> = { readonly [Column in keyof Row]: Row[Column] | null }

/** A condition on a column, written so that PostgreSQL can use the partial indexes. */
const flag = (column: string, value: boolean) =>
  value ? sql<boolean>`${sql.ref(column)}` : sql<boolean>`not ${sql.ref(column)}`
