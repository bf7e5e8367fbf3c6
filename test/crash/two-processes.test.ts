import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import type { EntryRecord, FlowRecord, Store, View } from '../../src/index.ts'
import { CrashPlace } from './crash-place.ts'
import { FarHost, killFarHosts } from './far-host.ts'
import { loginOf } from './left-behind.ts'
import { logins } from './mended-service.ts'
import { until } from './until.ts'

const CALLS = 5_000
const place = new CrashPlace()
beforeAll(() => place.prepare())
afterAll(() => place.clear())

describe('two processes on one database', () => {
  let hosts: readonly [FarHost, FarHost]
  /** Looks at the database from a third process. */
  let store: Store
  let path = ''
  let entryId = ''

  beforeEach(async () => {
    path = place.copy('linked')
    hosts = await Promise.all([FarHost.open(path), FarHost.open(path)])
    await both((host) => host.call('load'))
    await both((host) => host.call('tokens'))
    store = sqliteStore(path)
    await store.open()
    entryId = (await entry()).entryId
  })
  afterEach(async () => {
    await both((host) => host.stop()).finally(killFarHosts)
    await store.close()
  })

  const both = <Result>(work: (host: FarHost) => Promise<Result>): Promise<[Result, Result]> =>
    Promise.all([work(hosts[0]), work(hosts[1])])
  const entry = async (): Promise<EntryRecord> => {
    const [only] = (await store.findEntries('default', { limit: 2 })).items
    if (only === undefined) throw new Error('The entry was removed.')
    return only
  }
  const openFlows = async (): Promise<readonly FlowRecord[]> =>
    (await store.findFlows('default', { open: true, limit: 9 })).items
  const history = async (kind: string): Promise<number> =>
    (await store.readAudit('default', entryId, { limit: 999 })).items.filter((row) => row.kind === kind)
      .length
  /** Both lose their login, and notice. */
  const loseLogin = async () => {
    await both((host) => host.call('accept', []))
    return both((host) => host.call('fail', entryId, CALLS))
  }

  /** Makes each host verify its own login of the account, which the service answers at its release. */
  const twoLogins = async (pair: readonly FarHost[], round: number) => {
    const typed = pair.map((_, index) => ({ host: `host-${index}`, token: `token ${index} of ${round}` }))
    const tokens = typed.map(({ token }) => token)
    await both((host) => host.call('accept', tokens))
    for (const host of pair) {
      await host.call('accept', tokens, { held: { connect: 'account' } })
      await host.call('tokens')
    }
    const submit = (index: number, { flowId, revision }: View) =>
      (pair[index] as FarHost).call('submit', flowId, typed[index], revision).then(
        (view) => ({ view, code: null }),
        ({ message }: Error) => ({ view: null, code: message }),
      )
    return { typed, submit, before: (await entry()).credentialRevision }
  }
  const repaired = ({ flowId }: View) => ({ type: 'abort', flowId, reason: 'reauth_successful' })
  /** Returns the login that the entry got in a round, after its only write. */
  const savedOnce = async (round: number, before: number) => {
    const stored = await entry()
    expect(stored.credentialRevision).toBe(before + 1)
    expect(await history('credential_updated')).toBe(round)
    expect(await openFlows()).toEqual([])
    return loginOf(store, stored)
  }

  it('open one flow for 10,000 authentication failures, with at most one probe each', async () => {
    const endings = await loseLogin()

    const [flow, ...more] = await openFlows()
    expect({ flow, more }).toMatchObject({ flow: { source: 'reauth', entryId }, more: [] })
    const told = JSON.stringify({ code: 'REAUTH_REQUIRED', entryId, flowId: flow?.flowId })
    expect(endings).toEqual([{ [told]: CALLS }, { [told]: CALLS }])

    const probes = await both((host) => host.call('tokens'))
    for (const tokens of probes) expect(tokens.length).toBeLessThanOrEqual(1)
    expect(probes.flat().length).toBeGreaterThanOrEqual(1)
    expect(await entry()).toMatchObject({
      revision: 2,
      reauth: { reason: 'invalid_auth' },
      rejectedRevision: 1,
    })
    expect(await history('reauth_required')).toBe(1)
    expect(await history('flow_started')).toBe(1)
  })

  it('repair each other: calls that wait in one continue when the other has the new login', async () => {
    await loseLogin()
    await both((host) => host.call('tokens'))
    await both((host) => host.call('accept', [logins.fresh.token]))
    const waiting = hosts[0].call('wait', entryId, 100)
    expect(await hosts[0].call('list')).toMatchObject([{ state: 'reauth_required' }])
    const [flow] = await openFlows()
    const end = await hosts[1].call('submit', flow?.flowId ?? '', logins.fresh, flow?.revision ?? 0)
    expect(end).toMatchObject({ reason: 'reauth_successful', entryState: 'loaded' })

    expect(await waiting).toEqual(Array.from({ length: 100 }, () => 'pong'))
    const { token } = logins.fresh
    expect(await both((host) => host.call('tokens'))).toEqual([[token], [token]])
    expect(await both((host) => host.call('open'))).toEqual([1, 1])
  })

  it('let one of two submits of a form log in, and show the other its progress', async () => {
    for (let round = 1; round <= 10; round++) {
      const form = await hosts[0].call('start', 'reauth', entryId)
      const { typed, before, submit } = await twoLogins(hosts, round)
      const submits = hosts.map((_, index) => submit(index, form))
      // The login of the first is not answered yet: only the other can have its answer.
      const first = await Promise.race(submits)
      expect(first).toMatchObject({ code: null, view: { type: 'progress', flowId: form.flowId } })
      const asked: string[] = []
      await until(async () => asked.push(...(await both((host) => host.call('tokens'))).flat()) > 0)
      await both((host) => host.call('release'))

      const told = await Promise.all(submits)
      const winner = told.findIndex(({ view }) => view?.type === 'abort')
      expect(told[winner]).toMatchObject({ view: repaired(form) })
      expect(told[1 - winner]).toBe(first)
      expect(await savedOnce(round, before)).toEqual(typed[winner])
      // The other connects with the saved login, and has never used its own.
      const other = hosts[winner === 0 ? 1 : 0]
      const reconnects: string[] = []
      await until(async () => reconnects.push(...(await other.call('tokens'))) > 0)
      await other.call('release')
      asked.push(...reconnects, ...(await both((host) => host.call('tokens'))).flat())
      expect(new Set(asked)).toEqual(new Set([typed[winner]?.token]))
      expect(await both((host) => host.call('use', entryId))).toEqual(['pong', 'pong'])
      expect(await both((host) => host.call('open'))).toEqual([1, 1])
    }
  })

  it('save one of two verified logins, complete, if the lease of the first has lapsed', async () => {
    const later = await FarHost.open(path, 'host-child', 'later')
    await later.call('load')
    for (let round = 1; round <= 10; round++) {
      const form = await hosts[0].call('start', 'reauth', entryId)
      const pair = [hosts[0], later]
      const { typed, before, submit } = await twoLogins(pair, round)
      // Both have verified their login before either saves it: only the database can decide.
      const submits: ReturnType<typeof submit>[] = []
      for (const [index, host] of pair.entries()) {
        submits.push(submit(index, form))
        await until(async () => (await host.call('tokens')).length === 1)
      }
      await Promise.all(pair.map((host) => host.call('release')))

      const told = await Promise.all(submits)
      expect(told[1]).toMatchObject({ view: repaired(form) })
      // The first may still receive the form: its clock does not believe a lease of the other.
      if (told[0]?.code !== null) expect(['STALE_REVISION', 'FLOW_ENDED']).toContain(told[0]?.code)
      else if (told[0].view.type !== 'form') expect(told[0].view).toMatchObject(repaired(form))
      expect(await savedOnce(round, before)).toEqual(typed[1])
      for (const host of [...hosts, later]) {
        expect(await host.call('use', entryId)).toBe('pong')
        expect(await host.call('open')).toBe(1)
      }
    }
    await later.stop()
  })

  it('give the one edit slot to a reconfigure and a reauth that start at once', async () => {
    for (let round = 1; round <= 10; round++) {
      const [reauth, reconfigure] = await Promise.allSettled([
        hosts[0].call('start', 'reauth', entryId),
        hosts[1].call('start', 'reconfigure', entryId),
      ])
      const open = await openFlows()
      expect(open).toMatchObject([{ source: 'reconfigure' }])
      expect(reconfigure).toMatchObject({ status: 'fulfilled', value: { flowId: open[0]?.flowId } })
      // The reauth came first and yielded, or came second and was refused.
      if (reauth.status === 'rejected')
        expect(reauth.reason).toMatchObject({ message: 'ALREADY_IN_PROGRESS' })
      else expect(reauth.value).toMatchObject({ source: 'reauth', type: 'form' })
      await hosts[round % 2 === 0 ? 0 : 1].call('cancel', open[0]?.flowId ?? '')
    }
  })

  it('receive the same flow when they start a reauth at the same time', async () => {
    for (let round = 1; round <= 10; round++) {
      const [first, second] = await both((host) => host.call('start', 'reauth', entryId))
      expect(first.flowId).toBe(second.flowId)
      expect(await openFlows()).toMatchObject([{ flowId: first.flowId }])
      await hosts[0].call('cancel', first.flowId)
    }
  })
})
