import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { myHub } from '../../../examples/getting-started/my-hub.ts'
import { defineIntegration } from '../../../src/authoring/integration.ts'
import { secret } from '../../../src/authoring/secret.ts'
import {
  CannotConnectError,
  ConfigurationError,
  InvalidAuthError,
  RateLimitedError,
} from '../../../src/errors.ts'
import { type ScriptedClient, ScriptedService } from '../../../src/testing/scripted-service.ts'
import { addEntry, asForm, atRest, type Host, type HostOptions, makeHost } from '../host.ts'

const ping = (client: ScriptedClient) => client.ping()

const fails = (error: unknown) => () => Promise.reject(error)

const refused = () =>
  Object.assign(new TypeError('fetch failed'), {
    cause: Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }),
  })

async function hostWithEntry(options?: HostOptions) {
  const host = await makeHost(options)
  const entryId = await addEntry(host)
  return { ...host, entryId, ...callsOf(host, entryId) }
}

function callsOf({ latchkey, service }: Host, entryId: string) {
  const view = () => latchkey.entries.get(entryId)
  const use = (work: (client: ScriptedClient) => unknown, options = {}) =>
    latchkey.entries.use(service.integration, entryId, work, options).catch((error: unknown) => error)
  const failing = async (times: number, error: unknown = new CannotConnectError()) => {
    for (let time = 0; time < times; time++) await use(fails(error))
  }
  return { view, use, failing }
}

/** A hub that the client of `my_hub` reaches through the `fetch` of its context. */
class Hub {
  status: number | 'away' = 200
  readonly fetch: typeof globalThis.fetch = async () => {
    if (this.status === 'away') throw refused()
    return Response.json({ id: 'hub-1', name: 'Hub 1' }, { status: this.status })
  }
}

describe('a loaded entry', () => {
  it('is quiet after three calls in a row could not reach its service, until one does', async () => {
    const { latchkey, entryId, view, use, failing, clock } = await hostWithEntry()
    const events: unknown[] = []
    latchkey.on('entry_quiet', (event) => events.push(event))
    const before = await view()
    clock.increment(1_000)
    await failing(2)
    expect(await view()).toEqual({ ...before, lastError: expect.anything() })
    await failing(1)
    expect(await view()).toMatchObject({
      state: 'loaded',
      quiet: true,
      text: 'Not responding',
      checkedAt: before.checkedAt,
      lastError: { code: 'cannot_connect', at: clock.now() },
      revision: before.revision,
    })
    await failing(1)
    expect(await use(ping)).toBe('pong')
    expect(await view()).toEqual({ ...before, checkedAt: clock.now() })
    const event = { scope: 'default', entryId, domain: 'scripted' }
    expect(events).toEqual([
      { ...event, quiet: true },
      { ...event, quiet: false },
    ])
  })

  it('counts calls in a row, and calls that run at the same time once', async () => {
    const { view, use, failing } = await hostWithEntry()
    await failing(2)
    await use(ping)
    await failing(2)
    expect((await view()).quiet).toBeUndefined()
    await use(ping)
    let fail = (_error: unknown) => {}
    const outage = new Promise((_, reject) => {
      fail = reject
    })
    const calls = [1, 2, 3].map(() => use(() => outage))
    await atRest()
    fail(new CannotConnectError())
    await Promise.all(calls)
    expect((await view()).quiet).toBeUndefined()
    await failing(2)
    expect((await view()).quiet).toBe(true)
  })

  it('is quiet if calls fail for longer than staleAfter, and not if none is made', async () => {
    const { view, failing, pass } = await hostWithEntry()
    await failing(1)
    await pass(60_000)
    expect((await view()).quiet).toBeUndefined()
    await pass(1)
    await failing(1)
    expect((await view()).quiet).toBe(true)
    const patient = await hostWithEntry({ service: new ScriptedService({ staleAfter: 100_000 }) })
    await patient.failing(1)
    await patient.pass(100_000)
    await patient.failing(1)
    expect((await patient.view()).quiet).toBeUndefined()
  })

  it('is quiet after one call that waited for longer than staleAfter', async () => {
    const { view, use, pass } = await hostWithEntry()
    const used = use(() => new Promise(() => {}), { timeout: 60_001 })
    await atRest()
    await pass(60_001)
    expect(await used).toMatchObject({ code: 'USE_TIMEOUT' })
    expect(await view()).toMatchObject({ quiet: true, lastError: { code: 'timeout' } })
  })

  it('names the timeout of a call, and not the error with which it ends later', async () => {
    const { view, use, pass } = await hostWithEntry()
    const answer = Promise.withResolvers<never>()
    const used = use(() => answer.promise, { timeout: 1_000 })
    await atRest()
    await pass(1_000)
    await used
    answer.reject(new CannotConnectError())
    await atRest()
    expect(await view()).toMatchObject({ lastError: { code: 'timeout' } })
  })

  it.each([
    ['a refused connection', refused()],
    ['a name that does not resolve', Object.assign(new Error('x'), { code: 'ENOTFOUND' })],
    ['a request that timed out', new DOMException('The operation timed out.', 'TimeoutError')],
    [
      'an answer that did not come',
      new Error('x', { cause: Object.assign(new Error('y'), { code: 'UND_ERR_HEADERS_TIMEOUT' }) }),
    ],
  ])('is quiet after %s', async (_, error) => {
    const { view, failing } = await hostWithEntry()
    await failing(3, error)
    expect((await view()).quiet).toBe(true)
  })

  it.each([
    ['an error of the caller', new RangeError('mine')],
    ['no error at all', 'a text'],
    ['a refused credential', new InvalidAuthError()],
    ['too many requests', new RateLimitedError(1)],
    ['a circle of causes', circle()],
  ])('is not quiet after %s', async (_, error) => {
    const { view, failing, service } = await hostWithEntry()
    service.accounts.set('good', 'ann')
    await failing(2)
    await failing(3, error)
    expect((await view()).quiet).toBeUndefined()
  })

  it('is not quiet after calls that their caller has cancelled, or that its unload has ended', async () => {
    const { latchkey, entryId, view, use } = await hostWithEntry()
    for (let time = 0; time < 3; time++) {
      const aborted = AbortSignal.abort()
      await use(fails(new CannotConnectError()), { signal: aborted })
      const controller = new AbortController()
      const used = use(
        () => new Promise((_, reject) => setTimeout(() => reject(new CannotConnectError()), 1)),
        { signal: controller.signal },
      )
      await atRest()
      controller.abort()
      await used
    }
    for (let time = 0; time < 3; time++) {
      let fail = () => {}
      const used = use(
        () =>
          new Promise((_, reject) => {
            fail = () => reject(new CannotConnectError())
          }),
      )
      await atRest()
      const reloaded = latchkey.entries.reload(entryId)
      await atRest()
      fail()
      await Promise.all([used, reloaded])
    }
    expect((await view()).quiet).toBeUndefined()
  })

  it('logs once that calls cannot reach its service, with the reference that the view has', async () => {
    const { view, failing, log, entryId } = await hostWithEntry()
    await failing(5, new CannotConnectError('No route to the hub with the token good.'))
    const { lastError } = await view()
    expect(log.lines).toMatchObject([
      {
        level: 'warn',
        message: 'Calls cannot reach the service of an entry.',
        fields: { entryId, ref: expect.stringMatching(/^[2-9A-Z]{4}-[2-9A-Z]{2}$/) },
      },
    ])
    expect(lastError).toMatchObject({
      cause: 'CannotConnectError: No route to the hub with the token [secret].',
    })
  })

  it('needs a new credential, and is not quiet, as soon as the service refuses it', async () => {
    const { view, use, failing, service } = await hostWithEntry()
    await failing(3)
    service.accounts.clear()
    await use(ping)
    expect(await view()).toMatchObject({ state: 'reauth_required', lastError: { code: 'invalid_auth' } })
    expect((await view()).quiet).toBeUndefined()
  })

  it('is not quiet any more after it was disabled or lost its connection', async () => {
    const { latchkey, entryId, view, use, failing, service } = await hostWithEntry()
    await failing(3)
    await latchkey.entries.disable(entryId)
    expect((await view()).quiet).toBeUndefined()
    await latchkey.entries.enable(entryId)
    await failing(3)
    service.script('cannot_connect')
    await use((client) => client.drop())
    await atRest()
    expect(await view()).toMatchObject({ state: 'setup_retry' })
    expect((await view()).quiet).toBeUndefined()
  })

  it('writes nothing and connects not at all while it is quiet', async () => {
    const { store, failing, service, view } = await hostWithEntry()
    const before = await view()
    let writes = 0
    const apply = store.apply.bind(store)
    store.apply = (...input) => {
      writes++
      return apply(...input)
    }
    await failing(10)
    expect([writes, service.connects.length, (await view()).revision]).toEqual([0, 1, before.revision])
  })
})

describe('the my_hub of the README', () => {
  const linked = async () => {
    const hub = new Hub()
    const host = await makeHost({ integrations: [myHub], network: { fetch: hub.fetch } })
    const form = asForm(await host.latchkey.flows.start({ domain: 'my_hub', source: 'user' }))
    const input = { host: 'hub.local:8123', apiToken: 'good' }
    const { entryId } = await host.latchkey.flows.submit(form.flowId, input, { revision: form.revision })
    const id = entryId ?? ''
    const use = (work: (client: { status(): Promise<unknown> }) => unknown) =>
      host.latchkey.entries.use(myHub, id, work).catch(() => {})
    const status = () => use((client) => client.status())
    const view = () => host.latchkey.entries.get(id)
    return { hub, use, status, view }
  }

  it('is quiet after its hub was switched off, and connected again after it was switched on', async () => {
    const { hub, status, view } = await linked()
    hub.status = 'away'
    for (const _ of [1, 2, 3]) await status()
    expect(await view()).toMatchObject({ state: 'loaded', quiet: true, address: 'hub.local:8123' })
    hub.status = 200
    await status()
    expect((await view()).quiet).toBeUndefined()
  })

  it('is not quiet if the hub answers that it does not know a path', async () => {
    const { hub, status, view } = await linked()
    hub.status = 404
    for (const _ of [1, 2, 3, 4]) await status()
    expect((await view()).quiet).toBeUndefined()
    hub.status = 503
    for (const _ of [1, 2, 3]) await status()
    expect((await view()).quiet).toBe(true)
  })

  it('is quiet if its client throws an error that does not name the cause', async () => {
    const { hub, use, view } = await linked()
    hub.status = 'away'
    const offline = (client: { status(): Promise<unknown> }) =>
      client.status().catch(() => Promise.reject(new Error('The hub is offline.')))
    for (const _ of [1, 2, 3]) await use(offline)
    expect(await view()).toMatchObject({ quiet: true, lastError: { code: 'cannot_connect' } })
  })
})

/** A service whose client fetches a page, and has its own error if that fails. */
const pages = defineIntegration({
  domain: 'pages',
  title: 'Pages',
  fields: z.object({ token: secret() }),
  connect: async (_, { fetch }) => ({
    client: {
      page: (signal: AbortSignal) =>
        fetch('http://hub.local', { signal }).catch(() => Promise.reject(new Error('There is no page.'))),
    },
    uniqueId: 'one',
  }),
})

describe('an entry whose client cancels a request', () => {
  it.each([
    ['is not quiet, because that is not a failure of the service', new Error('Another page.'), undefined],
    ['is quiet if the request took too long', new DOMException('Too late.', 'TimeoutError'), true],
  ])('%s', async (_, reason, quiet) => {
    const fetch: typeof globalThis.fetch = async (_, init) => {
      init?.signal?.throwIfAborted()
      return new Response()
    }
    const { latchkey } = await makeHost({ integrations: [pages], network: { fetch } })
    const form = asForm(await latchkey.flows.start({ domain: 'pages', source: 'user' }))
    const { entryId } = await latchkey.flows.submit(form.flowId, { token: 'good' }, form)
    const id = entryId ?? ''
    for (const _ of [1, 2, 3])
      await latchkey.entries
        .use(pages, id, (client) => client.page(AbortSignal.abort(reason)))
        .catch(() => {})
    expect((await latchkey.entries.get(id)).quiet).toBe(quiet)
  })
})

describe('staleAfter', () => {
  it('must be a time', async () => {
    const service = new ScriptedService({ staleAfter: -1 })
    await expect(makeHost({ service })).rejects.toThrow(ConfigurationError)
    await expect(makeHost({ service })).rejects.toThrow('staleAfter')
  })
})

function circle(): Error {
  const error = new Error('one')
  error.cause = new Error('two', { cause: error })
  return error
}
