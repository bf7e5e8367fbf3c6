import { afterAll, describe, expect, it } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import * as z from 'zod'
import { joseCipher } from '../../../src/adapters/jose-cipher.ts'
import {
  CannotConnectError,
  defineIntegrationWithMethods,
  InvalidAuthError,
  type Store,
  type View,
} from '../../../src/index.ts'
import { type OAuthProviderOptions, oauthProvider, oauthTokens } from '../../../src/oauth/index.ts'
import { FailingStore, fullDisk } from '../../../src/testing/failing-store.ts'
import { atRest, type Host, makeHost } from '../host.ts'
import { someStores } from '../stores.ts'

const AS = 'https://as.example'
const HOUR = 3_600_000
const stores = someStores()
afterAll(() => stores.clear())

/** An OAuth server that counts its grants, and a host with an account at it. */
class Scene {
  /** The account that signs in; null if the service has no ids. */
  account: string | null = 'ann'
  /** The error of the service; null if it accepts tokens. */
  fault: Error | null = null
  grantsRenewal = true
  /** Whether the service asks for a PIN after each sign-in. */
  asksPin = false
  /** A connection waits for it. */
  held: Promise<void> | null = null
  /** The answer to a revocation. */
  revokes: () => Promise<Response> = async () => new Response('')
  readonly revoked: string[] = []
  readonly refreshed: { readonly client: string; readonly token: string }[] = []
  grants = 0
  readonly host: Host

  private constructor(host: Host) {
    this.host = host
  }

  static async begin(store: Store, options: Partial<OAuthProviderOptions> = {}, scopes = false) {
    const clock = new SimulatedClock()
    clock.set(Date.now())
    const box: { scene: Scene | null } = { scene: null }
    const scene = () => box.scene as Scene
    const fetch = ((url: string, init: RequestInit) => scene().answer(url, init)) as typeof globalThis.fetch
    const provider = (clientId: string) => oauthProvider({ ...base, ...options, clientId })
    const [first, second] = [provider('app-a'), provider('app-b')]
    const acct = defineIntegrationWithMethods({
      domain: 'acct',
      title: 'Account',
      stored: z.object(oauthTokens),
      methods: {
        a: { title: 'A', authorize: first.authorizationCode() },
        b: { title: 'B', authorize: second.authorizationCode() },
      },
      refresh: (stored, context) => (context.method === 'b' ? second : first).refresh(stored, context),
      expiresAt: first.expiresAt,
      challenges: { pin: z.object({ pin: z.string() }) },
      connect: async (_, { stored, challenge }) => {
        await scene().held
        const { fault, account, asksPin } = scene()
        if (fault !== null) throw fault
        if (asksPin && challenge === undefined) return { challenge: 'pin', state: 'asked' }
        if (challenge !== undefined) expect(challenge.state).toBe('asked')
        const uniqueId = account
        return { client: async () => tokensOf(await stored()), uniqueId, title: 'Account' }
      },
    })
    const cipher = store.durable ? {} : { cipher: joseCipher([new Uint8Array(32).fill(4)]) }
    const network = { fetch }
    const host = await makeHost({ integrations: [acct], clock, store, ...cipher, network, scopes })
    box.scene = new Scene(host)
    return Object.assign(box.scene, {
      use: (entryId: string) => host.latchkey.entries.use(acct, entryId, (client) => client()),
    })
  }

  async answer(url: string, init: RequestInit): Promise<Response> {
    const params = new URLSearchParams(String(init.body))
    const token = params.get('token') ?? ''
    if (url === `${AS}/revoke`) {
      this.revoked.push(token)
      return this.revokes()
    }
    const isRefresh = params.get('grant_type') === 'refresh_token'
    const client = params.get('client_id') ?? ''
    if (isRefresh) this.refreshed.push({ client, token: params.get('refresh_token') ?? '' })
    const n = isRefresh ? `${this.grants}x` : ++this.grants
    const body = {
      access_token: `access-${n}`,
      expires_in: 3600,
      ...(this.grantsRenewal && !isRefresh && { refresh_token: `renewal-${n}` }),
    }
    return new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } })
  }

  /** Signs in at the service, or takes the answer of a flow that needs no new sign-in. */
  async signIn(view: View, { method = 'a', scope = null as string | null } = {}): Promise<View> {
    const { latchkey } = this.host
    const { flows } = scope === null ? latchkey : latchkey.scope(scope)
    let at = view
    if (at.type === 'menu') at = await flows.choose(at.flowId, method, { revision: at.revision })
    const redirectUri = 'http://127.0.0.1:4711/oauth/callback/acct'
    const begun = await flows.authorize(at.flowId, { revision: at.revision, redirectUri })
    if (begun.browser === null) return begun.view
    const address = await latchkey.signIns.redirect(at.flowId, begun.browser)
    const state = new URL(address ?? '').searchParams.get('state') ?? ''
    const returned = await latchkey.signIns.finish({
      domain: 'acct',
      query: new URLSearchParams({ code: 'c', state }),
      browserOf: () => begun.browser,
    })
    if (returned.type !== 'moved') throw new Error(returned.code)
    return returned.view
  }

  async link(how: { readonly method?: string; readonly scope?: string } = {}): Promise<string> {
    const { latchkey } = this.host
    const { flows } = how.scope === undefined ? latchkey : latchkey.scope(how.scope)
    const end = await this.signIn(await flows.start({ domain: 'acct', source: 'user' }), how)
    return end.entryId ?? ''
  }
}

const base = {
  issuer: {
    issuer: AS,
    authorization_endpoint: `${AS}/auth`,
    token_endpoint: `${AS}/token`,
    revocation_endpoint: `${AS}/revoke`,
  },
  scope: 'read',
}

type Tokens = z.output<z.ZodObject<typeof oauthTokens>>
const tokensOf = ({ accessToken, refreshToken }: Tokens) => [accessToken.reveal(), refreshToken?.reveal()]
const start = { domain: 'acct', source: 'user' } as const

describe.each(stores.each)('over %s, a grant', (_, store) => {
  it('is offered again while the service cannot be reached, and revoked with its flow', async () => {
    const scene = await Scene.begin(store())
    const { flows } = scene.host.latchkey
    scene.fault = new CannotConnectError()
    let view = await scene.signIn(await flows.start(start))
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(view).toMatchObject({ type: 'external', errors: { base: { code: 'cannot_connect' } } })
      view = await scene.signIn(view)
    }
    expect([scene.grants, scene.revoked]).toEqual([1, []])
    await flows.cancel(view.flowId)
    await atRest()
    expect(scene.revoked).toEqual(['renewal-1', 'access-1'])
    await scene.host.latchkey.stop()
  })

  it('that is offered again links the account once the service can be reached', async () => {
    const scene = await Scene.begin(store())
    const { flows } = scene.host.latchkey
    scene.fault = new CannotConnectError()
    const view = await scene.signIn(await flows.start(start))
    scene.fault = null
    expect(await scene.signIn(view)).toMatchObject({ type: 'create_entry' })
    await atRest()
    expect([scene.grants, scene.revoked]).toEqual([1, []])
    await scene.host.latchkey.stop()
  })

  it('that waits for ten minutes is revoked', async () => {
    const scene = await Scene.begin(store())
    scene.fault = new CannotConnectError()
    const view = await scene.signIn(await scene.host.latchkey.flows.start(start))
    await scene.host.pass(600_000)
    expect(scene.revoked).toEqual(['renewal-1', 'access-1'])
    await scene.signIn(await scene.host.latchkey.flows.get(view.flowId))
    expect(scene.grants).toBe(2)
    await scene.host.latchkey.stop()
  })

  it('that the service refuses is revoked at once, and the next sign-in gets another', async () => {
    const scene = await Scene.begin(store())
    scene.fault = new InvalidAuthError()
    const view = await scene.signIn(await scene.host.latchkey.flows.start(start))
    await atRest()
    expect(scene.revoked).toEqual(['renewal-1', 'access-1'])
    await scene.signIn(view)
    expect(scene.grants).toBe(2)
    await scene.host.latchkey.stop()
  })

  it('with an unknown account is not revoked while the integration has an entry in any scope', async () => {
    const scene = await Scene.begin(store(), {}, true)
    await scene.link({ scope: 'home' })
    scene.fault = new InvalidAuthError()
    await scene.link({ scope: 'work' })
    await atRest()
    expect(scene.revoked).toEqual([])
    await scene.host.latchkey.stop()
  })

  it('of a removed entry is revoked', async () => {
    const scene = await Scene.begin(store())
    await scene.host.latchkey.entries.remove(await scene.link())
    await atRest()
    expect(scene.revoked).toEqual(['renewal-1', 'access-1'])
    await scene.host.latchkey.stop()
  })

  it('of a removed entry is not revoked while another scope has the account', async () => {
    const scene = await Scene.begin(store(), {}, true)
    const mine = await scene.link({ scope: 'home' })
    const other = await scene.link({ scope: 'work' })
    await scene.host.latchkey.scope('home').entries.remove(mine)
    await atRest()
    expect(scene.revoked).toEqual([])
    await scene.host.latchkey.scope('work').entries.remove(other)
    await atRest()
    expect(scene.revoked).toEqual(['renewal-2', 'access-2'])
    await scene.host.latchkey.stop()
  })

  it('is revoked in spite of other entries if the service revokes only the token', async () => {
    const scene = await Scene.begin(store(), { revokes: 'token' }, true)
    const mine = await scene.link({ scope: 'home' })
    await scene.link({ scope: 'work' })
    await scene.host.latchkey.scope('home').entries.remove(mine)
    await atRest()
    expect(scene.revoked).toEqual(['renewal-1', 'access-1'])
    await scene.host.latchkey.stop()
  })

  it('of a replaced account is revoked', async () => {
    const scene = await Scene.begin(store())
    const entryId = await scene.link()
    scene.account = 'bob'
    const { flows } = scene.host.latchkey
    const shown = await scene.signIn(await flows.start({ source: 'replace', entryId }))
    await flows.choose(shown.flowId, 'replace', { revision: shown.revision })
    await atRest()
    expect(scene.revoked).toEqual(['renewal-1', 'access-1'])
    await scene.host.latchkey.stop()
  })

  it('of a confirmed replacement that could not be saved is revoked', async () => {
    const failing = new FailingStore(store())
    const scene = await Scene.begin(failing)
    const entryId = await scene.link()
    scene.account = 'bob'
    const { flows } = scene.host.latchkey
    const shown = await scene.signIn(await flows.start({ source: 'replace', entryId }))
    failing.before('apply', 1, fullDisk)
    const view = await flows.choose(shown.flowId, 'replace', shown)
    expect(view).toMatchObject({ type: 'external', errors: { base: { code: 'unknown' } } })
    await atRest()
    expect(scene.revoked).toEqual(['renewal-2', 'access-2'])
    await scene.host.latchkey.stop()
  })

  it.each<[string, (scene: Scene, failing: FailingStore, view: View) => Promise<unknown>]>([
    ['is cancelled', ({ host }, _, { flowId }) => host.latchkey.flows.cancel(flowId)],
    ['returns to the sign-in', ({ host }, _, view) => host.latchkey.flows.back(view.flowId, view)],
    [
      'expires',
      ({ host }, _, view) => {
        host.clock.increment(600_000)
        const late = host.latchkey.flows.submit(view.flowId, { pin: '1234' }, view)
        return expect(late).rejects.toMatchObject({ code: 'STALE_REVISION' })
      },
    ],
    [
      'cannot be saved',
      ({ host }, failing, view) => {
        failing.before('apply', 1, fullDisk)
        return host.latchkey.flows.submit(view.flowId, { pin: '1234' }, view)
      },
    ],
  ])('of a sign-in with a PIN that %s is revoked', async (_, ends) => {
    const failing = new FailingStore(store())
    const scene = await Scene.begin(failing)
    scene.asksPin = true
    const view = await scene.signIn(await scene.host.latchkey.flows.start(start))
    expect(view).toMatchObject({ type: 'form', step: 'challenge' })
    await ends(scene, failing, view)
    await atRest()
    expect(scene.revoked).toEqual(['renewal-1', 'access-1'])
    await scene.host.latchkey.stop()
  })

  it('of a sign-in with a PIN is not revoked if the cancellation could not be saved', async () => {
    const failing = new FailingStore(store())
    const scene = await Scene.begin(failing)
    scene.asksPin = true
    const { flows, stop } = scene.host.latchkey
    const { flowId } = await scene.signIn(await flows.start(start))
    failing.before('apply', 1, fullDisk)
    await expect(flows.cancel(flowId)).rejects.toMatchObject({ code: 'STORE' })
    await atRest()
    expect(scene.revoked).toEqual([])
    await flows.cancel(flowId)
    await atRest()
    expect(scene.revoked).toEqual(['renewal-1', 'access-1'])
    await stop()
  })

  it('of a sign-in with a PIN is not revoked if the cancellation of its check could not be saved', async () => {
    const failing = new FailingStore(store())
    const scene = await Scene.begin(failing)
    scene.asksPin = true
    const { flows, stop } = scene.host.latchkey
    const asked = await scene.signIn(await flows.start(start))
    let release = () => {}
    scene.held = new Promise((resolve) => {
      release = resolve
    })
    const submitted = flows.submit(asked.flowId, { pin: '1' }, asked)
    const refused = expect(submitted).rejects.toMatchObject({ code: 'STORE' })
    await atRest()
    for (const nth of [1, 2]) failing.before('apply', nth, fullDisk)
    await expect(flows.cancel(asked.flowId)).rejects.toMatchObject({ code: 'STORE' })
    await refused
    release()
    await atRest()
    expect(scene.revoked).toEqual([])
    const again = await flows.get(asked.flowId)
    expect(await flows.submit(asked.flowId, { pin: '1' }, again)).toMatchObject({ type: 'create_entry' })
    await stop()
  })

  it('of a reauthentication whose entry was repaired is revoked', async () => {
    const scene = await Scene.begin(store(), { revokes: 'token' })
    const entryId = await scene.link()
    const { entries, flows } = scene.host.latchkey
    scene.fault = new InvalidAuthError()
    await entries.reload(entryId)
    const asked = await flows.start({ source: 'reauth', entryId })
    Object.assign(scene, { fault: null, asksPin: true })
    expect(await scene.signIn(asked)).toMatchObject({ type: 'form', step: 'challenge' })
    scene.asksPin = false
    await entries.reload(entryId, { retryRejected: true })
    expect(await flows.get(asked.flowId)).toMatchObject({ reason: 'reauth_successful' })
    await atRest()
    expect(scene.revoked).toEqual(['renewal-2', 'access-2'])
    await scene.host.latchkey.stop()
  })

  it('of a reconfiguration that waits for a PIN stays valid when its entry is repaired', async () => {
    const scene = await Scene.begin(store(), { revokes: 'token' })
    const entryId = await scene.link()
    const { entries, flows } = scene.host.latchkey
    scene.fault = new InvalidAuthError()
    await entries.reload(entryId)
    Object.assign(scene, { fault: null, asksPin: true })
    const { flowId } = await scene.signIn(await flows.start({ source: 'reconfigure', entryId }))
    scene.asksPin = false
    await entries.reload(entryId, { retryRejected: true })
    const view = await flows.get(flowId)
    expect(view).toMatchObject({ type: 'form', step: 'challenge' })
    const end = await flows.submit(flowId, { pin: '1234' }, view)
    expect(end).toMatchObject({ reason: 'reconfigure_successful' })
    expect(scene.revoked).toEqual([])
    await scene.host.latchkey.stop()
  })

  it.each<[string, () => Promise<Response>]>([
    ['refuses', async () => new Response('{"error":"server_error"}', { status: 503 })],
    ['does not answer', () => new Promise(() => {})],
  ])('that the service %s to revoke does not prevent the removal', async (_how, revokes) => {
    const scene = await Scene.begin(store())
    const entryId = await scene.link()
    scene.revokes = revokes
    await scene.host.latchkey.entries.remove(entryId)
    expect((await scene.host.latchkey.entries.list()).items).toEqual([])
    await atRest()
    await scene.host.pass(30_000)
    expect(scene.host.log.messages).toContain('The service of a removed entry could not be informed yet.')
    expect(JSON.stringify(scene.host.log.lines)).not.toMatch(/renewal-1|access-1/)
    await scene.host.latchkey.stop()
  })

  const damaged = async (scene: Awaited<ReturnType<typeof Scene.begin>>, entryId: string) => {
    const { store: rows } = scene.host
    const record = await rows.getEntry('default', entryId)
    if (record === undefined) throw new Error('The entry was removed.')
    const { revision } = record
    const changed = { ...record, sealed: 'damaged', revision: revision + 1 }
    await rows.apply('default', [{ put: 'entry', record: changed, ifRevision: revision }])
  }

  it('that cannot be decrypted does not prevent the removal', async () => {
    const scene = await Scene.begin(store())
    const entryId = await scene.link()
    await damaged(scene, entryId)
    await scene.host.latchkey.entries.remove(entryId)
    await atRest()
    expect(scene.revoked).toEqual([])
    expect(scene.host.log.messages).toContain('The values of a removed entry could not be read.')
    await scene.host.latchkey.stop()
  })

  it('without a refresh token replaces one that cannot be decrypted', async () => {
    const scene = await Scene.begin(store())
    const entryId = await scene.link()
    await damaged(scene, entryId)
    expect(await reauthenticated(scene, entryId)).toMatchObject({ reason: 'reauth_successful' })
    expect(await scene.use(entryId)).toEqual(['access-2', undefined])
    await scene.host.latchkey.stop()
  })

  it('that waits is dropped when the host stops', async () => {
    const scene = await Scene.begin(store())
    scene.fault = new CannotConnectError()
    await scene.signIn(await scene.host.latchkey.flows.start(start))
    await scene.host.latchkey.stop()
    await scene.host.pass(600_000)
    expect(scene.revoked).toEqual([])
  })

  it('is refreshed by the method that created the entry', async () => {
    const scene = await Scene.begin(store())
    const entryId = await scene.link({ method: 'b' })
    await scene.host.pass(HOUR)
    await scene.use(entryId)
    expect(scene.refreshed[0]).toEqual({ client: 'app-b', token: 'renewal-1' })
    await scene.host.latchkey.stop()
  })

  const reauthenticated = async (scene: Awaited<ReturnType<typeof Scene.begin>>, entryId: string) => {
    scene.grantsRenewal = false
    return scene.signIn(await scene.host.latchkey.entries.requestReauth(entryId))
  }

  it('without a refresh token keeps the stored one of the same account', async () => {
    const scene = await Scene.begin(store())
    const entryId = await scene.link()
    expect(await reauthenticated(scene, entryId)).toMatchObject({ reason: 'reauth_successful' })
    expect(await scene.use(entryId)).toEqual(['access-2', 'renewal-1'])
    await scene.host.latchkey.stop()
  })

  it('without a refresh token keeps none of an unknown account', async () => {
    const scene = await Scene.begin(store())
    scene.account = null
    const entryId = await scene.link()
    expect(await reauthenticated(scene, entryId)).toMatchObject({ reason: 'reauth_successful' })
    expect(await scene.use(entryId)).toEqual(['access-2', undefined])
    await scene.host.latchkey.stop()
  })

  it('without a refresh token keeps none of another account', async () => {
    const scene = await Scene.begin(store())
    const entryId = await scene.link()
    scene.account = 'bob'
    scene.grantsRenewal = false
    const { flows } = scene.host.latchkey
    const shown = await scene.signIn(await flows.start({ source: 'replace', entryId }))
    await flows.choose(shown.flowId, 'replace', { revision: shown.revision })
    expect(await scene.use(entryId)).toEqual(['access-2', undefined])
    await scene.host.latchkey.stop()
  })
})
