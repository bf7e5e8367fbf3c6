import type { DatabaseSync } from 'node:sqlite'
import { type Compilable, sql } from 'kysely'
import type { StoredCounts, StoredEntryStatus } from '../../ports/query.ts'
import type { Due, EntryQuery, FlowQuery } from '../../ports/store.ts'
import type { RecordRow } from '../stored-record.ts'
import { type Prepared, prepare as prepareFor, type SqliteValue, sqliteQueries } from './prepared.ts'

/** The statements that read from the database. */
export type SqliteReads = ReturnType<typeof sqliteReads>

/** Prepares the statements for an open database. Lists are prepared once for each combination of filters. */
export function sqliteReads(database: DatabaseSync) {
  const db = sqliteQueries()
  const prepare = <Row>(query: Compilable<Row>) => prepareFor<Row>(database, query)
  const text = ''
  const number = 0
  const lists = new Map<string, Prepared<RecordRow>>()

  /** Runs a list query. The set filters select the statement, their values are its parameters. */
  const list = (
    name: string,
    flags: readonly unknown[],
    values: readonly (SqliteValue | undefined)[],
    query: () => Compilable<RecordRow>,
  ): RecordRow[] => {
    const shape = `${name} ${flags.map(String)} ${values.map((value) => value !== undefined)}`
    let statement = lists.get(shape)
    if (statement === undefined) {
      statement = prepare(query())
      lists.set(shape, statement)
    }
    return statement.all(...values.filter((value) => value !== undefined))
  }

  const entries = db.selectFrom('entries').select(['entry_id as id', 'revision', 'record'])
  const anyEntry = db.selectFrom('entries').select(['scope', 'entry_id as entryId', 'domain', 'revision'])
  const leases = db
    .selectFrom('leases')
    .where('leases.kind', '=', sql.lit<'flow'>('flow'))
    .where(sql<boolean>`leases.scope = flows.scope and leases.id = flows.flow_id`)
  const flows = db
    .selectFrom('flows')
    .select(['flow_id as id', 'revision', 'record'])
    .select(leases.select('leases.until').as('workingUntil'))
  const attempts = db.selectFrom('attempts').select(['key as id', 'revision', 'record'])
  const history = db.selectFrom('audit').select(['seq', 'record'])
  const repairs = db
    .selectFrom('entries')
    .select((eb) => [
      'entry_id as id',
      'revision',
      'record',
      'expires_at as expiresAt',
      eb
        .selectFrom('flows')
        .select('flow_id')
        .whereRef('flows.scope', '=', 'entries.scope')
        .whereRef('flows.entry_id', '=', 'entries.entry_id')
        .where('open', '=', flag(true))
        .where('edits', '=', flag(true))
        .as('editFlowId'),
    ])
  const needing = repairs.where('scope', '=', text).where('needs', '=', flag(true))
  const expiring = db
    .selectFrom('entries')
    .select(['scope', 'entry_id as entryId'])
    .where('expires_at', '>', number)
    .where('expires_at', '<=', number)
    .orderBy('expires_at')
  const firstScope = (is: '>=' | '>') => {
    const of = (table: 'entries' | 'flows' | 'webhooks' | 'removals') =>
      db
        .selectFrom(table)
        .select((eb) => eb.fn.min<string | null>('scope').as('scope'))
        .where('scope', is, text)
    return db
      .selectFrom(
        of('entries').unionAll(of('flows')).unionAll(of('webhooks')).unionAll(of('removals')).as('first'),
      )
      .select((eb) => eb.fn.min<string | null>('scope').as('scope'))
  }
  // The leases of working flows, by the rule of `isLive`.
  const living = leases
    .select('leases.id')
    .where('leases.until', '>', number)
    .where(sql<boolean>`leases.until <= ${number} + 2 * leases.ms`)
  const dueRows = (is: '<=' | '>') =>
    prepare<Due>(
      db
        .selectFrom('flows')
        .select(['scope', sql.lit<Due['kind']>('flow').as('kind'), 'flow_id as id', 'due_at as dueAt'])
        .where('due_at', is, number)
        .where((flow) => flow.not(flow.exists(living)))
        .unionAll(
          db
            .selectFrom('attempts')
            .select(['scope', sql.lit<Due['kind']>('attempts').as('kind'), 'key as id', 'due_at as dueAt'])
            .where('due_at', is, number),
        )
        .orderBy('dueAt')
        .limit(number),
    )
  return {
    entry: prepare(entries.where('scope', '=', text).where('entry_id', '=', text)),
    flow: prepare(flows.where('scope', '=', text).where('flow_id', '=', text)),
    flowAsked: prepare(
      flows.where('scope', '=', text).where('asked_by', '=', text).where('asked_key', '=', text),
    ),
    flowHolding: prepare(
      flows
        .where('scope', '=', text)
        .where('domain', '=', text)
        .where('slot', '=', text)
        .where('open', '=', flag(true)),
    ),
    attempts: prepare(attempts.where('scope', '=', text).where('key', '=', text)),

    entryRow: prepare(anyEntry.where('scope', '=', text).where('entry_id', '=', text)),
    flowRow: prepare(
      db
        .selectFrom('flows')
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
        .where('scope', '=', text)
        .where('flow_id', '=', text),
    ),
    attemptsRow: prepare(
      db
        .selectFrom('attempts')
        .select(['scope', 'key', 'due_at as dueAt', 'revision'])
        .where('scope', '=', text)
        .where('key', '=', text),
    ),

    entries(scope: string, query: EntryQuery): RecordRow[] {
      const { domain, uniqueId, matchKey, needs, ignored, status, after, limit } = query
      const values = [scope, domain, uniqueId, matchKey, after, status, limit]
      return list('entries', [needs, ignored], values, () => {
        let rows = entries.where('scope', '=', text)
        if (domain !== undefined) rows = rows.where('domain', '=', text)
        if (uniqueId !== undefined) rows = rows.where('unique_id', '=', text)
        if (matchKey !== undefined) rows = rows.where('match_key', '=', text)
        if (after !== undefined) rows = rows.where('entry_id', '>', text)
        if (status !== undefined) rows = rows.where('status', '=', sql<StoredEntryStatus>`${text}`)
        if (needs !== undefined) rows = rows.where('needs', '=', flag(needs))
        if (ignored !== undefined) rows = rows.where('ignored', '=', flag(ignored))
        return rows.orderBy('entry_id').limit(number)
      })
    },

    flows(scope: string, { entryId, domain, open, edits, after, limit }: FlowQuery): RecordRow[] {
      return list('flows', [open, edits], [scope, entryId, domain, after, limit], () => {
        let query = flows.where('scope', '=', text)
        if (entryId !== undefined) query = query.where('entry_id', '=', text)
        if (domain !== undefined) query = query.where('domain', '=', text)
        if (after !== undefined) query = query.where('flow_id', '>', text)
        if (open !== undefined) query = query.where('open', '=', flag(open))
        if (edits !== undefined) query = query.where('edits', '=', flag(edits))
        return query.orderBy('flow_id').limit(number)
      })
    },

    needing: prepare(needing.orderBy('entry_id').limit(number)),
    needingAfter: prepare(needing.where('entry_id', '>', text).orderBy('entry_id').limit(number)),
    /** Entries that need attention only because their credential expires. */
    needingSoon: prepare(
      repairs
        .where('scope', '=', text)
        .where('needs', '=', flag(false))
        .where('expires_at', '<=', number)
        .where((eb) => eb(eb.refTuple('expires_at', 'entry_id'), '>', eb.tuple(number, text)))
        .orderBy('expires_at')
        .orderBy('entry_id')
        .limit(number),
    ),

    counts: prepare({ compile: () => counts.compile(db) }),

    openFlows: prepare(db.selectFrom('open_flows').select('count').where('scope', '=', text)),

    due: dueRows('<='),
    /** The rows whose due time is later than a time. */
    dueLater: dueRows('>'),

    expiring: prepare(expiring),
    refreshDue: prepare(
      db
        .selectFrom('entries')
        .select(['scope', 'entry_id as entryId'])
        .where('refresh_at', '<=', number)
        .orderBy('refresh_at')
        .limit(number),
    ),
    unowned: prepare(
      db
        .selectFrom('entries')
        .select(['scope', 'entry_id as entryId'])
        .where('domain', '=', text)
        .where('ignored', '=', flag(false))
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('leases')
                .select(sql.lit(1).as('one'))
                .whereRef('leases.scope', '=', 'entries.scope')
                .where('leases.kind', '=', sql.lit('connection' as const))
                .whereRef('leases.id', '=', 'entries.entry_id')
                .where('leases.until', '>', number)
                .where(sql<boolean>`leases.until <= ${number} + 2 * leases.ms`),
            ),
          ),
        )
        .limit(number),
    ),

    /** The first scope of an entry or a flow from one on, and the first after it; null without one. */
    scopeFrom: prepare(firstScope('>=')),
    scopeAfter: prepare(firstScope('>')),
    anyEntry: prepare(anyEntry.limit(sql.lit(1))),
    anyOfDomain: prepare(anyEntry.where('domain', '=', text).limit(sql.lit(1))),
    anyOfAccount: prepare(
      anyEntry.where('domain', '=', text).where('unique_id', '=', text).limit(sql.lit(1)),
    ),

    audit: prepare(
      history
        .where('scope', '=', text)
        .where('entry_id', '=', text)
        .where('seq', '>', number)
        .orderBy('seq')
        .limit(number),
    ),
    newestAudit: prepare(
      history
        .where('scope', '=', text)
        .where('entry_id', '=', text)
        .where('seq', '<', number)
        .orderBy('seq', 'desc')
        .limit(number),
    ),
    history: prepare(
      history.where('scope', '=', text).where('seq', '>', number).orderBy('seq').limit(number),
    ),
    newestHistory: prepare(
      history.where('scope', '=', text).where('seq', '<', number).orderBy('seq', 'desc').limit(number),
    ),

    /** One row, if any entry, flow, webhook or removal is stored. */
    anything: prepare(
      db
        .selectFrom('entries')
        .select(sql.lit(1).as('one'))
        .unionAll(db.selectFrom('flows').select(sql.lit(1).as('one')))
        .unionAll(db.selectFrom('webhooks').select(sql.lit(1).as('one')))
        .unionAll(db.selectFrom('removals').select(sql.lit(1).as('one')))
        .limit(sql.lit(1)),
    ),
    entryRecords: prepare(db.selectFrom('entries').select('record')),
    /** Changes with each commit of another connection. */
    dataVersion: prepare<{ data_version: number }>({ compile: () => sql`pragma data_version`.compile(db) }),
  }
}

/** Counts entries by status, each in its own index and up to the limit `?2`. */
const counted = (where: string): string =>
  `(select count(*) from (select 1 from entries where scope = ?1 ${where} limit ?2))`
const ACTIVE = "and coalesce(status, 'offline') in ('offline', 'waiting')"
const counts = sql<StoredCounts>`${sql.raw(`select
  ${counted('')} as "all",
  ${counted("and status = 'ignored'")} as ignored,
  ${counted("and status = 'disabled'")} as disabled,
  ${counted("and status = 'waiting'")} as waiting,
  ${counted("and status = 'offline'")} as offline,
  ${counted(`and needs = 1 ${ACTIVE}`)}
    + ${counted(`and needs = 0 and expires_at is not null and expires_at <= ?3 ${ACTIVE}`)} as attention`)}`

function flag(value: boolean) {
  return sql.lit(value ? 1 : 0)
}
