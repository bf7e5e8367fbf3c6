import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { memoryPlace } from '../../../src/adapters/memory/memory-place.ts'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import type { Store } from '../../../src/ports/store.ts'
import { addEntry, afterLeases, atRest, type Host, loseCredential, makeHost, openForm } from '../host.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-several-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0

const valid = { host: 'h', token: 'good' }

/** Opens stores on the same rows, like those of several processes. */
const places: readonly (readonly [string, () => () => Store])[] = [
  [
    'memory',
    () => {
      const place = memoryPlace()
      return () => memoryStore(place)
    },
  ],
  [
    'SQLite',
    () => {
      const file = join(folder, `${++files}.db`)
      return () => sqliteStore(file)
    },
  ],
]

describe.each(places)('several processes over %s', (_, place) => {
  /** Starts processes on the same rows. They share the service and the clock. */
  async function start(count: number): Promise<readonly Host[]> {
    const store = place()
    const first = await makeHost({ store: store() })
    const hosts = [first]
    while (hosts.length < count) hosts.push(await first.again({ store: store() }))
    return hosts
  }

  it('make one login of the same input', async () => {
    const hosts = await start(4)
    const [{ service, latchkey }] = hosts as [Host]
    service.accounts.set('good', 'ann')
    const { flowId, revision } = await openForm(latchkey)
    const views = await Promise.all(
      hosts.map((host) => host.latchkey.flows.submit(flowId, valid, { revision })),
    )
    expect(views.map(({ type }) => type).sort()).toEqual(['create_entry', 'progress', 'progress', 'progress'])
    expect(service.connects).toHaveLength(1)
    expect(service.open).toBe(1)
    for (const host of hosts)
      expect(await host.latchkey.flows.get(flowId)).toMatchObject({ type: 'create_entry' })
  })

  it('show the progress of a flow that another process works on, and do not supersede it', async () => {
    const [one, two] = (await start(2)) as [Host, Host]
    const entryId = await addEntry(one)
    const { flowId, revision } = await loseCredential(one, entryId)
    one.service.script({ held: { connect: 'ann' } })
    const submit = one.latchkey.flows.submit(flowId, { token: 'new' }, { revision })
    await atRest()
    const progress = { type: 'progress', step: 'working', flowId, revision }
    expect(await two.latchkey.flows.get(flowId)).toMatchObject(progress)
    expect((await two.latchkey.flows.list()).items.find((flow) => flow.flowId === flowId)).toMatchObject(
      progress,
    )
    expect(await two.latchkey.flows.submit(flowId, { token: 'new' }, { revision })).toMatchObject(progress)
    const other = two.latchkey.flows.start({ source: 'reconfigure', entryId })
    await expect(other).rejects.toMatchObject({ code: 'ALREADY_IN_PROGRESS' })
    expect(await two.latchkey.flows.start({ source: 'reauth', entryId })).toMatchObject(progress)
    one.service.release()
    expect(await submit).toMatchObject({ reason: 'reauth_successful' })
    expect(await two.latchkey.flows.get(flowId)).toMatchObject({ reason: 'reauth_successful' })
  })

  it('do not end a flow that another process works on when its time is up', async () => {
    const [one, two] = (await start(2)) as [Host, Host]
    await two.latchkey.start()
    const { flowId, revision } = await openForm(one.latchkey)
    one.service.script({ held: { connect: 'ann' } })
    one.clock.increment(30 * 60_000 - 5)
    const submit = one.latchkey.flows.submit(flowId, valid, { revision })
    await atRest()
    for (let second = 0; second < 24; second++) await two.pass(1_000)
    one.service.release()
    expect(await submit).toMatchObject({ type: 'create_entry' })
    expect((await two.latchkey.entries.list()).items).toHaveLength(1)
    await two.latchkey.stop()
  })

  it('make 20 logins together if a budget allows 20', async () => {
    const hosts = await start(4)
    const [{ service, latchkey }] = hosts as [Host]
    const forms = []
    for (let count = 0; count < 40; count++) forms.push(await openForm(latchkey))
    const views = Promise.all(
      forms.map(({ flowId, revision }, number) => {
        const host = hosts[number % hosts.length] as Host
        return host.latchkey.flows.submit(flowId, { host: 'h', token: 'bad' }, { revision })
      }),
    )
    let isDone = false
    void views.finally(() => {
      isDone = true
    })
    while (!isDone) await (hosts[0] as Host).pass(250)
    const codes = (await views).map((view) => ('errors' in view ? view.errors?.base?.code : view.type))
    expect(codes.filter((code) => code === 'invalid_auth')).toHaveLength(20)
    expect(codes.filter((code) => code === 'rate_limited')).toHaveLength(20)
    expect(service.connects).toHaveLength(20)
  })

  it('continue the flow of a process that has ended, and count its login as refused', async () => {
    const [one, two] = (await start(2)) as [Host, Host]
    const entryId = await addEntry(one)
    const { flowId, revision } = await loseCredential(one, entryId)
    one.service.script({ held: { connect: 'ann' } })
    const lost = one.latchkey.flows.submit(flowId, { token: 'new' }, { revision })
    await atRest()
    const later = await afterLeases(two)
    expect(await later.latchkey.flows.get(flowId)).toMatchObject({
      type: 'form',
      step: 'reauth_confirm',
      revision,
    })
    await later.latchkey.start()
    await later.pass(11_000)
    const attempts = await later.store.getAttempts('default', `entry:${entryId}`)
    expect(attempts?.failures).toMatchObject([{ code: 'invalid_auth', principal: 'host' }])
    later.service.accounts.set('new', 'ann')
    const view = await later.latchkey.flows.submit(flowId, { token: 'new' }, { revision })
    expect(view).toMatchObject({ reason: 'reauth_successful' })
    const before = await later.store.getEntry('default', entryId)
    one.service.release()
    expect(await lost).toMatchObject({ reason: 'reauth_successful' })
    expect(await later.store.getEntry('default', entryId)).toEqual(before)
    await later.latchkey.stop()
  })

  it('take a flow over from a paused process, which then closes its connection and writes nothing', async () => {
    const [one, two] = (await start(2)) as [Host, Host]
    const { flowId, revision } = await openForm(one.latchkey)
    one.service.script({ held: { connect: 'ann' } })
    const steps: string[] = []
    one.latchkey.on('transition', ({ event }) => void steps.push(event))
    const paused = one.latchkey.flows.submit(flowId, valid, { revision })
    await atRest()
    const later = await afterLeases(two)
    later.service.script({ held: { connect: 'ann' } })
    const taken = later.latchkey.flows.submit(flowId, valid, { revision })
    await atRest()
    await one.pass(5_000)
    expect(await paused).toMatchObject({ type: 'progress', step: 'working' })
    expect(steps).toContain('leaseLost')
    one.service.release()
    expect(await taken).toMatchObject({ type: 'create_entry' })
    await atRest()
    expect((await later.latchkey.entries.list()).items).toHaveLength(1)
    expect(one.service).toMatchObject({ open: 1, disposed: 1 })
  })

  it('shows the form again if no process has taken the flow over', async () => {
    const [one, two] = (await start(2)) as [Host, Host]
    const { flowId, revision } = await openForm(one.latchkey)
    one.service.script({ held: { connect: 'ann' } })
    const submit = one.latchkey.flows.submit(flowId, valid, { revision })
    await atRest()
    const later = await afterLeases(two)
    // It claims the flow, refuses the input, and ends the claim.
    await later.latchkey.flows.submit(flowId, { host: 'h' }, { revision })
    await one.pass(5_000)
    await expect(submit).rejects.toMatchObject({ code: 'STALE_REVISION', view: { type: 'form' } })
    one.service.release()
    await atRest()
    expect(one.service).toMatchObject({ open: 0, disposed: 1 })
  })

  it('end the work of another process with the entry', async () => {
    const [one, two] = (await start(2)) as [Host, Host]
    const entryId = await addEntry(one)
    const { flowId, revision } = await loseCredential(one, entryId)
    one.service.script({ held: { connect: 'ann' } })
    const submit = one.latchkey.flows.submit(flowId, { token: 'new' }, { revision })
    await atRest()
    await two.latchkey.entries.remove(entryId)
    expect(await two.latchkey.flows.get(flowId)).toMatchObject({ reason: 'entry_removed' })
    await one.pass(5_000)
    expect(await submit).toMatchObject({ type: 'abort', reason: 'entry_removed' })
    one.service.release()
    await atRest()
    expect(one.service.open).toBe(0)
  })

  it('cancel a flow that another process works on', async () => {
    const [one, two] = (await start(2)) as [Host, Host]
    const { flowId, revision } = await openForm(one.latchkey)
    one.service.script({ held: { connect: 'ann' } })
    const submit = one.latchkey.flows.submit(flowId, valid, { revision })
    await atRest()
    expect(await two.latchkey.flows.cancel(flowId)).toMatchObject({ reason: 'cancelled' })
    await one.pass(5_000)
    expect(await submit).toMatchObject({ type: 'abort', reason: 'cancelled' })
    one.service.release()
    await atRest()
    expect(one.service.open).toBe(0)
  })

  it('keep a flow that takes longer than a lease', async () => {
    const [one, two] = (await start(2)) as [Host, Host]
    one.service.script({ held: { connect: 'ann' } })
    const { flowId, revision } = await openForm(one.latchkey)
    const submit = one.latchkey.flows.submit(flowId, valid, { revision })
    await atRest()
    for (let count = 0; count < 4; count++) await one.pass(5_000)
    expect(await two.latchkey.flows.submit(flowId, valid, { revision })).toMatchObject({ step: 'working' })
    one.service.release()
    expect(await submit).toMatchObject({ type: 'create_entry' })
    expect(one.service.connects).toHaveLength(1)
  })

  it('release their flows when they stop', async () => {
    const [one, two] = (await start(2)) as [Host, Host]
    one.service.script({ hangs: true })
    const { flowId, revision } = await openForm(one.latchkey)
    const submit = one.latchkey.flows.submit(flowId, valid, { revision }).catch((error: unknown) => error)
    await atRest()
    const stopped = one.latchkey.stop()
    await atRest()
    await one.pass(10_000)
    await one.pass(60_000)
    await stopped
    expect(await submit).toMatchObject({ code: 'STOPPED' })
    expect(await two.latchkey.flows.get(flowId)).toMatchObject({ type: 'form', revision })
  })
})
