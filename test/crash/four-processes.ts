import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createLatchkey, type EntryRecord, type Store, type View } from '../../src/index.ts'
import { entryRecord } from '../../src/testing/store-records.ts'
import { FarHost, killFarHosts } from './far-host.ts'
import { loginOf } from './left-behind.ts'
import { logins, mendedService } from './mended-service.ts'
import { openStoreAt } from './store-at.ts'
import { until } from './until.ts'

const PROCESSES = 4
/** The number of rejected credentials of new links that a scope may have. */
const BUDGET = 20
/** The time until another process can continue the work of one that no longer answers, in milliseconds. */
const LEASE = 15_000
const FILL = 500

/** The tests of four processes on one new database. `make` returns a place for `openStoreAt`. */
export function describeFourProcesses(name: string, make: () => Promise<string>, entries: number): void {
  describe(`four processes on ${name}`, () => {
    let hosts: readonly FarHost[] = []
    /** Looks at the database from a further process. */
    let store: Store
    let entryId = ''

    beforeEach(async () => {
      const place = await make()
      const service = mendedService()
      const latchkey = await createLatchkey({
        integrations: [service.integration],
        store: openStoreAt(place),
      })
      const form = await latchkey.flows.start({ domain: 'scripted', source: 'user' })
      entryId = (await latchkey.flows.submit(form.flowId, logins.old, form)).entryId ?? ''
      await latchkey.stop()
      hosts = await Promise.all(Array.from({ length: PROCESSES }, () => FarHost.open(place)))
      store = openStoreAt(place)
      await store.open()
    })
    afterEach(async () => {
      await Promise.all(hosts.map((host) => host.stop())).finally(killFarHosts)
      await store.close()
    })

    const each = <Result>(work: (host: FarHost, at: number) => Promise<Result>) =>
      Promise.all(hosts.map(work))
    const host = (at: number): FarHost => hosts[at] as FarHost
    /** The logins at the service since the last call. */
    const newLogins = async () => (await each((one) => one.call('tokens'))).flat()
    const entry = async (): Promise<EntryRecord> => {
      const found = await store.getEntry('default', entryId)
      if (found === undefined) throw new Error('The entry was removed.')
      return found
    }

    it('log in once for a form that is submitted to each of them', async () => {
      for (let round = 1; round <= 5; round++) {
        const form = await host(round % PROCESSES).call('start', 'reauth', entryId)
        const login = { host: `host-${round}`, token: `token ${round}` }
        await newLogins()
        await each((one) => one.call('accept', [login.token], { held: { connect: 'account' } }))
        const submits = hosts.map((one) => one.call('submit', form.flowId, login, form.revision))
        const told: (View | Error)[] = []
        for (const submit of submits)
          void submit.then(
            (view) => told.push(view),
            (error: Error) => told.push(error),
          )
        // One waits for the service. The others show that it does.
        await until(() => told.length === PROCESSES - 1)
        for (const one of told) expect(one).toMatchObject({ type: 'progress', flowId: form.flowId })
        const asked: string[] = []
        await until(async () => asked.push(...(await newLogins())) > 0)
        await each((one) => one.call('release'))
        const views = await Promise.all(submits)
        expect(views.filter(({ type }) => type === 'abort')).toMatchObject([{ reason: 'reauth_successful' }])
        expect([...asked, ...(await newLogins())]).toEqual([login.token])
        expect(await loginOf(store, await entry())).toEqual(login)
        for (const view of await each((one) => one.call('get', form.flowId))) {
          expect(view).toMatchObject({ type: 'abort', reason: 'reauth_successful' })
        }
        // A loaded entry would connect with the next login, too.
        await each((one) => one.call('unload', entryId))
      }
    })

    it('together send as many wrong logins as the budget allows', async () => {
      const forms = await each((one) =>
        Promise.all(Array.from({ length: BUDGET }, () => one.call('start', 'user', ''))),
      )
      await newLogins()
      await each((one, at) =>
        Promise.all(
          (forms[at] ?? []).map((form) => one.call('submit', form.flowId, logins.wrong, form.revision)),
        ),
      )
      expect(await newLogins()).toHaveLength(BUDGET)
      const attempts = await store.getAttempts('default', 'domain:scripted')
      expect(attempts?.failures).toHaveLength(BUDGET)
    })

    it(`open one flow for each of ${entries} entries that lose their credential at once`, async () => {
      const ids = Array.from({ length: entries }, (_, at) => `lost-${at}`)
      for (let from = 0; from < entries; from += FILL) {
        const records = await Promise.all(ids.slice(from, from + FILL).map((id) => linked(store, id)))
        await store.apply(
          'default',
          records.map((record) => ({ put: 'entry', record, ifRevision: 0 }) as const),
        )
      }
      await each((one) => one.call('accept', []))
      const told = await each((one) => one.call('failEach', ids))
      const flows = new Map<string, string>()
      for (let after: { after?: string } = {}; ; ) {
        const page = await store.findFlows('default', { open: true, limit: FILL, ...after })
        for (const flow of page.items) {
          expect(flows.has(flow.entryId ?? '')).toBe(false)
          flows.set(flow.entryId ?? '', flow.flowId)
        }
        if (page.next === null) break
        after = { after: page.next }
      }
      expect(flows.size).toBe(entries)
      for (const answers of told) expect(answers).toEqual(ids.map((id) => flows.get(id)))
    })

    it('ignore a process that was paused for longer than its lease', async () => {
      const form = await host(0).call('start', 'reauth', entryId)
      const late = { host: 'late.example', token: 'late token' }
      const next = { host: 'next.example', token: 'next token' }
      await each((one) => one.call('accept', [late.token, next.token]))
      await host(0).call('accept', [late.token, next.token], { held: { connect: 'account' } })
      await newLogins()
      const submit = host(0)
        .call('submit', form.flowId, late, form.revision)
        .then(
          (view): View | string => view,
          (error: Error) => error.message,
        )
      await until(async () => (await host(0).call('tokens')).length === 1)
      host(0).signal('SIGSTOP')
      const begun = performance.now()
      await until(async () => (await host(1).call('get', form.flowId)).type === 'form')
      expect(performance.now() - begun).toBeGreaterThan(LEASE / 2)
      expect(performance.now() - begun).toBeLessThan(LEASE * 2)
      const end = await host(1).call('submit', form.flowId, next, form.revision)
      expect(end).toMatchObject({ type: 'abort', reason: 'reauth_successful' })
      const newer = await entry()
      const rows = await store.readAudit('default', null, { limit: 999 })

      host(0).signal('SIGCONT')
      await host(0).call('release')
      const told = await submit
      if (typeof told === 'string') expect(['STALE_REVISION', 'FLOW_ENDED']).toContain(told)
      else expect(told).toMatchObject({ type: 'abort', reason: 'reauth_successful' })
      expect(await entry()).toEqual(newer)
      expect(await loginOf(store, newer)).toEqual(next)
      expect(await store.readAudit('default', null, { limit: 999 })).toEqual(rows)
      expect(await host(0).call('use', entryId)).toBe('pong')
    })
  })
}

/** An entry with a credential that once worked. */
async function linked(store: Store, entryId: string): Promise<EntryRecord> {
  const data = { host: 'old.example' }
  const context = {
    purpose: 'entry',
    scope: 'default',
    id: entryId,
    domain: 'scripted',
    uniqueId: entryId,
    data,
  } as const
  const sealed = (await store.cipher?.seal(JSON.stringify({ token: `token of ${entryId}` }), context)) ?? ''
  return entryRecord({ scope: 'default', entryId, domain: 'scripted', uniqueId: entryId, data, sealed })
}
