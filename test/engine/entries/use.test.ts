import { describe, expect, it } from '@jest/globals'
import { UnknownEntryError, UseTimeoutError, WrongIntegrationError } from '../../../src/errors.ts'
import { type ScriptedClient, ScriptedService } from '../../../src/testing/scripted-service.ts'
import { addEntry, atRest, type Host, loseCredential, makeHost } from '../host.ts'
import { withSubentries } from '../subentry-host.ts'

const ping = (client: ScriptedClient) => client.ping()

async function hostWithEntry(host?: Host) {
  const one = host ?? (await makeHost())
  const entryId = await addEntry(one)
  const use = (work: (client: ScriptedClient) => unknown = ping, by = one.latchkey) =>
    by.entries.use(one.service.integration, entryId, work)
  return { ...one, entryId, use }
}

describe('entries.use', () => {
  it('runs work on the client and returns its result', async () => {
    const { use, service } = await hostWithEntry()
    expect(await use()).toBe('pong')
    expect(await use(async ({ account }) => account)).toBe('ann')
    expect(service.connects).toHaveLength(1)
  })

  it('throws the error of the work, and opens no flow', async () => {
    const { use, service, latchkey } = await hostWithEntry()
    const own = new RangeError('mine')
    await expect(use(() => Promise.reject(own))).rejects.toBe(own)
    expect(service.connects).toHaveLength(1)
    expect(await latchkey.attention.list()).toEqual([])
  })

  it('refuses an entry that is not there, and one of another integration', async () => {
    const { latchkey, service, entryId } = await hostWithEntry()
    const other = new ScriptedService({ domain: 'other' })
    const wrong: unknown = await latchkey.entries
      .use(other.integration, entryId, ping)
      .catch((error) => error)
    expect(wrong).toBeInstanceOf(WrongIntegrationError)
    expect(wrong).toMatchObject({
      domain: 'scripted',
      message: `Entry ${entryId} belongs to the integration "scripted". Pass that integration instead.`,
    })
    for (const id of ['gone', '__proto__', 'constructor']) {
      await expect(latchkey.entries.use(service.integration, id, ping)).rejects.toThrow(UnknownEntryError)
    }
  })

  it('sets up an entry that is not loaded yet, once for all calls', async () => {
    const one = await hostWithEntry()
    const { latchkey } = await one.again()
    expect(await Promise.all([one.use(ping, latchkey), one.use(ping, latchkey)])).toEqual(['pong', 'pong'])
    expect(one.service.connects).toHaveLength(2)
  })

  it('waits for a setup that is under way', async () => {
    const one = await hostWithEntry()
    const { latchkey } = await one.again()
    one.service.script({ held: { connect: 'ann' } })
    const started = latchkey.start()
    await atRest()
    const used = one.use(ping, latchkey)
    await atRest()
    one.service.release()
    expect(await used).toBe('pong')
    await started
    expect(one.service.connects).toHaveLength(2)
  })

  it('tells that the entry is disabled, and runs again once it is enabled', async () => {
    const { latchkey, use, entryId } = await hostWithEntry()
    await latchkey.entries.disable(entryId)
    await expect(use()).rejects.toThrow(`Entry ${entryId} is not loaded (disabled). Enable it first.`)
    await latchkey.entries.enable(entryId)
    expect(await use()).toBe('pong')
  })

  it('follows what another process has disabled, enabled and removed', async () => {
    const one = await hostWithEntry()
    const two = await one.again()
    expect(await one.use(ping, two.latchkey)).toBe('pong')
    await one.latchkey.entries.disable(one.entryId)
    await expect(one.use(ping, two.latchkey)).rejects.toMatchObject({ state: 'disabled' })
    expect(one.service.open).toBe(0)
    await one.latchkey.entries.enable(one.entryId)
    expect(await one.use(ping, two.latchkey)).toBe('pong')
    await one.latchkey.entries.remove(one.entryId)
    await expect(one.use(ping, two.latchkey)).rejects.toBeInstanceOf(UnknownEntryError)
    await atRest()
    expect(one.service.open).toBe(0)
  })

  it('throws a removed entry out that was never loaded here', async () => {
    const one = await hostWithEntry()
    const two = await one.again()
    one.service.script('setup_error')
    await two.latchkey.start()
    await one.latchkey.entries.disable(one.entryId)
    await expect(one.use(ping, two.latchkey)).rejects.toMatchObject({ state: 'disabled' })
    await one.latchkey.entries.remove(one.entryId)
    await expect(one.use(ping, two.latchkey)).rejects.toBeInstanceOf(UnknownEntryError)
  })

  it('does not use a connection that could not be closed', async () => {
    const service = new ScriptedService({
      connect: async () => ({
        client: { account: 'ann', ping: () => 'pong', drop: () => {} },
        uniqueId: 'ann',
        dispose: () => Promise.reject(new Error('It does not close.')),
      }),
    })
    const { latchkey, use, entryId } = await hostWithEntry(await makeHost({ service }))
    expect(await latchkey.entries.unload(entryId)).toMatchObject({
      state: 'failed_unload',
      reason: 'failed_unload',
    })
    await expect(use()).rejects.toThrow(`Entry ${entryId} is not loaded (failed_unload: failed_unload).`)
  })

  it('waits for an unloading to end before it sets the entry up again', async () => {
    const { latchkey, use, entryId, service } = await hostWithEntry()
    let end: () => void = () => {}
    const slow = use(() => new Promise<void>((resolve) => (end = resolve)))
    await atRest()
    const unloaded = latchkey.entries.unload(entryId)
    await atRest()
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'unload_in_progress' })
    const used = use(({ account }) => account)
    await atRest()
    end()
    await slow
    await unloaded
    expect(await used).toBe('ann')
    expect(service).toMatchObject({ open: 1, disposed: 1 })
  })

  it('waits for a reload that begins as soon as the entry is loaded', async () => {
    const one = await withSubentries()
    await one.add('room', { name: 'Attic' })
    const { latchkey } = await one.again({ integrations: [one.withThem] })
    one.service.script({ held: { connect: 'ann' } })
    const used = latchkey.entries.use(one.withThem, one.entryId, ({ account }) => account)
    await atRest()
    // The reload without the room waits for the setup, and begins before the call receives the connection.
    const removed = latchkey.entries.removeSubentry(one.entryId, await one.idOf('Attic'))
    await atRest()
    one.service.release()
    expect(await used).toBe('ann')
    expect(await removed).toMatchObject({ state: 'loaded', subentries: [] })
  })

  it('tells that the entry was removed while it connected', async () => {
    const one = await hostWithEntry()
    const { latchkey, service } = await one.again()
    service.script({ held: { connect: 'ann' } })
    const used = one.use(ping, latchkey)
    await atRest()
    await latchkey.entries.remove(one.entryId)
    await expect(used).rejects.toBeInstanceOf(UnknownEntryError)
    service.release()
  })

  it('waits for a reload that interrupts its setup', async () => {
    const one = await hostWithEntry()
    const { latchkey, service } = await one.again()
    service.script({ held: { connect: 'ann' } })
    const used = one.use(({ account }) => account, latchkey)
    await atRest()
    expect(await latchkey.entries.reload(one.entryId)).toMatchObject({ state: 'loaded' })
    expect(await used).toBe('ann')
    service.release()
  })
})

describe('entries.use, with a deadline', () => {
  it('fires the signal of the work and tells the caller when the time is up', async () => {
    const { latchkey, service, entryId, pass } = await hostWithEntry()
    let seen: AbortSignal | undefined
    const used = latchkey.entries.use(
      service.integration,
      entryId,
      (_, { signal }) => {
        seen = signal
        return new Promise(() => {})
      },
      { timeout: 1_000 },
    )
    const late = expect(used).rejects.toThrow(`The call with the connection of entry ${entryId} timed out.`)
    await atRest()
    await pass(999)
    expect(seen?.aborted).toBe(false)
    await pass(1)
    await late
    expect(seen?.reason).toBeInstanceOf(UseTimeoutError)
  })

  it('throws the reason of the caller’s own signal', async () => {
    const { latchkey, service, entryId } = await hostWithEntry()
    const abort = new AbortController()
    let seen: AbortSignal | undefined
    const used = latchkey.entries.use(
      service.integration,
      entryId,
      (_, { signal }) => {
        seen = signal
        return new Promise(() => {})
      },
      { signal: abort.signal },
    )
    await atRest()
    abort.abort(new RangeError('enough'))
    await expect(used).rejects.toThrow('enough')
    expect(seen?.reason).toBeInstanceOf(RangeError)
    const never = latchkey.entries.use(service.integration, entryId, ping, { signal: abort.signal })
    await expect(never).rejects.toThrow('enough')
  })

  it('ends the wait for a reauthentication', async () => {
    const { latchkey, service, entryId, pass } = await hostWithEntry()
    await loseCredential({ latchkey, service }, entryId)
    const used = latchkey.entries.use(service.integration, entryId, ping, {
      waitForReauth: true,
      timeout: 1_000,
    })
    const late = expect(used).rejects.toBeInstanceOf(UseTimeoutError)
    await atRest()
    await pass(1_000)
    await late
  })

  it('leaves no timer behind where the work ends in time', async () => {
    const { latchkey, service, entryId, pass } = await hostWithEntry()
    expect(await latchkey.entries.use(service.integration, entryId, ping, { timeout: 1_000 })).toBe('pong')
    await pass(2_000)
  })
})
