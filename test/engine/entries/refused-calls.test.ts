import { afterAll, describe, expect, it } from '@jest/globals'
import { InvalidAuthError, ReauthRequiredError } from '../../../src/errors.ts'
import type { ScriptedClient } from '../../../src/testing/scripted-service.ts'
import { addEntry, asForm, atRest, type HostOptions, makeHost } from '../host.ts'
import { someStores } from '../stores.ts'

const MINUTE = 60_000
const stores = someStores()
afterAll(stores.clear)

async function hostWithEntry(options: HostOptions) {
  const host = await makeHost(options)
  const entryId = await addEntry(host)
  const use = (work: (client: ScriptedClient) => unknown, waitForReauth = false) =>
    host.latchkey.entries.use(host.service.integration, entryId, work, { waitForReauth })
  const refused = () =>
    use(() => {
      throw new InvalidAuthError()
    }).catch((error: unknown) => error)
  const reasons = async () => (await host.latchkey.attention.list()).map(({ reason }) => reason)
  return { ...host, entryId, use, refused, reasons }
}

describe.each(stores.each)('calls that are refused while connect succeeds, on %s', (_, store) => {
  it('make a user sign in again after three within ten minutes, with one warning', async () => {
    const { refused, reasons, latchkey, service, entryId, log, pass } = await hostWithEntry({
      store: store(),
    })
    for (let call = 1; call <= 2; call++) {
      expect(await refused()).toBeInstanceOf(InvalidAuthError)
      expect(await reasons()).toEqual([])
      await pass(5 * MINUTE)
    }
    const error = await refused()
    expect(error).toBeInstanceOf(ReauthRequiredError)
    const [item] = await latchkey.attention.list()
    expect(item).toMatchObject({ entryId, reason: 'invalid_auth', flowId: expect.any(String) })
    expect(error).toMatchObject({ flowId: item?.flowId })
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { entryId, domain: 'scripted' } }])
    expect(service.open).toBe(0)
    const logins = service.connects.length
    for (let call = 0; call < 288; call++) {
      await refused()
      await pass(5 * MINUTE)
    }
    expect(service.connects).toHaveLength(logins)
    expect(log.lines).toHaveLength(1)
    await latchkey.stop()
  })

  it('need the new credential of a user, and are counted from zero after it', async () => {
    const { refused, reasons, latchkey, service, entryId } = await hostWithEntry({ store: store() })
    for (let call = 0; call < 3; call++) await refused()
    const [item] = await latchkey.attention.list()
    const form = asForm(await latchkey.flows.get(item?.flowId ?? ''))
    service.accounts.set('new', 'ann')
    await latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded', reauth: null })
    for (let call = 0; call < 2; call++) await refused()
    expect(await reasons()).toEqual([])
    await refused()
    expect(await reasons()).toEqual(['invalid_auth'])
    await latchkey.stop()
  })
})

describe('a refused call', () => {
  it('is forgotten after one that passes', async () => {
    const { use, refused, reasons } = await hostWithEntry({})
    for (let round = 0; round < 4; round++) {
      for (let call = 0; call < 2; call++) await refused()
      expect(await use((client) => client.ping())).toBe('pong')
    }
    expect(await reasons()).toEqual([])
  })

  it('is forgotten after ten minutes', async () => {
    const { refused, reasons, pass } = await hostWithEntry({})
    for (let call = 0; call < 20; call++) {
      await refused()
      await pass(5 * MINUTE + 1)
    }
    expect(await reasons()).toEqual([])
  })

  it('is remembered when the entry reconnects or is reloaded in between', async () => {
    const { refused, reasons, latchkey, entryId } = await hostWithEntry({})
    for (let call = 0; call < 3; call++) {
      await refused()
      await latchkey.entries.reload(entryId)
    }
    expect(await reasons()).toEqual(['invalid_auth'])
  })

  it('is counted against the limits of the host', async () => {
    const limits = { refusedCalls: 2, refusedCallsWindow: MINUTE }
    const { refused, reasons, pass } = await hostWithEntry({ limits })
    await refused()
    await pass(MINUTE + 1)
    await refused()
    expect(await reasons()).toEqual([])
    await refused()
    expect(await reasons()).toEqual(['invalid_auth'])
  })

  it('is not counted if the entry got another connection during the call', async () => {
    const { use, reasons, latchkey, entryId } = await hostWithEntry({})
    for (let call = 0; call < 3; call++) {
      const replaced = use(async () => {
        const form = asForm(await latchkey.entries.requestReauth(entryId))
        await latchkey.flows.submit(form.flowId, { token: 'good' }, { revision: form.revision })
        throw new InvalidAuthError()
      })
      await expect(replaced).rejects.toBeInstanceOf(InvalidAuthError)
    }
    expect(await reasons()).toEqual([])
  })

  it('waits for the new credential as the third one, with waitForReauth', async () => {
    const { use, refused, latchkey, service } = await hostWithEntry({})
    for (let call = 0; call < 2; call++) await refused()
    const waiting = use((client) => {
      if (!service.accounts.has('new')) throw new InvalidAuthError()
      return client.ping()
    }, true)
    await atRest()
    const [item] = await latchkey.attention.list()
    const form = asForm(await latchkey.flows.get(item?.flowId ?? ''))
    service.accounts.set('new', 'ann')
    await latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    expect(await waiting).toBe('pong')
  })
})
