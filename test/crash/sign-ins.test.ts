import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey } from '../../src/index.ts'
import { CrashPlace } from './crash-place.ts'
import { killAtEach } from './kill-series.ts'
import { KilledShop, typed } from './killed-shop.ts'
import { laterClock } from './later-clock.ts'

const place = new CrashPlace()
const folder = mkdtempSync(join(tmpdir(), 'latchkey-redeemed-'))
beforeAll(() => place.prepare())
afterAll(() => {
  place.clear()
  rmSync(folder, { recursive: true })
})

/** All that a kill can leave: the step of the flow, that of its sign-in, and how many codes were redeemed. */
const milestones = [
  'nothing, 0 redeemed',
  'user, 0 redeemed',
  'authorize, 0 redeemed',
  'authorize redirected, 0 redeemed',
  'authorize exchangingCode, 0 redeemed',
  'authorize exchangingCode, 1 redeemed',
  'user page 2, 1 redeemed',
  'create_entry, 1 redeemed',
]

/** The row that a process has left. */
async function leftIn(path: string): Promise<string> {
  const store = sqliteStore(path)
  await store.open()
  const flows = await store.findFlows('default', { limit: 9 })
  const rows = JSON.stringify([flows, await store.findEntries('default', { limit: 9 })])
  await store.close()
  expect(rows).not.toMatch(`${typed.key}|${typed.token}`)
  const [flow] = flows.items
  if (flow === undefined) return 'nothing'
  const { page, authorization } = flow.context as { page?: number; authorization?: { step: string } }
  const isAtChoice = flow.step === 'user' && page === 2
  return [flow.step, ...(isAtChoice ? ['page 2'] : []), ...(authorization ? [authorization.step] : [])].join(
    ' ',
  )
}

describe('a process that is killed around a sign-in', () => {
  it('leaves a flow that can be finished, and redeems no code twice', async () => {
    const found = new Set<string>()
    const look = async (path: string, where: string) => {
      const shop = new KilledShop(folder, path)
      const left = `${await leftIn(path)}, ${shop.redeemed.length} redeemed`
      if (!milestones.includes(left)) expect({ where, left }).toEqual({ where, left: 'what a commit leaves' })
      found.add(left)
      await finish(path, shop)
      place.drop(path)
    }
    await killAtEach({
      child: 'sign-in-child',
      story: folder,
      at: 'write',
      place: () => place.copy('empty'),
      look,
    })
    expect([...found].sort()).toEqual([...milestones].sort())
  })
})

/** Another process continues as the user does. */
async function finish(path: string, shop: KilledShop): Promise<void> {
  const { integration } = shop
  const options = { store: sqliteStore(path), clock: laterClock }
  const latchkey = await createLatchkey({ integrations: [integration], ...options })
  try {
    const [open] = (await latchkey.flows.list()).items
    const isLinked = (await latchkey.entries.list()).items.length > 0
    if (!isLinked)
      await shop.link(latchkey, open ?? (await latchkey.flows.start({ domain: 'shop', source: 'user' })))
    const { items } = await latchkey.entries.list()
    expect(items).toHaveLength(1)
    expect((await latchkey.flows.list()).items).toEqual([])
    const values = await latchkey.entries.use(integration, items[0]?.entryId ?? '', (client) => client)
    const { redeemed } = shop
    const { key, token, ...plain } = values
    expect({ ...plain, key: key.reveal(), token: token.reveal() }).toEqual({
      ...typed,
      token: `${typed.token}${redeemed.at(-1)}`,
    })
    expect(new Set(redeemed).size).toBe(redeemed.length)
  } finally {
    await latchkey.stop()
  }
}
