import type { DatabaseSync } from 'node:sqlite'
import { type Compilable, sql } from 'kysely'
import type { LeaseKind } from '../../ports/lease.ts'
import { prepare as prepareFor, sqliteQueries } from './prepared.ts'

/** The statements of leases and reservations. */
export type LeaseStatements = ReturnType<typeof leaseStatements>

/** Prepares the statements of leases and reservations for an open database. */
export function leaseStatements(database: DatabaseSync) {
  const db = sqliteQueries()
  const prepare = <Row>(query: Compilable<Row>) => prepareFor<Row>(database, query)
  const text = ''
  const number = 0
  // A placeholder of the kind. It is a parameter.
  const kind = 'flow' as LeaseKind
  const lease = db
    .selectFrom('leases')
    .where('scope', '=', text)
    .where('kind', '=', kind)
    .where('id', '=', text)
  const noLease = db
    .deleteFrom('leases')
    .where('scope', '=', text)
    .where('kind', '=', kind)
    .where('id', '=', text)
  const noReservation = db
    .deleteFrom('reservations')
    .where('scope', '=', text)
    .where('key', '=', text)
    .where('id', '=', text)
  return {
    lease: prepare(lease.select(['fence', 'until', 'ms'])),
    drop: prepare(noLease),
    dropHeld: prepare(noLease.where('fence', '=', number)),
    dropOwn: prepare(noLease.where('holder', '=', text)),
    dropAll: prepare(db.deleteFrom('leases').where('holder', '=', text)),
    insert: prepare(
      db
        .insertInto('leases')
        .values({ scope: text, kind, id: text, holder: text, until: number, ms: number })
        .returning('fence'),
    ),
    renew: prepare(
      db
        .updateTable('leases')
        .set({ until: number, ms: number })
        .where('holder', '=', text)
        .returning(['scope', 'kind', 'id', 'fence']),
    ),
    reserve: prepare(
      db
        .insertInto('reservations')
        .values({
          scope: text,
          key: text,
          id: text,
          principal: text,
          at: number,
          holder: text,
          until: number,
          ms: number,
        })
        .onConflict((conflict) =>
          conflict.columns(['scope', 'key', 'id']).doUpdateSet((row) => ({
            holder: row.ref('excluded.holder'),
            until: row.ref('excluded.until'),
            ms: row.ref('excluded.ms'),
          })),
        ),
    ),
    reservations: prepare(
      db
        .selectFrom('reservations')
        .select(['id', 'principal', 'at', 'until', 'ms'])
        .where('scope', '=', text)
        .where('key', '=', text)
        .orderBy('seq'),
    ),
    renewReservations: prepare(
      db.updateTable('reservations').set({ until: number, ms: number }).where('holder', '=', text),
    ),
    settle: prepare(noReservation),
    unreserve: prepare(noReservation.where('holder', '=', text)),
    /** The keys of attempts with a reservation that has lapsed. The rule is that of `isLive`. */
    lapsed: prepare(
      db
        .selectFrom('reservations')
        .select(['scope', sql.lit<'reservation'>('reservation').as('kind'), 'key as id'])
        .distinct()
        .where(sql<boolean>`until <= ${number} or until > ${number} + 2 * ms`)
        .limit(number),
    ),
  }
}
