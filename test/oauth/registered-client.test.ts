import { describe, expect, it } from '@jest/globals'
import { joseCipher } from '../../src/adapters/jose-cipher.ts'
import { AbortFlowError, InvalidAuthError, memoryStore, type View } from '../../src/index.ts'
import { oauthProvider } from '../../src/oauth/index.ts'
import { FailingStore, fullDisk } from '../../src/testing/failing-store.ts'
import { atRest } from '../engine/host.ts'
import { asExternal } from '../engine/signed-in-host.ts'
import {
  fields,
  fixed,
  gadget,
  provider,
  REDIRECT,
  Servers,
  scene,
  social,
  stored,
} from './registering-servers.ts'

describe('oauthProvider with register', () => {
  it('registers a client at the entered server, and uses it from then on', async () => {
    const { servers, enter, signIn, use, latchkey, store, log, pass } = await scene()
    const { page, view } = await signIn(await enter('one.example'))
    expect(view).toMatchObject({ type: 'create_entry', success: true })
    expect(page.origin).toBe('https://one.example')
    expect(page.searchParams.get('client_id')).toBe('Hub-1')
    expect(servers.clients.get('Hub-1')).toMatchObject({ redirect: REDIRECT })
    const entryId = view.entryId ?? ''
    const entry = await store.getEntry('default', entryId)
    expect(entry?.data).toMatchObject({ server: 'one.example', clientId: 'Hub-1' })
    expect(JSON.stringify([entry, log.lines, await latchkey.history(entryId)])).not.toContain('secret-1')
    await pass(7_200_000)
    expect(await use(entryId)).toBe('a-of-Hub-1')
    await latchkey.entries.remove(entryId)
    await atRest()
    const { requests } = servers
    expect(requests.filter((path) => path.endsWith('/register'))).toHaveLength(1)
    expect(requests.filter((path) => path.endsWith('/revoke'))).not.toEqual([])
  })

  it.each([
    ['another name', false],
    ['the same name', true],
  ])('sends no secret to another server that gives its client %s', async (_, imitates) => {
    const { servers, enter, signIn, use, latchkey, store, pass } = await scene()
    servers.imitates = imitates
    const { entryId } = (await signIn(await enter('one.example'))).view
    const moved = await enter('evil.example', latchkey.entries.reconfigure(entryId ?? ''))
    const { page, view } = await signIn(moved)
    expect(view).toMatchObject({ reason: 'reconfigure_successful' })
    expect(page.searchParams.get('client_id')).toBe(imitates ? 'Hub-1' : 'Evil')
    expect((await store.getEntry('default', entryId ?? ''))?.data).toMatchObject({ server: 'evil.example' })
    await pass(7_200_000)
    await expect(use(entryId ?? '')).rejects.toThrow()
    await atRest()
    expect(servers.sentElsewhere.join()).toContain('code=c')
    expect(servers.sentElsewhere.join()).not.toMatch(/secret-1|refresh-of-one/)
  })

  it('sends no stored client to a server that the host has changed', async () => {
    const servers = new Servers()
    const values = stored.parse({
      server: 'evil.example',
      clientId: 'Hub-1',
      clientSecret: 'secret-1',
      clientOf: 'https://one.example',
      accessToken: 'a',
      refreshToken: 'refresh-of-one',
    })
    const reach = { fetch: servers.fetch, signal: AbortSignal.timeout(30_000) }
    await expect(provider.refresh(values, reach)).rejects.toThrow(InvalidAuthError)
    expect(servers.sentElsewhere).toEqual([])
  })

  it('replaces a client that its server has removed, when the user signs in again', async () => {
    const { servers, signIn, enter, use, latchkey, pass } = await scene()
    const entryId = (await signIn(await enter('one.example'))).view.entryId ?? ''
    servers.clients.delete('Hub-1')
    await pass(7_200_000)
    await expect(use(entryId)).rejects.toThrow()
    const { state } = await latchkey.entries.get(entryId)
    expect(state).toBe('reauth_required')
    const again = await signIn(await latchkey.entries.requestReauth(entryId))
    expect(again.view).toMatchObject({ reason: 'reauth_successful' })
    expect(await use(entryId)).toBe('a-of-Hub-2')
    expect(await latchkey.attention.ofClient('social')).toBeNull()
    expect(servers.requests.filter((path) => path.endsWith('/register'))).toHaveLength(2)
  })

  it('registers one client for all clicks of a flow', async () => {
    const { servers, begin, signIn, enter, latchkey } = await scene()
    let view = await enter('one.example')
    for (let click = 0; click < 10; click += 1) view = asExternal((await begin(view)).begun)
    expect(servers.clients.size).toBe(1)
    const redirectUri = 'https://other.example/oauth/callback/social'
    const other = await latchkey.flows.authorize(view.flowId, { ...view, redirectUri })
    expect(servers.clients.size).toBe(2)
    expect((await signIn(asExternal(other.view))).view).toMatchObject({ type: 'create_entry' })
    expect(servers.clients.size).toBe(3)
  })

  it('registers one client for all clicks at a server that the host has chosen', async () => {
    const { servers, begin, latchkey } = await scene()
    let view = asExternal(await latchkey.flows.start({ domain: 'fixed', source: 'user' }))
    for (let click = 0; click < 3; click += 1) view = asExternal((await begin(view)).begun)
    expect(servers.clients.size).toBe(1)
  })

  it('registers another client if the key of the first sign-in is lost', async () => {
    const { servers, begin, latchkey, again, network } = await scene()
    const { begun } = await begin(await latchkey.flows.start({ domain: 'fixed', source: 'user' }))
    const later = await again({
      integrations: [social, fixed],
      network,
      cipher: joseCipher([new Uint8Array(32).fill(8)]),
    })
    const view = asExternal(begun)
    await later.latchkey.flows.authorize(view.flowId, { ...view, redirectUri: REDIRECT })
    expect(servers.clients.size).toBe(2)
  })

  it('has a client for each server', async () => {
    const { servers, enter, signIn } = await scene()
    for (const server of ['one.example', 'two.example'])
      expect((await signIn(await enter(server))).view).toMatchObject({ type: 'create_entry' })
    expect([...servers.clients.values()].map(({ host }) => host)).toEqual(['one.example', 'two.example'])
  })

  it('shows that a server does not register clients now', async () => {
    const { servers, enter, begin } = await scene()
    servers.isDown = true
    const { begun, browser } = await begin(await enter('one.example'))
    expect(begun).toMatchObject({ errors: { base: { code: 'cannot_connect' } } })
    expect(browser).toBeNull()
  })

  it('registers one client for all codes of a flow on another device', async () => {
    const { servers, latchkey, pass } = await scene()
    const { flows, entries } = latchkey
    const form = await flows.start({ domain: 'gadget', source: 'user' })
    const { flowId } = await flows.submit(form.flowId, { server: 'one.example' }, form)
    expect(await flows.poll(flowId)).toMatchObject({ userCode: 'code-1' })
    await pass(301_000)
    expect(await flows.poll(flowId)).toMatchObject({ userCode: 'code-2' })
    expect([...servers.clients]).toMatchObject([['Hub-1', { redirect: 'none' }]])
    servers.isApproved = true
    await pass(5_000)
    const { entryId } = await flows.poll(flowId)
    await pass(7_200_000)
    expect(await entries.use(gadget, entryId ?? '', (client) => client)).toBe('a-of-Hub-1')
  })
})

describe('a registered client that nothing uses', () => {
  const denied = { error: 'access_denied' }
  const failed = { error: 'server_error' }

  it.each(['cancelled', 'expired', 'another server', 'a code on another device'])(
    'is deleted with its flow: %s',
    async (how) => {
      const { servers, enter, signIn, latchkey, pass, log } = await scene()
      const { flows } = latchkey
      servers.deletes = true
      await latchkey.start()
      if (how === 'a code on another device') {
        const form = await flows.start({ domain: 'gadget', source: 'user' })
        const { flowId } = await flows.submit(form.flowId, { server: 'one.example' }, form)
        await flows.poll(flowId)
        expect(servers.clients.size).toBe(1)
        await flows.cancel(flowId)
      } else {
        const { view } = await signIn(await enter('one.example'), denied)
        expect(view).toMatchObject({ errors: { base: { code: 'authorize_rejected' } } })
        await atRest()
        expect(servers.clients.size).toBe(1)
        if (how === 'cancelled') await flows.cancel(view.flowId)
        else if (how === 'expired') await pass(25 * 3_600_000)
        else await flows.back(view.flowId, asExternal(view))
      }
      await atRest()
      expect(servers.clients.size).toBe(0)
      expect(JSON.stringify(log.lines)).not.toContain('secret-1')
    },
  )

  it('is used by the next sign-in of its flow, unless the server may have refused it', async () => {
    const { servers, enter, signIn } = await scene()
    servers.deletes = true
    const first = await signIn(await enter('one.example'), denied)
    const second = await signIn(first.view, failed)
    expect(second.page.searchParams.get('client_id')).toBe('Hub-1')
    expect(second.view).toMatchObject({ errors: { base: { code: 'cannot_connect' } } })
    servers.clients.delete('Hub-1')
    const third = await signIn(second.view)
    expect(third.view).toMatchObject({ errors: { base: { code: 'authorize_failed' } } })
    const { page, view } = await signIn(third.view)
    expect(page.searchParams.get('client_id')).toBe('Hub-2')
    expect(view).toMatchObject({ type: 'create_entry' })
  })

  it.each(['social', 'gadget'])('is used by the next sign-in if one could not begin: %s', async (domain) => {
    const { servers, latchkey } = await scene()
    const { flows } = latchkey
    servers.deletes = true
    // After the registration.
    servers.answers = async () => (servers.clients.size > 0 ? new Response('', { status: 503 }) : undefined)
    const form = await flows.start({ domain, source: 'user' })
    // No other test has read its metadata.
    const opened = await flows.submit(form.flowId, { server: 'busy.example' }, form)
    const begin = async (view: View) =>
      domain === 'gadget'
        ? flows.poll(view.flowId)
        : (await flows.authorize(view.flowId, { ...asExternal(view), redirectUri: REDIRECT })).view
    const failed = await begin(opened)
    expect(failed).toMatchObject({ errors: { base: { code: 'cannot_connect' } } })
    servers.answers = () => undefined
    const { type } = await begin(failed)
    await atRest()
    expect([type, ...servers.clients.keys()]).toEqual([failed.type, 'Hub-1'])
  })

  it('is deleted if it was registered too late', async () => {
    const { servers, enter, begin, pass } = await scene()
    servers.deletes = true
    const gate = Promise.withResolvers<undefined>()
    servers.answers = (path) => (path === '/register' ? gate.promise : undefined)
    const begun = begin(await enter('one.example'))
    await atRest()
    await pass(30_000)
    expect((await begun).begun).toMatchObject({ errors: { base: { code: 'timeout' } } })
    gate.resolve(undefined)
    await atRest()
    expect([servers.requests, servers.clients.size]).toEqual([['one.example/register'], 0])
  })

  it.each(['cancels', 'continues'])('is deleted if another process %s its flow', async (how) => {
    const { servers, enter, begin, latchkey, again, network } = await scene()
    servers.deletes = true
    const other = await again({ integrations: [social], network })
    const view = await enter('one.example')
    let isFirst = true
    servers.answers = async (path) => {
      if (path !== '/register' || !isFirst) return undefined
      isFirst = false
      const { flows } = other.latchkey
      if (how === 'cancels') await flows.cancel(view.flowId)
      else await flows.authorize(view.flowId, { ...view, redirectUri: REDIRECT })
      return undefined
    }
    if (how === 'cancels') expect((await begin(view)).begun).toMatchObject({ reason: 'cancelled' })
    else await expect(begin(view)).rejects.toMatchObject({ code: 'STALE_REVISION' })
    await atRest()
    expect([...servers.clients.keys()]).toEqual(how === 'cancels' ? [] : ['Hub-1'])
    expect((await latchkey.flows.get(view.flowId)).type).toBe(how === 'cancels' ? 'abort' : 'external')
  })

  it('is deleted if the flow needs another one', async () => {
    const { servers, enter, begin, latchkey } = await scene()
    servers.deletes = true
    const { begun } = await begin(await enter('one.example'))
    const redirectUri = 'https://other.example/oauth/callback/social'
    await latchkey.flows.authorize(begun.flowId, { ...begun, redirectUri })
    await atRest()
    expect([...servers.clients.keys()]).toEqual(['Hub-2'])
  })

  it('is deleted, with the one that was to replace it, if the integration ends the flow', async () => {
    const authorizer = provider.authorizationCode()
    const authorize = {
      ...authorizer,
      begin: async (...call: Parameters<typeof authorizer.begin>) => {
        if (call[0].redirectUri !== REDIRECT) throw new AbortFlowError('not_supported')
        return authorizer.begin(...call)
      },
    }
    const methods = { browser: { title: 'Browser', fields, authorize } }
    const { servers, enter, begin, latchkey } = await scene(memoryStore(), { ...social, methods })
    servers.deletes = true
    const { begun } = await begin(await enter('one.example'))
    const redirectUri = 'https://other.example/oauth/callback/social'
    const { view } = await latchkey.flows.authorize(begun.flowId, { ...begun, redirectUri })
    expect(view).toMatchObject({ type: 'abort', reason: 'not_supported' })
    await atRest()
    expect([servers.clients.size, servers.deleted.toSorted()]).toEqual([0, ['Hub-1', 'Hub-2']])
  })

  it('stays if the end of its flow could not be saved', async () => {
    const store = new FailingStore(memoryStore())
    const { servers, enter, begin, signIn, latchkey } = await scene(store)
    servers.deletes = true
    const { begun } = await begin(await enter('one.example'))
    store.before('apply', 1, fullDisk)
    await expect(latchkey.flows.cancel(begun.flowId)).rejects.toMatchObject({ code: 'STORE' })
    // The second client may be stored.
    store.before('apply', 1, fullDisk)
    const other = { ...asExternal(begun), redirectUri: 'https://other.example/callback' }
    await expect(latchkey.flows.authorize(begun.flowId, other)).rejects.toMatchObject({ code: 'STORE' })
    await atRest()
    expect((await signIn(begun)).view).toMatchObject({ type: 'create_entry' })
    expect([...servers.clients.keys()]).toEqual(['Hub-1', 'Hub-2'])
  })

  it.each(['unsupported_token_type', 'invalid_client'])(
    'is deleted with its entry although its server answers to the revocation: %s',
    async (error) => {
      const { servers, enter, signIn, latchkey, pass } = await scene()
      servers.deletes = true
      await latchkey.start()
      const { entryId } = (await signIn(await enter('one.example'))).view
      const answers = [new Response('', { status: 503 }), Response.json({ error }, { status: 400 })]
      servers.answers = async (path) => (path === '/revoke' ? answers.shift() : undefined)
      await latchkey.entries.remove(entryId ?? '')
      await atRest()
      expect(servers.clients.size).toBe(1)
      await pass(10_000)
      await atRest()
      expect([servers.clients.size, answers]).toEqual([0, []])
    },
  )

  it('is deleted without a call of onRemove for an account that stays linked, or after one has succeeded', async () => {
    const removed: string[] = []
    let ids = { uniqueId: 'ann', formerUniqueIds: [] as string[] }
    const { servers, enter, signIn, latchkey, pass } = await scene(memoryStore(), {
      ...social,
      connect: async () => ({ client: null, ...ids }),
      onRemove: async ({ clientId }: { clientId: string }) => void removed.push(clientId),
    })
    servers.deletes = true
    const entryId = (await signIn(await enter('one.example'))).view.entryId ?? ''
    await latchkey.start()
    ids = { uniqueId: 'ann of one', formerUniqueIds: ['ann'] }
    const { view } = await signIn(await latchkey.entries.requestReauth(entryId))
    expect(view).toMatchObject({ reason: 'reauth_successful' })
    await atRest()
    expect([removed, ...servers.clients.keys()]).toEqual([[], 'Hub-2'])
    servers.isDown = true
    await latchkey.entries.remove(entryId)
    await atRest()
    servers.isDown = false
    await pass(10_000)
    await atRest()
    expect([removed, servers.clients.size]).toEqual([['Hub-2'], 0])
  })

  it('is deleted with its entry although the service refuses the credential of onRemove', async () => {
    let calls = 0
    const onRemove = async () => {
      calls += 1
      throw new InvalidAuthError()
    }
    const { servers, enter, signIn, latchkey, pass, log } = await scene(memoryStore(), {
      ...social,
      onRemove,
    })
    servers.deletes = true
    const entryId = (await signIn(await enter('one.example'))).view.entryId ?? ''
    await latchkey.start()
    servers.isDown = true
    await latchkey.entries.remove(entryId)
    await atRest()
    expect([calls, servers.clients.size]).toEqual([1, 1])
    servers.isDown = false
    await pass(10_000)
    await atRest()
    expect([calls, servers.clients.size]).toEqual([1, 0])
    expect(log.messages).toContain(
      'The service of a removed entry was not informed. Its stored values were deleted.',
    )
  })

  it('stays after a reauthentication if its service revokes all grants of an account', async () => {
    const all = oauthProvider({
      issuer: ({ server }: { server: string }) => `https://${server}`,
      register: { clientName: 'Hub' },
      identify: async () => ({ account: 'ann' }),
      revokes: 'account',
    })
    let ids = { uniqueId: 'ann', formerUniqueIds: [] as string[] }
    const { servers, enter, signIn, latchkey } = await scene(memoryStore(), {
      ...social,
      methods: { browser: { title: 'Browser', fields, authorize: all.authorizationCode() } },
      connect: async () => ({ client: null, ...ids }),
    })
    servers.deletes = true
    const entryId = (await signIn(await enter('one.example'))).view.entryId ?? ''
    ids = { uniqueId: 'ann of one', formerUniqueIds: ['ann'] }
    await signIn(await latchkey.entries.requestReauth(entryId))
    await atRest()
    expect(servers.requests).not.toContain('one.example/revoke')
    expect([...servers.clients.keys()]).toEqual(['Hub-1', 'Hub-2'])
  })

  it.each([3, 9])(
    'is deleted after a reconfiguration whose entry connects again (new id after %i)',
    async (last) => {
      let connects = 0
      const { servers, enter, signIn, latchkey } = await scene(memoryStore(), {
        ...social,
        adopt: false,
        connect: async () => {
          connects += 1
          const renamed = { uniqueId: 'ann of one', formerUniqueIds: ['ann'] }
          return { client: null, uniqueId: 'ann', ...(connects > last && renamed) }
        },
      })
      servers.deletes = true
      const entryId = (await signIn(await enter('one.example'))).view.entryId ?? ''
      const { view } = await signIn(await enter('one.example', latchkey.entries.reconfigure(entryId)))
      expect(view).toMatchObject({ reason: 'reconfigure_successful' })
      await atRest()
      expect([connects, ...servers.clients.keys()]).toEqual([4, 'Hub-2'])
    },
  )

  it('is deleted after a reauthentication has replaced it, and with its entry', async () => {
    const { servers, enter, signIn, use, latchkey, pass, log } = await scene()
    servers.deletes = true
    const entryId = (await signIn(await enter('one.example'))).view.entryId ?? ''
    await latchkey.start()
    await signIn(await latchkey.entries.requestReauth(entryId))
    await atRest()
    expect([...servers.clients.keys()]).toEqual(['Hub-2'])
    await pass(7_200_000)
    expect(await use(entryId)).toBe('a-of-Hub-2')
    servers.isDown = true
    await latchkey.entries.remove(entryId)
    await atRest()
    servers.isDown = false
    await pass(3_600_000)
    expect(servers.clients.size).toBe(0)
    expect(JSON.stringify([log.lines, await latchkey.history(entryId)])).not.toContain('secret-')
  })
})
