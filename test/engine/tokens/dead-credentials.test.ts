import { afterAll, describe, expect, it } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import * as z from 'zod'
import { joseCipher } from '../../../src/adapters/jose-cipher.ts'
import {
  CannotConnectError,
  ClientRefusedError,
  defineIntegration,
  InvalidAuthError,
  RateLimitedError,
  SetupError,
  type Store,
  secret,
} from '../../../src/index.ts'
import { oauthProvider, oauthTokens } from '../../../src/oauth/index.ts'
import { atRest, type Host, makeHost, openForm } from '../host.ts'
import { someStores } from '../stores.ts'

const HOUR = 3_600_000
const stores = someStores()
afterAll(() => stores.clear())

type Refresh = () => Promise<object>

/** A host with an account whose token lives for an hour, and a service whose answers to a refresh change. */
class Scene {
  refresh: Refresh = async () => ({})
  /** Whether the service accepts access tokens. */
  accepts = true
  host: Host
  entryId = ''
  readonly changed: (string | null)[] = []
  readonly announced: string[] = []
  readonly integration: Integration

  private constructor(host: Host, integration: Integration) {
    this.host = host
    this.integration = integration
  }

  static async linked(store: Store, options: { renewal?: string | null; lives?: number | null } = {}) {
    const { renewal = 'r-1', lives = HOUR } = options
    const clock = new SimulatedClock()
    clock.set(Date.now())
    const box: { scene: Scene | null } = { scene: null }
    const integration = define(clock, () => box.scene)
    const cipher = store.durable ? {} : { cipher: joseCipher([new Uint8Array(32).fill(3)]) }
    const host = await makeHost({ integrations: [integration], clock, store, ...cipher })
    const scene = new Scene(host, integration)
    box.scene = scene
    const form = await openForm(host.latchkey, 'acct')
    const input = { account: 'ann', ...(renewal !== null && { renewal }), ...(lives !== null && { lives }) }
    const { entryId } = await host.latchkey.flows.submit(form.flowId, input, form)
    scene.entryId = entryId ?? ''
    await host.latchkey.start()
    scene.listen()
    return scene
  }

  listen() {
    this.host.latchkey.on('attention_changed', ({ entryId, domain }) => {
      this.changed.push(entryId ?? `${domain}`)
    })
    this.host.latchkey.on('attention_added', ({ item }) => this.announced.push(`+ ${item.reason}`))
    this.host.latchkey.on('attention_removed', ({ item }) => this.announced.push(`- ${item.reason}`))
  }

  use(entryId = this.entryId): Promise<string> {
    return this.host.latchkey.entries
      .use(this.integration, entryId, (client) => client())
      .then(String, ({ code, reason }: { code: string; reason?: string }) => [code, reason].join(' ').trim())
  }

  /** Calls once an hour. */
  async hours(count: number) {
    for (let hour = 0; hour < count; hour++) {
      await this.host.pass(HOUR)
      await this.use()
    }
  }

  async reasons() {
    const items = await this.host.latchkey.attention.list()
    return items.map(({ entryId, reason }) => [entryId === this.entryId ? 'entry' : entryId, reason])
  }

  async restart() {
    await this.host.latchkey.stop()
    this.host = await this.host.again()
    await this.host.latchkey.start()
    this.listen()
  }
}

/** The switches of a service; null until the account is linked. */
type Switches = () => Pick<Scene, 'refresh' | 'accepts'> | null

type Integration = ReturnType<typeof define>

const define = (clock: SimulatedClock, switches: Switches) =>
  defineIntegration({
    domain: 'acct',
    title: 'Account',
    fields: z.object({
      account: z.string(),
      renewal: secret().optional(),
      lives: z.number().optional(),
    }),
    stored: z.object({
      account: z.string(),
      access: secret(),
      renewal: secret().optional(),
      ends: z.number().optional(),
    }),
    exchange: async ({ account, renewal, lives }) => ({
      account,
      access: 'a-1',
      ...(renewal !== undefined && { renewal: renewal.reveal() }),
      ...(lives !== undefined && { ends: clock.now() + lives }),
    }),
    expiresAt: ({ ends }) => ends ?? null,
    refresh: async ({ renewal }) => {
      const service = switches()
      if (renewal === undefined || service === null) throw new InvalidAuthError('It cannot be refreshed.')
      return service.refresh()
    },
    connect: async ({ account }) => {
      const call = () => {
        if (switches()?.accepts === false) throw new InvalidAuthError()
        return 'ok'
      }
      call()
      return { client: call, uniqueId: account, title: account }
    },
  })

const throwing =
  (error: unknown): Refresh =>
  () =>
    Promise.reject(error)

/** The refresh of an OAuth provider whose token endpoint answers like this. */
const answering = (status: number, body: object | string, headers: Record<string, string> = {}): Refresh => {
  const provider = oauthProvider({
    issuer: { issuer: 'https://as.example', token_endpoint: 'https://as.example/token' },
    clientId: 'me',
    clientSecret: 'shh',
    scope: 'read',
  })
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const fetch: typeof globalThis.fetch = async () => new Response(text, { status, headers })
  const tokens = z.object(oauthTokens).parse({ accessToken: 'a', refreshToken: 'r' })
  return () => provider.refresh(tokens, { fetch, signal: new AbortController().signal })
}

const never: Refresh = () => new Promise(() => {})

describe.each(stores.each)('over %s, an account', (_, store) => {
  it.each<[string, Refresh]>([
    ['400 invalid_grant', answering(400, { error: 'invalid_grant' })],
    ['200 bad_refresh_token', answering(200, { error: 'bad_refresh_token' })],
    ['200 ok: false', answering(200, { ok: false, error: 'invalid_refresh_token' })],
    [
      '400 and a status',
      answering(400, { status: 'BAD_REFRESH_TOKEN', message: 'missing or invalid refresh token' }),
    ],
    ['403 unauthorized_client', answering(403, { error: 'unauthorized_client' })],
    ['401 with a challenge', answering(401, '', { 'www-authenticate': 'Bearer' })],
    ['a text', answering(400, 'invalid_grant')],
    ['a nested code', answering(400, { errors: [{ errorType: 'invalid_grant' }] })],
    ['interaction_required', answering(400, { error: 'interaction_required' })],
    ['a thrown InvalidAuthError', throwing(new InvalidAuthError())],
  ])('whose refresh is refused (%s) needs a sign-in at once', async (_answer, refresh) => {
    const scene = await Scene.linked(store())
    scene.refresh = refresh
    await scene.host.pass(HOUR)
    expect(await scene.use()).toBe('REAUTH_REQUIRED')
    expect(await scene.reasons()).toEqual([['entry', 'invalid_auth']])
    await scene.host.latchkey.stop()
  })

  it.each<[string, Refresh]>([
    ['SetupError', throwing(new SetupError('This app was blocked.'))],
    ['TypeError', throwing(new TypeError("Cannot read properties of undefined (reading 'token')"))],
    ['a text', throwing('no')],
    ['CannotConnectError', throwing(new CannotConnectError())],
    ['RateLimitedError', throwing(new RateLimitedError(60))],
    ['an unknown answer', answering(400, { message: 'Bad Request', error: 400 })],
    ['a page instead of JSON', answering(200, '<!doctype html>')],
    ['an empty answer', answering(200, {})],
    ['an answer with another type', async () => ({ access: 7 })],
    ['no answer', never],
  ])(
    'whose refresh keeps failing (%s) is in the attention list after a day, with its reason',
    async (_error, refresh) => {
      const scene = await Scene.linked(store())
      scene.refresh = refresh
      await scene.host.pass(HOUR)
      const waits = refresh === never
      const useOnce = async () => {
        const call = scene.use()
        for (let wait = 0; waits && wait < 7; wait++) {
          await atRest()
          await scene.host.pass(5_000)
        }
        return call
      }
      expect(await useOnce()).toMatch(/^REFRESH_FAILED/)
      expect(await scene.reasons()).toEqual([])
      await scene.host.pass(24 * HOUR)
      expect(await useOnce()).toMatch(/^REFRESH_FAILED/)
      expect(await scene.reasons()).toEqual([['entry', 'refresh_failed']])
      expect(scene.changed).toEqual([scene.entryId])
      expect((await scene.host.latchkey.flows.list()).items).toEqual([])
      // The setup after the restart does not wait for an answer.
      scene.refresh = throwing(new CannotConnectError())
      await scene.restart()
      expect(await scene.reasons()).toEqual([['entry', 'refresh_failed']])
      await scene.host.latchkey.stop()
    },
  )

  it('whose refresh works after an outage needs no user', async () => {
    const scene = await Scene.linked(store())
    scene.refresh = throwing(new CannotConnectError())
    await scene.hours(20)
    expect(await scene.reasons()).toEqual([])
    scene.refresh = async () => ({ access: 'a-2', ends: scene.host.clock.now() + HOUR })
    await scene.hours(1)
    expect(await scene.use()).toBe('ok')
    scene.refresh = throwing(new CannotConnectError())
    await scene.hours(10)
    expect(await scene.reasons()).toEqual([])
    await scene.host.latchkey.stop()
  })

  it('whose refresh works again leaves the attention list', async () => {
    const scene = await Scene.linked(store())
    scene.refresh = throwing(new CannotConnectError())
    await scene.hours(26)
    expect(await scene.reasons()).toEqual([['entry', 'refresh_failed']])
    scene.refresh = async () => ({ access: 'a-2', ends: scene.host.clock.now() + HOUR })
    await scene.hours(1)
    expect(await scene.reasons()).toEqual([])
    expect(scene.changed).toEqual([scene.entryId, scene.entryId])
    const { items } = await scene.host.latchkey.history(scene.entryId)
    expect(items.map(({ kind, code }) => [kind, code])).toEqual(
      expect.arrayContaining([
        ['refresh_failed', 'cannot_connect'],
        ['refresh_repaired', null],
      ]),
    )
    await scene.host.latchkey.stop()
  })

  it('whose refresh fails permanently shows its reason after a reload', async () => {
    const scene = await Scene.linked(store())
    scene.refresh = throwing(new SetupError('This app was blocked.'))
    await scene.hours(3)
    expect(await scene.reasons()).toEqual([['entry', 'refresh_failed']])
    await scene.host.pass(60_000)
    expect(await scene.host.latchkey.entries.reload(scene.entryId)).toMatchObject({
      state: 'setup_retry',
      reason: 'refresh_failed',
    })
    const item = await scene.host.latchkey.attention.get(scene.entryId)
    expect(item).toMatchObject({ reason: 'refresh_failed', since: expect.any(Number), flowId: null })
    const form = await scene.host.latchkey.entries.requestReauth(scene.entryId)
    await scene.host.latchkey.flows.submit(form.flowId, { renewal: 'r-2', lives: HOUR }, form)
    expect(await scene.reasons()).toEqual([])
    await scene.host.latchkey.stop()
  })

  it('does not believe a first failure in the future', async () => {
    const scene = await Scene.linked(store())
    scene.refresh = throwing(new CannotConnectError())
    await scene.host.pass(HOUR)
    const { store: rows, clock } = scene.host
    const record = await rows.getEntry('default', scene.entryId)
    if (record === undefined) throw new Error('The entry was removed.')
    const refreshFailure = { since: clock.now() + 365 * 24 * HOUR, reason: 'timeout', overdue: false }
    const revision = record.revision + 1
    await rows.apply('default', [
      { put: 'entry', record: { ...record, refreshFailure, revision }, ifRevision: record.revision },
    ])
    await scene.hours(26)
    expect(await scene.reasons()).toEqual([['entry', 'refresh_failed']])
    await scene.host.latchkey.stop()
  })
})

describe.each(stores.each)('over %s, an account without a refresh token', (_, store) => {
  it('uses its token until it expires, and needs a sign-in then', async () => {
    const scene = await Scene.linked(store(), { renewal: null })
    await scene.host.pass(HOUR - 1_000)
    expect(await scene.use()).toBe('ok')
    expect(await scene.use()).toBe('ok')
    expect(await scene.reasons()).toEqual([])
    // No call is in progress when it expires.
    scene.accepts = false
    await scene.host.pass(1_000)
    expect(await scene.reasons()).toEqual([['entry', 'invalid_auth']])
    expect(await scene.use()).toBe('REAUTH_REQUIRED')
    await scene.host.latchkey.stop()
  })

  it('needs a sign-in once the service refuses the token, also in its last minute', async () => {
    const scene = await Scene.linked(store(), { renewal: null })
    await scene.host.pass(HOUR - 1_000)
    expect(await scene.use()).toBe('ok')
    scene.accepts = false
    expect(await scene.use()).toBe('REAUTH_REQUIRED')
    await scene.host.latchkey.stop()
  })

  it('whose token does not expire needs a sign-in once the service refuses it', async () => {
    const scene = await Scene.linked(store(), { renewal: null, lives: null })
    await scene.host.pass(1_000 * HOUR)
    expect(await scene.use()).toBe('ok')
    scene.accepts = false
    expect(await scene.use()).toBe('REAUTH_REQUIRED')
    expect(await scene.reasons()).toEqual([['entry', 'invalid_auth']])
    await scene.host.latchkey.stop()
  })

  it('has the same token in its last minute after a restart', async () => {
    const scene = await Scene.linked(store(), { renewal: null })
    await scene.host.pass(HOUR - 1_000)
    await scene.restart()
    expect(await scene.use()).toBe('ok')
    await scene.host.latchkey.stop()
  })

  it('wakes up after its token expired while the process was suspended', async () => {
    const scene = await Scene.linked(store(), { renewal: null })
    await scene.host.pass(HOUR - 1_000)
    expect(await scene.use()).toBe('ok')
    scene.host.clock.set(scene.host.clock.now() + 2_000)
    expect(await scene.use()).toBe('REAUTH_REQUIRED')
    await scene.host.latchkey.stop()
  })
})

describe.each(stores.each)('over %s, an application that the service refuses', (_, store) => {
  const twoAccounts = async () => {
    const scene = await Scene.linked(store())
    const form = await openForm(scene.host.latchkey, 'acct')
    const input = { account: 'bob', renewal: 'r-b', lives: HOUR }
    const { entryId } = await scene.host.latchkey.flows.submit(form.flowId, input, form)
    return { scene, other: entryId ?? '' }
  }

  it.each<[string, Refresh]>([
    [
      'invalid_client',
      answering(401, { error: 'invalid_client' }, { 'www-authenticate': 'Basic realm="token"' }),
    ],
    ['invalid_request', answering(400, { error: 'invalid_request' })],
    ['unsupported_grant_type', answering(400, { error: 'unsupported_grant_type' })],
    ['invalid_scope', answering(400, { error: 'invalid_scope' })],
    ['a thrown ClientRefusedError', throwing(new ClientRefusedError())],
  ])('(%s) is one attention item for all accounts, and no sign-in', async (_answer, refresh) => {
    const { scene, other } = await twoAccounts()
    scene.refresh = refresh
    await scene.host.pass(HOUR)
    expect([await scene.use(), await scene.use(other)]).toEqual([
      'REFRESH_FAILED client_refused',
      'REFRESH_FAILED client_refused',
    ])
    const { latchkey } = scene.host
    const [item, ...others] = await latchkey.attention.list()
    expect(others).toEqual([])
    expect(item).toMatchObject({
      entryId: null,
      domain: 'acct',
      title: 'Account',
      reason: 'client_refused',
      since: scene.host.clock.now(),
      flowId: null,
    })
    expect(await latchkey.attention.ofClient('acct')).toEqual(item)
    expect(await latchkey.attention.ofClient('other')).toBeNull()
    expect(scene.changed).toEqual(['acct'])
    expect(scene.announced).toEqual(['+ client_refused'])
    expect((await latchkey.flows.list()).items).toEqual([])
    await scene.hours(48)
    expect(await scene.reasons()).toEqual([[null, 'client_refused']])
    await latchkey.stop()
  })

  it('is in the list after a restart, and leaves it with the next refresh that succeeds', async () => {
    const { scene, other } = await twoAccounts()
    scene.refresh = throwing(new ClientRefusedError())
    await scene.host.pass(HOUR)
    await scene.use()
    await scene.restart()
    expect(await scene.reasons()).toEqual([[null, 'client_refused']])
    scene.refresh = async () => ({ access: 'a-2', ends: scene.host.clock.now() + HOUR })
    await scene.host.pass(10 * 60_000)
    expect(await scene.use(other)).toBe('ok')
    expect(await scene.reasons()).toEqual([])
    expect(scene.changed.at(-1)).toBe('acct')
    await atRest()
    expect(scene.announced).toEqual(['+ client_refused', '- client_refused'])
    await scene.host.latchkey.stop()
  })

  it('is not in the list of a scope without an account', async () => {
    const scene = await Scene.linked(store())
    scene.refresh = throwing(new ClientRefusedError())
    await scene.host.pass(HOUR)
    await scene.use()
    await scene.host.latchkey.entries.remove(scene.entryId)
    expect(await scene.reasons()).toEqual([])
    await atRest()
    expect(scene.announced).toEqual(['+ client_refused', '- client_refused'])
    await scene.host.latchkey.stop()
  })
})
