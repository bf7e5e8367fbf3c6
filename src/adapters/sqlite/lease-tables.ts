import { type Generated, type Kysely, sql } from 'kysely'
import type { LeaseKind } from '../../ports/lease.ts'

/** The tables of leases and reservations. */
export interface LeaseTables {
  leases: {
    fence: Generated<number>
    scope: string
    kind: LeaseKind
    id: string
    holder: string
    until: number
    ms: number
  }
  reservations: {
    seq: Generated<number>
    scope: string
    key: string
    id: string
    principal: string
    at: number
    holder: string
    until: number
    ms: number
  }
}

/** Adds leases and reservations. The keys of `autoincrement` are never used again, so they are the fences. */
export async function addLeases(db: Kysely<never>): Promise<void> {
  for (const text of [
    `create table leases (fence integer primary key autoincrement, scope text not null, kind text not null,
      id text not null, holder text not null, until real not null, ms real not null) strict`,
    'create unique index leases_name on leases (scope, kind, id)',
    'create index leases_holder on leases (holder)',
    `create table reservations (seq integer primary key autoincrement, scope text not null, key text not null,
      id text not null, principal text not null, at real not null, holder text not null, until real not null,
      ms real not null) strict`,
    'create unique index reservations_name on reservations (scope, key, id)',
    'create index reservations_holder on reservations (holder)',
    'create index reservations_until on reservations (until)',
  ]) {
    await sql.raw(text).execute(db)
  }
}
