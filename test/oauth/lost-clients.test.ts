import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import {
  type AnyIntegration,
  CannotConnectError,
  memoryStore,
  SetupError,
  type View,
} from '../../src/index.ts'
import { asForm, atRest } from '../engine/host.ts'
import { fields, provider, scene, social, stored } from './registering-servers.ts'

const connected = { client: null, uniqueId: 'ann' }

/** The answers of the service to `connect`, in turn. The last one repeats. */
const answering = (...answers: (() => Promise<typeof connected>)[]): AnyIntegration => ({
  ...social,
  adopt: false,
  connect: () => ((answers.length > 1 ? answers.shift() : answers[0]) ?? works)(),
})
const works = async () => connected
const hangs = () => new Promise<typeof connected>(() => {})
const until = async (isSo: () => boolean | Promise<boolean>) => {
  while (!(await isSo())) await atRest()
}
const fails = (error: Error) => async () => {
  throw error
}

/** A linked account with the client Hub-1. Its reconfiguration signs in with Hub-2, and loads the entry with that. */
async function reconfigured(integration: AnyIntegration, lifetime = 3600) {
  const host = await scene(memoryStore(), integration)
  const { servers, enter, signIn, latchkey } = host
  servers.deletes = true
  const entryId = (await signIn(await enter('one.example'))).view.entryId ?? ''
  servers.lifetime = lifetime
  const form = await enter('one.example', latchkey.entries.reconfigure(entryId))
  const clients = () => [...servers.clients.keys()]
  return { ...host, entryId, form, clients }
}

/** The next process, after one that has ended before it knew whether the entry loads with Hub-2. */
async function unsettled(integration = answering(works, works, works, hangs, works)) {
  const host = await reconfigured(integration)
  void host.signIn(host.form)
  await until(async () => (await host.store.getEntry('default', host.entryId))?.previous !== undefined)
  const next = await host.next()
  return { ...host, next, form: await next.latchkey.flows.get(host.form.flowId) }
}

describe('the registered client before a reconfiguration', () => {
  it('is deleted if the new token is refreshed before the entry has connected', async () => {
    const { signIn, form, clients, servers } = await reconfigured(answering(works), 30)
    const { view } = await signIn(form)
    expect(view).toMatchObject({ reason: 'reconfigure_successful' })
    await atRest()
    expect(servers.requests.filter((path) => path.endsWith('/token'))).toHaveLength(3)
    expect(clients()).toEqual(['Hub-2'])
  })

  it('is deleted with its entry', async () => {
    const { next, entryId, clients } = await unsettled()
    await next.latchkey.entries.remove(entryId)
    await atRest()
    expect(clients()).toEqual([])
  })

  it('is deleted after a reauthentication, together with the client of the reconfiguration', async () => {
    const { next, entryId, form, clients } = await unsettled()
    await next.latchkey.flows.cancel(form.flowId)
    const { view } = await next.signIn(await next.latchkey.entries.requestReauth(entryId))
    expect(view).toMatchObject({ reason: 'reauth_successful' })
    await atRest()
    expect(clients()).toEqual(['Hub-3'])
  })

  it('is deleted after another reconfiguration', async () => {
    const { next, form, clients } = await unsettled()
    const { view } = await next.signIn(
      await next.enter('one.example', next.latchkey.flows.back(form.flowId, form)),
    )
    expect(view).toMatchObject({ reason: 'reconfigure_successful' })
    await atRest()
    expect(clients()).toEqual(['Hub-3'])
  })

  it('is deleted if a newer version of the integration migrates the entry', async () => {
    const { next, entryId, clients } = await unsettled()
    const newer = { ...answering(works), version: 2, migrate: { 1: (entry: object) => entry } }
    const { latchkey, pass } = await next.again({ integrations: [newer], clock: next.clock })
    await latchkey.start()
    await pass(10_000)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
    expect(clients()).toEqual(['Hub-2'])
  })
})

describe('the registered client of a reconfiguration', () => {
  it.each([
    ['stays for the next sign-in if the entry does not connect with it', new CannotConnectError(), 'Hub-2'],
    ['is deleted if the entry does not load with it', new SetupError('boom'), 'Hub-3'],
  ])('%s', async (_, error, last) => {
    const { signIn, form, clients } = await reconfigured(answering(works, works, works, fails(error), works))
    const { view } = await signIn(form)
    expect(view).toMatchObject({ type: 'external', errors: { base: { code: error.code } } })
    await atRest()
    expect(clients()).toEqual(last === 'Hub-2' ? ['Hub-1', 'Hub-2'] : ['Hub-1'])
    expect((await signIn(view)).view).toMatchObject({ reason: 'reconfigure_successful' })
    await atRest()
    expect(clients()).toEqual([last])
  })

  it('stays if its flow is cancelled after the process has ended', async () => {
    const { next, entryId, form, clients } = await unsettled()
    await next.latchkey.start()
    expect(await next.latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
    await next.latchkey.flows.cancel(form.flowId)
    await atRest()
    expect(clients()).toEqual(['Hub-2'])
  })
})

describe('the grant of a reconfiguration with a choice after the sign-in', () => {
  it('stays if its flow is cancelled after the process has ended, and asks for another sign-in', async () => {
    const site = async () => ({ a: 'A', b: 'B' })
    const browser = { title: 'Browser', fields, authorize: provider.authorizationCode(), select: { site } }
    const scripted = answering(works, works, works, hangs, works)
    const host = await scene(memoryStore(), {
      ...scripted,
      stored: stored.extend({ site: z.string() }),
      methods: { browser },
    })
    const { servers, enter, signIn, latchkey, store } = host
    servers.deletes = true
    const choose = async (opened: View) => {
      const { view } = await signIn(opened)
      return latchkey.flows.submit(view.flowId, { site: 'b' }, asForm(view))
    }
    const entryId = (await choose(await enter('one.example'))).entryId ?? ''
    const form = await enter('one.example', latchkey.entries.reconfigure(entryId))
    void choose(form)
    await until(async () => (await store.getEntry('default', entryId))?.previous !== undefined)
    const next = await host.next()
    await next.latchkey.start()
    expect(await next.latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
    const view = await next.latchkey.flows.get(form.flowId)
    expect(view).toMatchObject({ type: 'external', step: 'authorize' })
    await next.latchkey.flows.cancel(form.flowId)
    await atRest()
    expect([servers.deleted, [...servers.clients.keys()]]).toEqual([['Hub-1'], ['Hub-2']])
  })
})

describe('the registered client of a sign-in whose process is paused after the exchange of its code', () => {
  it.each(['at once', 'after its time'])('is not used by another sign-in: %s', async (when) => {
    const gate = Promise.withResolvers<typeof connected>()
    const host = await scene(
      memoryStore(),
      answering(() => gate.promise, works),
    )
    const { servers, enter, begin, comeBack } = host
    servers.deletes = true
    const form = await enter('one.example')
    const begun = await begin(form)
    // The input before the sign-in stays stored for longer than the sign-in.
    await host.pass(1_000)
    const paused = comeBack(begun.browser, begun.page, form)
    await until(() => servers.requests.includes('one.example/token'))
    const next = await host.next()
    let view = await next.latchkey.flows.get(form.flowId)
    if (when === 'after its time') {
      await next.pass(583_500)
      const late = next.begin(view)
      await expect(late).rejects.toMatchObject({ view: { errors: { base: { code: 'authorize_expired' } } } })
      view = await next.latchkey.flows.get(view.flowId)
    }
    const { browser, page } = await next.begin(view)
    gate.resolve(connected)
    await paused.catch(() => {})
    await atRest()
    expect(page.searchParams.get('client_id')).toBe('Hub-2')
    expect(await next.comeBack(browser, page, view)).toMatchObject({ type: 'create_entry' })
    await atRest()
    expect([...servers.clients.keys()]).toEqual(['Hub-2'])
  })
})
