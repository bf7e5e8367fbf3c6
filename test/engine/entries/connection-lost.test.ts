import { describe, expect, it } from '@jest/globals'
import { type ScriptedClient, ScriptedService } from '../../../src/testing/scripted-service.ts'
import { addEntry, asForm, atRest, makeHost } from '../host.ts'

const dropping = (client: ScriptedClient) => client.drop()

describe('a connection that drops', () => {
  it('is retried immediately if it had lived for a minute', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await atRest()
    await host.pass(60_000)
    await host.latchkey.entries.use(host.service.integration, entryId, dropping)
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({
      state: 'setup_retry',
      reason: 'cannot_connect',
    })
    await host.pass(0)
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
    expect(host.service).toMatchObject({ open: 1, disposed: 1 })
  })

  it('waits where it had not, and the backoff goes on', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await atRest()
    const drop = () => host.latchkey.entries.use(host.service.integration, entryId, dropping)
    for (const wait of [5_000, 10_000, 20_000]) {
      await host.pass(1_000)
      await drop()
      const logins = host.service.connects.length
      await host.pass(wait - 1)
      expect(host.service.connects).toHaveLength(logins)
      await host.pass(1)
      expect(await host.latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
    }
    await host.pass(60_000)
    await drop()
    await host.pass(0)
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
  })

  it('is noticed also where it dropped before the entry took it over', async () => {
    const service = new ScriptedService({
      connect: async (_, { lost }) => {
        service.open++
        lost()
        lost(new Error('twice'))
        return {
          client: { account: 'ann', ping: () => 'pong', drop: lost },
          uniqueId: 'ann',
          dispose: () => {
            service.open--
          },
        }
      },
    })
    const host = await makeHost({ service })
    const entryId = await addEntry(host)
    await atRest()
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({
      state: 'setup_retry',
      reason: 'cannot_connect',
    })
    expect(service.open).toBe(0)
  })

  it('does not disturb an entry that has another connection by now', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    let first: ScriptedClient | undefined
    await host.latchkey.entries.use(host.service.integration, entryId, (client) => {
      first = client
    })
    await host.latchkey.entries.reload(entryId)
    first?.drop()
    await atRest()
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
  })

  it('does not disturb a probe, which decides', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await atRest()
    host.service.script({ held: { connect: 'ann' } })
    let client: ScriptedClient | undefined
    let runs = 0
    const used = host.latchkey.entries.use(host.service.integration, entryId, (it) => {
      client = it
      if (runs++ > 0) return 'done'
      host.service.accounts.delete('good')
      return it.ping()
    })
    await atRest()
    client?.drop()
    host.service.release()
    expect(await used).toBe('done')
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
    await atRest()
    expect(host.service.open).toBe(1)
  })
})

describe('a probe', () => {
  const probed = async (answer: Parameters<ScriptedService['script']>[0]) => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.service.script(answer)
    host.service.accounts.delete('good')
    const error: unknown = await host.latchkey.entries
      .use(host.service.integration, entryId, (client) => client.ping())
      .catch((thrown) => thrown)
    await atRest()
    return { ...host, entryId, error }
  }

  it('that finds another account stops the entry', async () => {
    const { error, service, latchkey } = await probed({ connect: 'bob' })
    expect(error).toMatchObject({ state: 'setup_error', reason: 'wrong_account' })
    expect(service.open).toBe(0)
    expect(await latchkey.attention.list()).toMatchObject([{ reason: 'wrong_account' }])
  })

  it('that the integration calls hopeless stops the entry', async () => {
    const { error, service } = await probed('setup_error')
    expect(error).toMatchObject({ state: 'setup_error', reason: 'setup_error' })
    expect(service.open).toBe(0)
  })

  it('that fails unexpectedly is retried', async () => {
    const { error, service, pass, latchkey, entryId } = await probed({ throws: 'surprise' })
    expect(error).toMatchObject({ state: 'setup_retry', reason: 'unknown' })
    expect(service.open).toBe(0)
    service.accounts.set('good', 'ann')
    await pass(5_000)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
  })
})

describe('a connection that is replaced', () => {
  const inUse = async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    let end: () => void = () => {}
    const used = host.latchkey.entries.use(
      host.service.integration,
      entryId,
      () => new Promise<void>((resolve) => (end = resolve)),
    )
    await atRest()
    const form = asForm(await host.latchkey.entries.requestReauth(entryId))
    host.service.accounts.set('new', 'ann')
    await host.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    await atRest()
    return { ...host, entryId, used, end: () => end() }
  }

  it('is closed when the calls in flight have ended', async () => {
    const { service, end, used } = await inUse()
    expect(service).toMatchObject({ open: 2, disposed: 0 })
    end()
    await used
    await atRest()
    expect(service).toMatchObject({ open: 1, disposed: 1 })
  })

  it('is closed after ten seconds, even if a call still uses it', async () => {
    const { service, pass } = await inUse()
    await pass(9_999)
    expect(service.disposed).toBe(0)
    await pass(1)
    expect(service).toMatchObject({ open: 1, disposed: 1 })
  })

  it('is released although it cannot be closed, and the log has the error without secrets', async () => {
    const service = new ScriptedService({
      connect: async ({ token }) => ({
        client: { account: 'ann', ping: () => 'pong', drop: () => {} },
        uniqueId: 'ann',
        dispose: () => Promise.reject(new Error(`It does not close with ${token.reveal()}.`)),
      }),
    })
    const host = await makeHost({ service })
    const entryId = await addEntry(host)
    const form = asForm(await host.latchkey.entries.requestReauth(entryId))
    await host.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    await atRest()
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
    expect(host.log.lines).toMatchObject([
      {
        message: 'A connection could not be closed.',
        fields: { error: { message: 'It does not close with [secret].' } },
      },
    ])
  })
})
