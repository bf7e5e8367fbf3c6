import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey, type Latchkey } from '../../src/index.ts'
import { CrashPlace } from './crash-place.ts'
import { killAtEach, killsAtAll } from './kill-series.ts'
import { laterClock } from './later-clock.ts'
import { type LeftBehind, leftBehind, loginOf } from './left-behind.ts'
import { logins, mendedService } from './mended-service.ts'

const place = new CrashPlace()
let killed = 0
beforeAll(() => place.prepare())
afterAll(() => {
  place.clear()
  process.stdout.write(`killed at ${killed} points\n`)
})

interface Story {
  readonly story: string
  readonly source: 'user' | 'reauth' | 'reconfigure'
  readonly on: 'empty' | 'linked'
  /** All that may be found after a kill: what each commit leaves, and nothing between two of them. */
  readonly milestones: readonly LeftBehind[]
}

const nothing: LeftBehind = {
  entries: 0,
  login: null,
  revisions: null,
  need: null,
  rejected: null,
  flows: [],
  history: [],
  refused: 0,
}
const linked: LeftBehind = {
  ...nothing,
  entries: 1,
  login: logins.old,
  revisions: [1, 1],
  history: ['entry_created'],
}
const needy: LeftBehind = {
  ...linked,
  revisions: [2, 1],
  need: 'invalid_auth',
  rejected: 1,
  history: ['entry_created', 'reauth_required', 'flow_started'],
}
const mended: LeftBehind = { ...linked, login: logins.fresh, revisions: [3, 2] }
const reconfiguring = [...needy.history, 'flow_started']

const stories: readonly Story[] = [
  {
    story: 'user',
    source: 'user',
    on: 'empty',
    milestones: [
      nothing,
      { ...nothing, flows: [['user', 1, null]] },
      { ...nothing, flows: [['user', 2, 'invalid_auth']], refused: 1 },
      { ...linked, login: logins.fresh, flows: [['create_entry', 3, null]] },
    ],
  },
  {
    story: 'reauth',
    source: 'reauth',
    on: 'linked',
    milestones: [
      linked,
      { ...needy, flows: [['reauth_confirm', 1, null]] },
      {
        ...needy,
        flows: [['reauth_confirm', 2, 'invalid_auth']],
        history: [...needy.history, 'flow_rejected'],
        refused: 1,
      },
      {
        ...mended,
        flows: [['abort', 3, 'reauth_successful']],
        history: [...needy.history, 'flow_rejected', 'credential_updated'],
      },
    ],
  },
  {
    story: 'challenge',
    source: 'reauth',
    on: 'linked',
    milestones: [
      linked,
      { ...needy, flows: [['reauth_confirm', 1, null]] },
      { ...needy, flows: [['challenge', 2, null]] },
      {
        ...mended,
        flows: [['abort', 3, 'reauth_successful']],
        history: [...needy.history, 'credential_updated'],
      },
    ],
  },
  {
    // A new link repairs the entry. The reauthentication ends in the write that saves the credential.
    story: 'repair',
    source: 'reauth',
    on: 'linked',
    milestones: [
      linked,
      { ...needy, flows: [['reauth_confirm', 1, null]] },
      {
        ...mended,
        flows: [['abort', 2, 'reauth_successful']],
        history: [...needy.history, 'credential_updated'],
      },
    ],
  },
  {
    story: 'reconfigure',
    source: 'reconfigure',
    on: 'linked',
    milestones: [
      linked,
      needy,
      { ...needy, flows: [['reconfigure', 1, null]], history: reconfiguring },
      {
        ...needy,
        flows: [['reconfigure', 2, 'invalid_auth']],
        history: [...reconfiguring, 'flow_rejected'],
        refused: 1,
      },
      {
        ...mended,
        flows: [['abort', 3, 'reconfigure_successful']],
        history: [...reconfiguring, 'flow_rejected', 'credential_updated'],
      },
    ],
  },
]

const series = [
  { story: 'reauth', at: 'await' },
  { story: 'reauth', at: 'statement' },
  { story: 'user', at: 'await' },
  { story: 'user', at: 'statement' },
  { story: 'challenge', at: 'statement' },
  { story: 'reconfigure', at: 'statement' },
  { story: 'repair', at: 'statement' },
]

describe('a process that is killed', () => {
  it.each(series)(
    'at every $at of a $story leaves the old or the new, whole, and a flow that can be finished',
    async ({ story, at }) => {
      const { on, source, milestones } = storyOf(story)
      const found = new Set<number>()
      const look = async (path: string, where: string) => {
        const left = await leftBehind(path, source)
        const milestone = milestones.findIndex((known) => sameAs(known, left))
        if (milestone < 0) expect({ where, left }).toEqual({ where, left: 'what some commit leaves' })
        found.add(milestone)
        await finish(path, left, storyOf(story))
        place.drop(path)
      }
      killed += await killAtEach({ child: 'kill-child', story, at, place: () => place.copy(on), look })
      // A few awaits may miss the milestone of a commit.
      if (at !== 'await' || killsAtAll) expect([...found].sort()).toEqual(milestones.map((_, index) => index))
    },
  )
})

function storyOf(name: string): Story {
  const found = stories.find(({ story }) => story === name)
  if (found === undefined) throw new Error(`There is no story of a ${name}.`)
  return found
}

const sameAs = (known: LeftBehind, left: LeftBehind): boolean =>
  JSON.stringify(known) === JSON.stringify({ ...left, login: sorted(left.login) })

/** Logins are compared by their text. */
const sorted = (login: unknown): unknown =>
  login === null ? null : Object.fromEntries(Object.entries(login as object).sort())

/** Starts a host on the remaining database, with a service that accepts only the new login, and acts as the user. */
async function finish(path: string, left: LeftBehind, { source }: Story): Promise<void> {
  const service = mendedService(logins.fresh.token)
  const store = sqliteStore(path)
  const latchkey = await createLatchkey({ integrations: [service.integration], store, clock: laterClock })
  try {
    await latchkey.start()
    for (const { flowId, source: other } of (await latchkey.flows.list()).items)
      if (other === 'user' && source !== 'user') await latchkey.flows.cancel(flowId)
    const open = await latchkey.flows.list()
    expect(open.items.length).toBeLessThanOrEqual(1)
    const wasDone = JSON.stringify(left.login) === JSON.stringify(logins.fresh)
    if (!wasDone) await mend(latchkey, source)
    const { items } = await latchkey.entries.list()
    expect(items).toMatchObject([{ state: 'loaded', reauth: null, uniqueId: 'account' }])
    expect(await latchkey.flows.list()).toMatchObject({ items: [] })
    expect(await latchkey.attention.list()).toEqual([])
    const entryId = items[0]?.entryId ?? ''
    expect(await latchkey.entries.use(service.integration, entryId, (client) => client.ping())).toBe('pong')
    expect(service.open).toBe(1)
    const stored = await store.getEntry('default', entryId)
    expect(stored && (await loginOf(store, stored))).toEqual(logins.fresh)
    // What the service has refused once is not tried again by itself.
    const tries = service.connects.map(({ token }) => token)
    const expected = left.rejected === null && left.need === null && left.entries > 0 && !wasDone
    expect(tries).toEqual(expected ? [logins.old.token, logins.fresh.token] : [logins.fresh.token])
  } finally {
    await latchkey.stop()
  }
  expect(service.open).toBe(0)
}

async function mend(latchkey: Latchkey, source: Story['source']): Promise<void> {
  const waiting = (await latchkey.flows.list()).items[0]
  const [entry] = (await latchkey.entries.list()).items
  const request =
    source === 'user' ? { domain: 'scripted', source } : { source, entryId: entry?.entryId ?? '' }
  const form = waiting?.source === source ? waiting : await latchkey.flows.start(request)
  expect(form).toMatchObject({ type: 'form', source })
  const atChallenge = form.type === 'form' && form.step === 'challenge'
  const end = await latchkey.flows.submit(form.flowId, atChallenge ? { code: '654321' } : logins.fresh, form)
  expect(end).toMatchObject({ success: true, entryId: expect.any(String) })
}
