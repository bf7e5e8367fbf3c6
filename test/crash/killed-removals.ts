import { expect } from '@jest/globals'
import { createLatchkey, type EntryRecord, type Store } from '../../src/index.ts'
import { HandJobs } from '../engine/hand-jobs.ts'
import { InformedService } from './informed-service.ts'
import { killAtEach } from './kill-series.ts'
import { laterClock } from './later-clock.ts'
import { logins } from './mended-service.ts'
import { openStoreAt } from './store-at.ts'

/** All that a kill can leave: the rows, and how often the service was informed. */
const milestones = [
  'the entry, informed 0 times',
  'waiting, attempt 0, informed 0 times',
  'findingOwner, attempt 1, informed 0 times',
  'findingOwner, attempt 1, informed 1 times',
  'nothing, informed 1 times',
]

/** The places of processes that remove an entry. */
export interface Removing {
  /** The script of the process. */
  readonly child: string
  /** Stores what the services know. */
  readonly folder: string
  /** Returns a database with an entry, for {@link openStoreAt}. */
  readonly place: () => string | Promise<string>
  readonly drop?: (place: string) => void
}

/** Links the account that is removed. */
export async function linkAt(place: string): Promise<void> {
  const { integration } = new InformedService('', place)
  const { flows, stop } = await createLatchkey({ integrations: [integration], store: openStoreAt(place) })
  const form = await flows.start({ domain: 'scripted', source: 'user' })
  await flows.submit(form.flowId, logins.old, form)
  await stop()
}

/**
 * Kills a process before and after each write of a removal, and before and after its service is informed. Then another
 * process continues. @returns how many died
 */
export async function killRemovals({ child, folder, place, drop }: Removing): Promise<number> {
  const found = new Set<string>()
  const look = async (at: string, where: string) => {
    const store = openStoreAt(at)
    await store.open()
    const { informed } = new InformedService(folder, at)
    const left = `${await leftIn(store)}, informed ${informed.length} times`
    await store.close()
    if (!milestones.includes(left))
      expect({ where, left }).toEqual({ where, left: 'what some commit leaves' })
    found.add(left)
    await finish(at, folder)
    drop?.(at)
  }
  const killed = await killAtEach({ child, story: folder, at: 'write', place, look })
  expect([...found].sort()).toEqual([...milestones].sort())
  return killed
}

/** The entry, or the step of its removal, whose values are encrypted. */
async function leftIn(store: Store): Promise<string> {
  const rows = await rowsIn(store)
  expect(JSON.stringify(rows)).not.toContain(logins.old.token)
  const [[entry], [removal]] = rows
  if (entry !== undefined) {
    expect(removal).toBeUndefined()
    return 'the entry'
  }
  if (removal === undefined) return 'nothing'
  const { step, attempts, sealed } = removal.content
  expect(sealed).toEqual(expect.any(String))
  return `${step}, attempt ${attempts}`
}

async function rowsIn(store: Store) {
  const query = { limit: 9 }
  return [
    (await store.findEntries('default', query)).items,
    (await store.removals.list('default', query)).items,
    (await store.findFlows('default', query)).items,
    (await store.readAudit('default', null, query)).items,
  ] as const
}

/** Another process removes the entry if that was not saved, and informs the service if that was not noted. */
async function finish(place: string, folder: string): Promise<void> {
  const service = new InformedService(folder, place)
  const before = service.informed.length
  const store = openStoreAt(place)
  const jobs = new HandJobs()
  const options = { store, jobs, clock: laterClock, connect: 'lazy' } as const
  const { entries, start, stop } = await createLatchkey({ ...options, integrations: [service.integration] })
  try {
    await start()
    const [[entry], [removal]] = await rowsIn(store)
    const sealed = (entry as EntryRecord | undefined)?.sealed ?? removal?.content.sealed
    if (entry !== undefined) await entries.remove(entry.entryId)
    await jobs.turn('inform_services')
    while ((await store.removals.list('default', { limit: 1 })).items.length > 0)
      await new Promise((resolve) => setTimeout(resolve, 5))
    // At least once: a process that died before it noted the call makes another one.
    const isOver = sealed === undefined
    expect(service.informed).toEqual(
      Array.from({ length: before + (isOver ? 0 : 1) }, () => logins.old.token),
    )
    expect(service.informed.length).toBeGreaterThan(0)
    const rows = await rowsIn(store)
    expect(rows.slice(0, 2)).toEqual([[], []])
    if (!isOver) expect(JSON.stringify(rows)).not.toContain(sealed)
  } finally {
    await stop()
  }
}
