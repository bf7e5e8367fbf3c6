import { describe, expect, it } from '@jest/globals'
import { memoryPlace } from '../../../src/adapters/memory/memory-place.ts'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import {
  CannotConnectError,
  EntryNotLoadedError,
  InvalidAuthError,
  ReauthRequiredError,
  StoppedError,
} from '../../../src/errors.ts'
import type { ScriptedClient } from '../../../src/testing/scripted-service.ts'
import { addEntry, atRest, type Host, loseCredential, makeHost } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'

const ping = (client: ScriptedClient) => client.ping()

async function hostWithEntry(host?: Host) {
  const one = host ?? (await makeHost())
  const entryId = await addEntry(one)
  const use = (work: (client: ScriptedClient) => unknown = ping, by = one.latchkey) =>
    by.entries.use(one.service.integration, entryId, work)
  return { ...one, entryId, use }
}

/** Work that meets an authentication failure so many times, and counts how often it ran. */
function failing(times: number) {
  const work = Object.assign(
    (_client: ScriptedClient) => {
      if (work.runs++ < times) throw new InvalidAuthError()
      return 'done'
    },
    { runs: 0 },
  )
  return work
}

describe('entries.use, when a call meets InvalidAuthError', () => {
  it('probes, replaces the connection and repeats the work if the credential is good', async () => {
    const { use, service, latchkey, entryId } = await hostWithEntry()
    const told: string[] = []
    latchkey.on('entry_loaded', () => told.push('loaded'))
    latchkey.on('entry_unloaded', () => told.push('unloaded'))
    const work = failing(1)
    expect(await use(work)).toBe('done')
    await atRest()
    expect(work.runs).toBe(2)
    expect(told).toEqual(['unloaded', 'loaded'])
    expect(service).toMatchObject({ open: 1, disposed: 1 })
    expect(service.connects).toHaveLength(2)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded', reauth: null })
  })

  it('throws the second failure to the caller, and does not probe again for a minute', async () => {
    const { use, service, pass } = await hostWithEntry()
    await expect(use(failing(2))).rejects.toBeInstanceOf(InvalidAuthError)
    expect(service.connects).toHaveLength(2)
    await pass(59_999)
    await expect(use(failing(1))).rejects.toBeInstanceOf(InvalidAuthError)
    expect(service.connects).toHaveLength(2)
    await pass(1)
    expect(await use(failing(1))).toBe('done')
    expect(service.connects).toHaveLength(3)
  })

  it('asks for a reauthentication where the probe is refused too, once for all calls', async () => {
    const { use, service, latchkey, entryId } = await hostWithEntry()
    service.accounts.clear()
    const errors: unknown[] = await Promise.all(
      Array.from({ length: 50 }, () => use().catch((error) => error)),
    )
    const [item] = await latchkey.attention.list()
    expect(item).toMatchObject({ entryId, reason: 'invalid_auth', title: 'Scripted', since: 1_000_000 })
    for (const error of errors) {
      expect(error).toBeInstanceOf(ReauthRequiredError)
      expect(error).toMatchObject({ entryId, flowId: item?.flowId })
    }
    expect(service.connects).toHaveLength(2)
    expect(service.open).toBe(0)
    expect((await latchkey.flows.list()).items).toMatchObject([
      { step: 'reauth_confirm', order: ['token'], placeholders: { name: 'Scripted' }, expiresAt: null },
    ])
  })

  it('opens no flow if the probe fails for another reason', async () => {
    const { use, service, latchkey, entryId } = await hostWithEntry()
    service.script('cannot_connect')
    const error: unknown = await use(failing(1)).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(EntryNotLoadedError)
    expect(error).toMatchObject({ entryId, state: 'setup_retry', reason: 'cannot_connect' })
    expect(await latchkey.attention.list()).toEqual([])
    expect((await latchkey.flows.list()).items).toEqual([])
  })

  it('takes the newer credential of another process before it probes', async () => {
    const one = await hostWithEntry()
    // On the same store, no notification comes first.
    const two = await one.again({ store: one.store })
    await one.use(ping, two.latchkey)
    const form = await loseCredential(one, one.entryId)
    one.service.accounts.set('new', 'ann')
    await one.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    const logins = one.service.connects.length
    expect(await one.use(ping, two.latchkey)).toBe('pong')
    expect(one.service.connects.slice(logins)).toEqual([{ host: 'h', token: 'new', code: null }])
  })

  it('takes the credential that was changed while the work ran', async () => {
    const one = await hostWithEntry()
    const two = await one.again()
    one.service.accounts.set('new', 'ann')
    const work = async (client: ScriptedClient) => {
      if (!one.service.accounts.has('good')) return client.ping()
      const form = await loseCredential(one, one.entryId)
      await one.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
      return client.ping()
    }
    expect(await one.use(work, two.latchkey)).toBe('pong')
    expect((await one.latchkey.flows.list()).items).toEqual([])
  })

  it('waits for the new credential in another process, with waitForReauth', async () => {
    const one = await hostWithEntry()
    const two = await one.again()
    const form = await loseCredential(one, one.entryId)
    const waiting = two.latchkey.entries.use(one.service.integration, one.entryId, ping, {
      waitForReauth: true,
    })
    await two.pass(500)
    await two.pass(500)
    one.service.accounts.set('new', 'ann')
    await one.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    await two.pass(500)
    expect(await waiting).toBe('pong')
  })

  it('waits for the flow of its process, and then runs the work', async () => {
    const { latchkey, service, entryId } = await hostWithEntry()
    service.accounts.clear()
    const waiting = latchkey.entries.use(service.integration, entryId, ping, { waitForReauth: true })
    await atRest()
    const [flow] = (await latchkey.flows.list()).items
    if (flow?.type !== 'form') throw new Error('A form was expected.')
    service.accounts.set('new', 'ann')
    await latchkey.flows.submit(flow.flowId, { token: 'new' }, { revision: flow.revision })
    expect(await waiting).toBe('pong')
  })

  it('tells a caller that waits when the entry can no longer be read', async () => {
    const place = memoryPlace()
    const store = new TamperedStore(memoryStore(place))
    const { latchkey, service, entryId } = await hostWithEntry(await makeHost({ store }))
    await loseCredential({ latchkey, service }, entryId)
    const waiting = latchkey.entries.use(service.integration, entryId, ping, { waitForReauth: true })
    const refused = expect(waiting).rejects.toThrow('gone')
    await atRest()
    store.onEntry = async () => {
      throw new Error('gone')
    }
    const row = {
      scope: 'default',
      at: 1,
      who: 'ada',
      entryId,
      flowId: null,
      kind: 'k',
      code: null,
      revision: 1,
    }
    await memoryStore(place).apply('default', [{ audit: row }])
    await refused
  })

  it('stops waiting when the host stops, and starts nothing', async () => {
    const { latchkey, service, entryId, pass } = await hostWithEntry()
    await loseCredential({ latchkey, service }, entryId)
    const logins = service.connects.length
    const waiting = latchkey.entries.use(service.integration, entryId, ping, { waitForReauth: true })
    const refused = expect(waiting).rejects.toBeInstanceOf(StoppedError)
    await atRest()
    await latchkey.stop()
    await refused
    await pass(3_600_000)
    expect(service.connects).toHaveLength(logins)
  })
})

describe('a refused credential', () => {
  it('is never connected with again, not by calls, setups or restarts', async () => {
    const one = await hostWithEntry()
    await loseCredential(one, one.entryId)
    const logins = one.service.connects.length
    await expect(one.use()).rejects.toBeInstanceOf(ReauthRequiredError)
    expect(await one.latchkey.entries.reload(one.entryId)).toMatchObject({ state: 'reauth_required' })
    const { latchkey } = await one.again()
    await latchkey.start()
    expect(await latchkey.entries.get(one.entryId)).toMatchObject({
      state: 'reauth_required',
      reason: 'invalid_auth',
      reauth: { reason: 'invalid_auth', since: 1_000_000 },
    })
    await expect(one.use(ping, latchkey)).rejects.toBeInstanceOf(ReauthRequiredError)
    expect(one.service.connects).toHaveLength(logins)
  })

  it('is noticed by a running process that learns of it by its own failure, without a login', async () => {
    const one = await hostWithEntry()
    const two = await one.again()
    await one.use(ping, two.latchkey)
    await loseCredential(one, one.entryId)
    const logins = one.service.connects.length
    await expect(one.use(ping, two.latchkey)).rejects.toBeInstanceOf(ReauthRequiredError)
    expect(one.service.connects).toHaveLength(logins)
    expect((await one.latchkey.flows.list()).items).toHaveLength(1)
  })

  it('throws without a flow if the user has dismissed it', async () => {
    const one = await hostWithEntry()
    const form = await loseCredential(one, one.entryId)
    await one.latchkey.flows.cancel(form.flowId)
    await expect(one.use()).rejects.toMatchObject({ code: 'REAUTH_REQUIRED', flowId: null })
    expect(await one.latchkey.attention.list()).toMatchObject([{ reason: 'invalid_auth', flowId: null }])
  })

  it('throws cannot_connect through untouched', async () => {
    const { use } = await hostWithEntry()
    await expect(use(() => Promise.reject(new CannotConnectError()))).rejects.toBeInstanceOf(
      CannotConnectError,
    )
  })
})
