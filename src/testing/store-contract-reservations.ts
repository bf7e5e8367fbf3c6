import assert from 'node:assert/strict'
import { LONG, later, now, SHORT, term } from './lease-terms.ts'
import type { StoreCase } from './store-case.ts'
import { storeCase } from './store-case.ts'
import { attemptsRecord, put, write } from './store-records.ts'

/** The requirements of attempts that are reserved before the service is contacted. */
export const reservationCases: readonly StoreCase[] = [
  storeCase('orders the reservations of concurrent attempts: each sees all earlier ones', async (store) => {
    const ids = Array.from({ length: 20 }, (_, number) => `r${number}`)
    const budgets = await Promise.all(
      ids.map((id) => store.leases.reserve({ scope: 'home', key: 'k', id, principal: 'ada' }, term(id))),
    )
    const ranks = budgets.map(({ reservations }, number) =>
      reservations.findIndex(({ id }) => id === ids[number]),
    )
    assert.deepEqual(
      ranks.toSorted((a, b) => a - b),
      ids.map((_, number) => number),
    )
    const { reservations, attempts } = await store.leases.getBudget('home', 'k', now)
    assert.equal(attempts, null)
    for (const [number, id] of ids.entries()) assert.equal(reservations[ranks[number] ?? 0]?.id, id)
    assert.deepEqual((await store.leases.getBudget('office', 'k', now)).reservations, [])
    assert.deepEqual((await store.leases.getBudget('home', 'K', now)).reservations, [])
  }),

  storeCase('keeps the place of a reservation that is made again', async (store) => {
    const reserve = (id: string, at = now) =>
      store.leases.reserve({ scope: 'home', key: 'k', id, principal: 'ada' }, term('p1', LONG, at))
    await reserve('r1')
    await reserve('r2')
    const { reservations } = await reserve('r1', now + 5)
    assert.deepEqual(
      reservations.map(({ id, at }) => [id, at]),
      [
        ['r1', now],
        ['r2', now],
      ],
    )
  }),

  storeCase('settles reservations, in a transaction or without', async (store) => {
    for (const id of ['r1', 'r2', 'r3']) {
      await store.leases.reserve({ scope: 'home', key: 'k', id, principal: 'ada' }, term('p1'))
    }
    await write(
      store,
      { settle: 'r1', key: 'k' },
      { settle: 'none', key: 'k' },
      put(attemptsRecord({ key: 'k' })),
    )
    await store.apply('office', [{ settle: 'r2', key: 'k' }])
    await store.leases.release('p1', [{ scope: 'home', key: 'k', id: 'r2' }])
    await store.leases.release('p2', [{ scope: 'home', key: 'k', id: 'r3' }])
    const { reservations, attempts } = await store.leases.getBudget('home', 'k', now)
    assert.deepEqual(
      reservations.map(({ id }) => id),
      ['r3'],
    )
    assert.deepEqual(attempts, attemptsRecord({ key: 'k' }))
  }),

  storeCase('reports attempts whose reservation has lapsed as due, each key once', async (store) => {
    const reserve = (key: string, id: string, ms: number) =>
      store.leases.reserve({ scope: 'home', key, id, principal: 'ada' }, term('p1', ms))
    await reserve('k', 'r1', SHORT)
    await reserve('k', 'r2', SHORT)
    await reserve('living', 'r3', LONG)
    const at = await later()
    assert.deepEqual(await store.due(at, 9), [{ scope: 'home', kind: 'reservation', id: 'k' }])
    const { reservations } = await store.leases.getBudget('home', 'k', at)
    assert.deepEqual(
      reservations.map(({ lapsed }) => lapsed),
      [true, true],
    )
    await store.leases.renew(term('p1', LONG, at))
    assert.deepEqual(await store.due(at, 9), [])
  }),
]
