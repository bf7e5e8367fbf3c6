import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey } from '../../src/index.ts'
import { type Change, changes, partsOf } from './changes.ts'
import { CrashPlace } from './crash-place.ts'
import { killAtEach } from './kill-series.ts'
import { laterClock } from './later-clock.ts'
import { type LeftRows, leftRows } from './left-rows.ts'

const place = new CrashPlace()
let killed = 0
beforeAll(() => place.prepare())
afterAll(() => {
  place.clear()
  process.stdout.write(`changes: killed at ${killed} points\n`)
})

const linked = 'account v1 old token old.example at 1, 1'
const [old, fresh] = ['v1 old token old.example', 'v1 fresh token fresh.example']
const ignored = 'found v1 at 1, 1; ignored'
const left = (
  entries: string | readonly string[],
  flow: string | readonly string[] | null = null,
  ...history: readonly string[]
): LeftRows => ({
  entries: typeof entries === 'string' ? [entries] : entries,
  flows: flow === null ? [] : [flow].flat().sort(),
  history: ['entry_created', ...history],
})
const nothing = { entries: [], flows: [], history: [] }
const undone = ['flow_started', 'credential_updated', 'credential_restored']
const again = [...undone, 'credential_updated']

/** All that may be found after a kill: what each commit leaves, and nothing between two of them. */
const milestones: Readonly<Record<keyof typeof changes, readonly LeftRows[]>> = {
  migration: [
    left(linked),
    left(`account v2 https://old.example old token at 2, 1; was ${old}`, null, 'entry_migrated'),
    left('account v2 https://old.example old token at 3, 1', null, 'entry_migrated'),
  ],
  'a reconfiguration that is undone and tried again': [
    left(linked),
    left(linked, 'reconfigure reconfigure 1', 'flow_started'),
    left(`account ${fresh} at 2, 2; was ${old}`, 'reconfigure reconfigure 2', ...undone.slice(0, 2)),
    left(
      `account ${fresh} at 3, 2; was ${old}; failed with cannot_connect`,
      'reconfigure reconfigure 2',
      ...undone.slice(0, 2),
    ),
    left(`account ${old} at 4, 3`, 'reconfigure reconfigure 3', ...undone),
    left(`account ${old} at 4, 3`, 'reconfigure reconfigure 4 cannot_connect', ...undone),
    left(`account ${fresh} at 5, 4; was ${old}`, 'reconfigure reconfigure 5 cannot_connect', ...again),
    left(`account ${fresh} at 6, 4`, 'reconfigure reconfigure 5 cannot_connect', ...again),
    left(`account ${fresh} at 6, 4`, 'reconfigure abort 6 reconfigure_successful', ...again, 'flow_finished'),
  ],
  'a replacement': [
    left(linked),
    left(linked, 'replace replace 1', 'flow_started'),
    left(linked, 'replace replace_confirm 2', 'flow_started'),
    left(`other ${fresh} at 2, 2`, 'replace abort 3 replace_successful', 'flow_started', 'account_replaced'),
  ],
  'a reconfiguration with a follow-up flow': [
    left(linked),
    left(linked, 'reconfigure reconfigure 1', 'flow_started'),
    left(`account ${fresh} at 2, 2`, 'reconfigure abort 2 reconfigure_successful', ...undone.slice(0, 2)),
    left(
      `account ${fresh} at 2, 2`,
      ['reconfigure abort 2 reconfigure_successful', 'options init 1'],
      ...undone.slice(0, 2),
      'flow_started',
    ),
    left(
      `account ${fresh} at 2, 2`,
      ['reconfigure abort 3 reconfigure_successful', 'options init 1'],
      ...undone.slice(0, 2),
      'flow_started',
    ),
  ],
  options: [
    left(linked),
    left(linked, 'options init 1', 'flow_started'),
    left(
      'account v1 old token old.example at 2, 1; {"every":5}',
      'options abort 2 options_successful',
      'flow_started',
      'options_changed',
    ),
  ],
  discovery: [
    left(linked),
    left(linked, 'discovery discovery_confirm 1'),
    left([linked, ignored], 'discovery abort 2 ignored', 'entry_ignored'),
    left(
      ['account v1 old token old.example at 2, 1; may be at fresh.example', ignored],
      'discovery abort 2 ignored',
      'entry_ignored',
      'address_proposed',
    ),
  ],
  'an address that is followed': [
    left(linked),
    left('account v1 old token old.example at 2, 1; may be at fresh.example'),
    left('account v1 old token old.example at 3, 1; may be at fresh.example; failed with cannot_connect'),
    left('account v1 fresh.example old token at 4, 2', null, 'address_followed'),
  ],
  import: [nothing, left(`account ${fresh} at 1, 1`, 'import create_entry 1')],
}

/** The final values of the entry after any interruption. */
const endings: Readonly<Record<keyof typeof changes, string>> = {
  migration: 'account v2 https://old.example old token at',
  'a reconfiguration that is undone and tried again': `account ${fresh} at`,
  'a replacement': `other ${fresh} at`,
  'a reconfiguration with a follow-up flow': `account ${fresh} at`,
  options: `account ${old} at`,
  discovery: `account ${fresh} at`,
  'an address that is followed': 'account v1 fresh.example old token at',
  import: `account ${fresh} at`,
}

describe('a process that is killed', () => {
  it.each(Object.keys(changes) as (keyof typeof changes)[])(
    'at every statement of %s leaves whole records, and a flow that can be finished',
    async (story) => {
      const change: Change = changes[story]
      const known = milestones[story].map((milestone) => JSON.stringify(milestone))
      const found = new Set<number>()
      const look = async (path: string, where: string) => {
        const rows = await leftRows(path)
        const milestone = known.indexOf(JSON.stringify(rows))
        if (milestone < 0) expect({ where, rows }).toEqual({ where, rows: 'what some commit leaves' })
        found.add(milestone)
        await finish(path, change, endings[story].split(' ')[0])
        const after = await leftRows(path)
        const [entry] = after.entries
        expect({ where, entry }).toEqual({ where, entry: expect.stringContaining(endings[story]) })
        expect(entry).not.toMatch(/was|may be/)
        place.drop(path)
      }
      const copy = () => place.copy(change.on)
      killed += await killAtEach({ child: 'change-child', story, at: 'statement', place: copy, look })
      expect([...found].sort()).toEqual(known.map((_, index) => index))
    },
  )
})

/** Starts a host on the remaining database, and continues. */
async function finish(path: string, change: Change, uniqueId: string | undefined): Promise<void> {
  const { service, integration } = partsOf(change)
  const latchkey = await createLatchkey({
    integrations: [integration],
    store: sqliteStore(path),
    clock: laterClock,
  })
  try {
    await latchkey.start()
    expect((await latchkey.flows.list()).items.length).toBeLessThanOrEqual(1)
    await change.finish({ latchkey, service })
    expect((await latchkey.entries.list()).items).toMatchObject([{ state: 'loaded', uniqueId }])
    expect((await latchkey.flows.list()).items).toEqual([])
    expect(await latchkey.attention.list()).toEqual([])
    expect(service.open).toBe(1)
  } finally {
    await latchkey.stop()
  }
  expect(service.open).toBe(0)
}
