import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { joseCipher } from '../../../src/adapters/jose-cipher.ts'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { type AnyIntegration, defineIntegration } from '../../../src/authoring/integration.ts'
import type { EndedFlow, NextFlow } from '../../../src/authoring/next-flow.ts'
import type { Store } from '../../../src/ports/store.ts'
import { FailingStore, fullDisk } from '../../../src/testing/failing-store.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import type { CreateEntryView, View } from '../../../src/view.ts'
import { asAbort, asForm, type Host, type HostOptions, loseCredential, makeHost, openForm } from '../host.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-'))
let files = 0
const hosts: Host[] = []
afterEach(async () => {
  for (const { latchkey } of hosts.splice(0)) await latchkey.stop()
})
afterAll(() => rmSync(folder, { recursive: true }))

const room = z.object({ name: z.string() })
const options = z.object({ interval: z.int().default(60) })
const toOptions = (): NextFlow => ({ source: 'options' })

type Next = (ended: EndedFlow) => NextFlow | null

/** A host with an integration whose next flow is scripted, and one without. */
async function leading(
  next: Next,
  more: HostOptions & { readonly alone?: true; readonly adopt?: false } = {},
) {
  const { alone, adopt, ...given } = more
  const service = new ScriptedService()
  const { integration } = service
  const { domain, title, fields, challenges, connect } = integration
  const first = defineIntegration({
    domain,
    title,
    fields,
    options,
    next,
    ...(challenges && { challenges }),
    ...(alone && { singleInstance: true }),
    ...(adopt === false && { adopt }),
    connect: (values, context) => connect(values, { ...context, subentries: [] }),
    subentries: {
      room: { title: 'Room', fields: room, name: ({ name }) => ({ title: name, uniqueId: name }) },
    },
  })
  const other = { ...integration, domain: 'other', title: 'Other' }
  const integrations: AnyIntegration[] = [first, other]
  const cipher = joseCipher([new Uint8Array(32)])
  const host = await makeHost({ cipher, ...given, integrations, service })
  hosts.push(host)
  const { flows } = host.latchkey
  /** Sets an entry up. */
  const add = async (token = 'good') => {
    service.accounts.set(token, `account of ${token}`)
    const { flowId, revision } = await openForm(host.latchkey)
    return (await flows.submit(flowId, { host: 'h', token }, { revision })) as CreateEntryView
  }
  const open = async () => (await flows.list()).items
  const goOn = async ({ flowId }: { readonly flowId: string }, input: object) => {
    const { revision } = asForm(await flows.get(flowId))
    return asAbort(await flows.submit(flowId, input, { revision }))
  }
  return { ...host, add, open, goOn }
}

/** The flow that an end leads to. */
function nextOf(view: View): { readonly flowId: string; readonly source: string } {
  if (!('nextFlow' in view) || view.nextFlow === undefined)
    throw new Error(`Nothing follows ${JSON.stringify(view)}.`)
  return view.nextFlow
}

const stores: [string, () => Store][] = [
  ['memory', memoryStore],
  ['SQLite', () => sqliteStore(join(folder, `${++files}.db`))],
]

describe.each(stores)('a flow that follows another, over %s', (_, makeStore) => {
  it('is open after the first flow has ended, for the same principal, and the result names it', async () => {
    const seen: EndedFlow[] = []
    const next: Next = (ended) => {
      seen.push(ended)
      return ended.source === 'user' ? { source: 'options' } : { source: 'user', domain: 'other' }
    }
    const { latchkey, add, open, goOn } = await leading(next, { store: makeStore() })
    const linked = await add()
    const { entryId } = linked
    expect(linked).toMatchObject({ success: true, nextFlow: { domain: 'scripted', source: 'options' } })
    const form = asForm(await latchkey.flows.get(nextOf(linked).flowId))
    expect(form).toMatchObject({ source: 'options', entryId, values: { interval: 60 } })
    expect(await latchkey.flows.get(linked.flowId)).toEqual(linked)
    const changed = await goOn(form, { interval: 5 })
    expect(changed).toMatchObject({
      reason: 'options_successful',
      nextFlow: { domain: 'other', source: 'user' },
    })
    const second = asForm(await latchkey.flows.get(nextOf(changed).flowId))
    expect(second).toMatchObject({ domain: 'other', source: 'user', entryId: null })
    const last = await latchkey.flows.submit(second.flowId, { host: 'h', token: 'good' }, second)
    expect(last).toMatchObject({ type: 'create_entry' })
    expect(last).not.toHaveProperty('nextFlow')
    expect(await open()).toEqual([])
    expect(seen).toEqual([
      { source: 'user', entryId },
      { source: 'options', entryId },
    ])
  })

  it('is opened once by the next process if the first one dies', async () => {
    const store = new FailingStore(makeStore())
    const host = await leading(toOptions, { store })
    const other = await host.again()
    hosts.push(other)
    await other.latchkey.start()
    // The end is saved, and nothing after it.
    store.before('apply', 3, fullDisk)
    const linked = await host.add()
    expect(linked).not.toHaveProperty('nextFlow')
    expect(host.log.messages).toEqual(['The follow-up flow could not be opened.'])
    expect(await host.open()).toEqual([])
    await host.pass(20_000)
    const ended = await other.latchkey.flows.get(linked.flowId)
    expect(ended).toMatchObject({ success: true, nextFlow: { source: 'options' } })
    expect(await host.open()).toMatchObject([{ flowId: nextOf(ended).flowId }])
    await host.pass(20_000)
    expect(await other.latchkey.flows.get(linked.flowId)).toEqual(ended)
  })

  it('is named again where the process dies before that is written', async () => {
    const store = new FailingStore(makeStore())
    const host = await leading(toOptions, { store })
    await host.latchkey.start()
    store.before('apply', 4, fullDisk)
    const linked = await host.add()
    const { flowId } = nextOf(linked)
    expect(host.log.messages).toEqual(['The follow-up flow is open but could not be recorded.'])
    expect(await host.latchkey.flows.get(linked.flowId)).not.toHaveProperty('nextFlow')
    await host.pass(20_000)
    expect(nextOf(await host.latchkey.flows.get(linked.flowId)).flowId).toBe(flowId)
    expect(await host.open()).toMatchObject([{ flowId }])
  })

  it.each([3, 4])('is one flow where two processes open it, the other before write %i', async (write) => {
    const store = new FailingStore(makeStore())
    const host = await leading(() => ({ source: 'user', domain: 'other' }), { store })
    const other = await host.again()
    hosts.push(other)
    await other.latchkey.start()
    store.before('apply', write, () => other.pass(20_000))
    const linked = await host.add()
    expect(await host.open()).toMatchObject([{ flowId: nextOf(linked).flowId, domain: 'other' }])
    expect(await other.latchkey.flows.get(linked.flowId)).toEqual(linked)
    expect(host.log.messages).toEqual([])
  })
})

describe('what an integration has follow its flows', () => {
  it('follows a reconfiguration and a replacement, also with adopt: false', async () => {
    const host = await leading(({ source }) => (source === 'user' ? null : { source: 'options' }), {
      adopt: false,
    })
    const linked = await host.add()
    const { entryId } = linked
    expect(linked).not.toHaveProperty('nextFlow')
    const { flows } = host.latchkey
    const changed = await host.goOn(await flows.start({ source: 'reconfigure', entryId }), {
      host: 'h2',
      token: 'good',
    })
    expect(changed).toMatchObject({ reason: 'reconfigure_successful', nextFlow: { source: 'options' } })
    // Options that stay as they are are saved, too.
    expect(await host.goOn(nextOf(changed), {})).toMatchObject({ nextFlow: { source: 'options' } })
    host.service.accounts.set('others', 'bob')
    const { flowId, revision } = await flows.start({ source: 'replace', entryId })
    const asked = await flows.submit(flowId, { host: 'h', token: 'others' }, { revision })
    const replaced = await flows.choose(flowId, 'replace', asked)
    expect(replaced).toMatchObject({ reason: 'replace_successful', nextFlow: { source: 'options' } })
    // One that is open already is the one to go on to.
    expect(await host.open()).toMatchObject([{ flowId: nextOf(replaced).flowId }])
  })

  it('follows an added and a changed sub-entry', async () => {
    const toRoom: NextFlow = { source: 'subentry', type: 'room' }
    const seen: EndedFlow[] = []
    const host = await leading((ended) => (seen.push(ended) <= 3 ? toRoom : null))
    const { flows, entries } = host.latchkey
    const linked = await host.add()
    const { entryId } = linked
    expect(linked).toMatchObject({ nextFlow: { domain: 'scripted', source: 'subentry' } })
    const form = asForm(await flows.get(nextOf(linked).flowId))
    expect(form).toMatchObject({ source: 'subentry', entryId, subentry: { type: 'room', isNew: true } })
    const added = await flows.submit(form.flowId, { name: 'Hall' }, form)
    expect(added).toMatchObject({ type: 'create_entry', nextFlow: { source: 'subentry' } })
    const [hall] = (await entries.get(entryId)).subentries
    const change = await flows.start({ source: 'subentry', entryId, subentryId: String(hall?.subentryId) })
    expect(await flows.submit(change.flowId, { name: 'Attic' }, change)).toMatchObject({
      reason: 'reconfigure_successful',
      nextFlow: { source: 'subentry' },
    })
    const last = asForm(await flows.get(nextOf(added).flowId))
    expect(await flows.submit(last.flowId, { name: 'Hall' }, last)).not.toHaveProperty('nextFlow')
    expect(seen.map(({ source }) => source)).toEqual(['user', 'subentry', 'subentry', 'subentry'])
  })

  it('follows nothing that failed, no repair and no import', async () => {
    const seen: EndedFlow[] = []
    const host = await leading((ended) => {
      seen.push(ended)
      return null
    })
    const { entryId } = await host.add()
    const { flows } = host.latchkey
    await flows.cancel((await flows.start({ source: 'reconfigure', entryId })).flowId)
    const reauth = await loseCredential(host, entryId)
    host.service.accounts.set('next', 'account of good')
    expect(await flows.submit(reauth.flowId, { token: 'next' }, reauth)).toMatchObject({ success: true })
    await flows.start({ domain: 'scripted', source: 'import', input: { host: 'h', token: 'next' } })
    host.service.accounts.set('new', 'eve')
    const input = { host: 'h', token: 'new' }
    expect(await flows.start({ domain: 'scripted', source: 'import', input })).toMatchObject({
      success: true,
    })
    expect(seen).toEqual([{ source: 'user', entryId }])
  })

  it('stops after five flows', async () => {
    const { add, goOn, log } = await leading(toOptions)
    let view: View = await add()
    for (let flows = 1; flows <= 5; flows++) view = await goOn(nextOf(view), { interval: flows })
    expect(view).toMatchObject({ success: true })
    expect(view).not.toHaveProperty('nextFlow')
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { code: 'TOO_MANY_FLOWS' } }])
  })

  it.each<[string, Next, { readonly alone?: true }, string]>([
    [
      'throws',
      () => {
        throw new Error('no')
      },
      {},
      'The follow-up flow could not be scheduled.',
    ],
    ['names no source', () => ({}) as NextFlow, {}, 'The follow-up flow could not be scheduled.'],
    [
      'names an integration that is not there',
      () => ({ source: 'user', domain: 'gone' }),
      {},
      'The follow-up flow could not be opened.',
    ],
    [
      'allows no more',
      () => ({ source: 'user', domain: 'scripted' }),
      { alone: true },
      'The follow-up flow ended immediately.',
    ],
  ])('leaves an end as it is, and is logged, where it %s', async (_, next, more, message) => {
    const host = await leading(next, more)
    const linked = await host.add()
    expect(linked).toMatchObject({ type: 'create_entry', success: true })
    expect(linked).not.toHaveProperty('nextFlow')
    expect(host.log.lines).toMatchObject([{ level: 'warn', message, fields: { flowId: linked.flowId } }])
    expect(await host.latchkey.flows.get(linked.flowId)).toEqual(linked)
  })

  it('is deleted with the result that names it, if it could not be opened', async () => {
    const store = new FailingStore(memoryStore())
    const host = await leading(toOptions, { store })
    store.before('apply', 3, fullDisk)
    const { flowId } = await host.add()
    host.clock.increment(25 * 3_600_000)
    await host.latchkey.start()
    await host.pass(10_000)
    await expect(host.latchkey.flows.get(flowId)).rejects.toMatchObject({ code: 'UNKNOWN_FLOW' })
    expect(await host.open()).toEqual([])
  })
})
