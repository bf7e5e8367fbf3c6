import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { address } from '../../../src/authoring/field.ts'
import { type Connected, defineIntegration } from '../../../src/authoring/integration.ts'
import { secret } from '../../../src/authoring/secret.ts'
import { CannotConnectError } from '../../../src/errors.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { addEntry, asForm, atRest, loseCredential, makeHost } from '../host.ts'

/** A host with an entry of an integration whose `connect` reports these names. */
async function hostOf(reported: { current: Partial<Connected<object>> }) {
  const integration = defineIntegration({
    domain: 'names',
    title: 'Names',
    texts: { de: { title: 'Namen', data: { host: 'Adresse', token: 'Schlüssel' } } },
    fields: z.object({ host: address({ schemes: ['http'] }), token: secret() }),
    connect: async () => ({ client: {}, uniqueId: 'one', ...reported.current }),
  })
  const host = await makeHost({ integrations: [integration] })
  const submit = async (flow: { flowId: string; revision: number }, input: object) =>
    host.latchkey.flows.submit(flow.flowId, input, { revision: flow.revision })
  const form = asForm(await host.latchkey.flows.start({ domain: 'names', source: 'user' }))
  const { entryId } = await submit(form, { host: 'http://Hub.local:8123/api', token: 'good' })
  const id = entryId ?? ''
  const view = (by = host) => by.latchkey.entries.get(id)
  return { ...host, host, id, view, submit }
}

describe('the view of an entry', () => {
  it('has the service, the address and the account, stored with the entry', async () => {
    const reported: { current: Partial<Connected<object>> } = {
      current: { title: 'Hub 1', account: 'ann@hub.example', address: 'https://eu.hub.example/x?y#z' },
    }
    const { host, latchkey, id, view } = await hostOf(reported)
    const names = { service: 'Names', address: 'eu.hub.example', account: 'ann@hub.example', title: 'Hub 1' }
    expect(await view()).toMatchObject(names)
    await latchkey.entries.update(id, { title: 'My hub' })
    reported.current = {}
    expect(await view(await host.again())).toMatchObject({ ...names, title: 'My hub' })
    expect(await latchkey.entries.get(id, { language: 'de' })).toMatchObject({ service: 'Namen' })
  })

  it('has the title as the account, and host and port of the address field, unless connect names them', async () => {
    const reported = { current: { title: 'Hub 1' } }
    const { latchkey, id, view } = await hostOf(reported)
    expect(await view()).toMatchObject({ address: 'hub.local:8123', account: 'Hub 1' })
    await latchkey.entries.update(id, { title: 'My hub' })
    expect(await view()).toMatchObject({ title: 'My hub', account: 'Hub 1' })
  })

  it('takes another account and address from the next setup, and no other title', async () => {
    const reported: { current: Partial<Connected<object>> } = { current: { account: 'ann', address: 'eu' } }
    const { latchkey, id, view } = await hostOf(reported)
    const { revision } = await view()
    reported.current = { title: 'Hub 2' }
    expect(await latchkey.entries.reload(id)).toMatchObject({ account: 'ann', address: 'eu', revision })
    reported.current = { account: 'bob', address: '[::1]:80' }
    await latchkey.entries.reload(id)
    expect(await view()).toMatchObject({ account: 'bob', address: '[::1]:80' })
  })

  it('takes the account and address of a new credential', async () => {
    const reported: { current: Partial<Connected<object>> } = { current: { account: 'ann', address: 'eu' } }
    const { latchkey, id, view, submit } = await hostOf(reported)
    reported.current = { account: 'Ann' }
    await submit(asForm(await latchkey.entries.requestReauth(id)), { token: 'new' })
    expect(await view()).toMatchObject({ account: 'Ann', address: 'hub.local:8123' })
  })

  it.each([
    ['https://user:password@hub.example/x', 'hub.example'],
    ['user:password@hub.example:81', 'hub.example:81'],
    ['Region Europe (West)', 'Region Europe (West)'],
    ['https://?token=abc', 'hub.local:8123'],
    ['What is this?', 'hub.local:8123'],
    [7 as never, 'hub.local:8123'],
  ])('shows no credentials, path or query of the address %s', async (reported, shown) => {
    const { view } = await hostOf({ current: { address: reported } })
    expect(await view()).toMatchObject({ address: shown })
  })

  it('has no address if its integration has none, and no names of a missing integration', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    expect((await host.latchkey.entries.get(entryId)).address).toBeUndefined()
    const { latchkey } = await host.again({ integrations: [] })
    expect(await latchkey.entries.get(entryId)).toMatchObject({ service: 'scripted', state: 'setup_error' })
  })

  it('has since when it is loaded, disabled, or needs a new credential', async () => {
    const host = await makeHost()
    const { latchkey, clock, pass } = host
    const entryId = await addEntry(host)
    const view = (by = host) => by.latchkey.entries.get(entryId)
    const since = [clock.now()]
    expect(await view()).toMatchObject({ state: 'loaded', stateSince: since[0] })
    await pass(1_000)
    await latchkey.entries.disable(entryId)
    expect(await view()).toMatchObject({ state: 'disabled', stateSince: clock.now() })
    since.push(clock.now())
    await pass(1_000)
    await latchkey.entries.update(entryId, { title: 'Other' })
    const restarted = await host.again({ clock })
    expect(await view(restarted)).toMatchObject({ state: 'disabled', stateSince: since[1] })
    await latchkey.entries.enable(entryId)
    await loseCredential(host, entryId)
    await atRest()
    expect(await view()).toMatchObject({
      state: 'reauth_required',
      stateSince: clock.now(),
      lastError: {
        code: 'invalid_auth',
        text: 'Scripted no longer accepts the saved token.',
        at: clock.now(),
      },
    })
    since.push(clock.now())
    await pass(1_000)
    const { latchkey: later } = await host.again({ clock })
    await later.start()
    expect(await later.entries.get(entryId)).toMatchObject({
      stateSince: since[2],
      lastError: { code: 'invalid_auth', at: since[2] },
    })
  })

  it('has the next attempt, the number of attempts and the last error while it retries', async () => {
    const host = await makeHost()
    const { latchkey, service, clock, pass } = host
    const entryId = await addEntry(host)
    const failure = { throws: new CannotConnectError('No route for the token good.') }
    service.script(failure, failure)
    await latchkey.entries.reload(entryId)
    const first = await latchkey.entries.get(entryId)
    expect(first).toMatchObject({
      state: 'setup_retry',
      attempt: 1,
      stateSince: clock.now(),
      lastError: {
        code: 'cannot_connect',
        at: clock.now(),
        cause: 'CannotConnectError: No route for the token [secret].',
      },
    })
    const wait = (first.retryAt ?? 0) - clock.now()
    expect(wait).toBeGreaterThan(0)
    expect(await (await host.again()).latchkey.entries.get(entryId)).toMatchObject({
      state: 'setup_retry',
      attempt: 1,
      lastError: { code: 'cannot_connect' },
    })
    await pass(wait)
    const second = await latchkey.entries.get(entryId)
    expect(second).toMatchObject({ attempt: 2, lastError: { at: clock.now() } })
    expect(second.stateSince).toBe(first.stateSince)
    await pass((second.retryAt ?? 0) - clock.now())
    const third = await latchkey.entries.get(entryId)
    expect(third).toMatchObject({ state: 'loaded', stateSince: clock.now() })
    expect([third.attempt, third.retryAt, third.lastError]).toEqual([undefined, undefined, undefined])
  })

  it('has the reference of the log line if a setup failed unexpectedly', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.service.script({ throws: new RangeError('x') })
    await host.latchkey.entries.reload(entryId)
    const { lastError } = await host.latchkey.entries.get(entryId)
    const [line] = host.log.lines
    expect(line).toMatchObject({
      message: 'A call of the integration failed.',
      fields: { ref: lastError?.ref },
    })
    expect(lastError).toMatchObject({ code: 'unknown', cause: 'RangeError: x', ref: expect.any(String) })
  })

  it('has the time at which a call may connect an entry that connects only for calls', async () => {
    const host = await makeHost({ connect: 'lazy' })
    const { latchkey, service, clock } = host
    const entryId = await addEntry(host)
    await latchkey.entries.unload(entryId)
    service.script('cannot_connect')
    await latchkey.entries.use(service.integration, entryId, (client) => client.ping()).catch(() => {})
    const view = await latchkey.entries.get(entryId)
    expect(view).toMatchObject({ state: 'setup_retry', attempt: 1 })
    expect(view.retryAt).toBeGreaterThan(clock.now())
    const { retryAt, attempt } = await (await host.again()).latchkey.entries.get(entryId)
    expect({ retryAt, attempt }).toEqual({ retryAt: view.retryAt, attempt: 1 })
  })

  it('has the text of an error of the integration, and of one without a text', async () => {
    const service = new ScriptedService()
    const host = await makeHost({ service })
    const entryId = await addEntry(host)
    service.script({ connect: 'another' })
    await host.latchkey.entries.reload(entryId)
    expect((await host.latchkey.entries.get(entryId)).lastError).toMatchObject({
      code: 'wrong_account',
      text: 'Another account answers at Scripted.',
    })
  })
})
