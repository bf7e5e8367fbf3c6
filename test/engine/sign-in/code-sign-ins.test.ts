import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import { ExampleProvider } from '../../../examples/oidc/provider.ts'
import { joseCipher } from '../../../src/adapters/jose-cipher.ts'
import type { Returned } from '../../../src/engine/api/sign-ins.ts'
import type { Core } from '../../../src/engine/kernel/core.ts'
import { sha256 } from '../../../src/engine/secrets/sealed-token.ts'
import { openRequest, sealRequest } from '../../../src/engine/secrets/vault.ts'
import type { JsonObject } from '../../../src/ports/json.ts'
import { eventually } from '../../examples/eventually.ts'
import { SignInBrowser } from '../../oauth/sign-in-browser.ts'
import { atRest, type Host } from '../host.ts'
import {
  asExternal,
  type Begun,
  comeBack,
  linkAccount,
  REDIRECT,
  signedInHost,
  signIn,
  startBy,
} from '../signed-in-host.ts'

let provider: ExampleProvider
beforeAll(async () => {
  provider = await ExampleProvider.start()
})
afterAll(() => provider.stop())

const start = (host: Host) => startBy(host, 'browser')
const ignored = (flowId: string | null, code: string) => ({ type: 'ignored', flowId, code })
const viewOf = (returned: Returned) => (returned.type === 'moved' ? returned.view : returned)

describe('a sign-in in a browser', () => {
  it('shows a local address, redirects the same browser to the service, and links the account', async () => {
    const host = await signedInHost(provider)
    const view = await start(host)
    expect(view).toMatchObject({
      type: 'external',
      step: 'authorize',
      url: `oauth/begin/${view.flowId}`,
      errors: {},
    })
    const begun = await signIn(host, view, 'alice')
    const end = viewOf(await comeBack(host, begun))
    expect(end).toMatchObject({ type: 'create_entry', success: true })
    const entry = await host.latchkey.entries.get('entryId' in end ? (end.entryId ?? '') : '')
    expect(entry).toMatchObject({
      title: 'alice@home.example',
      uniqueId: `${provider.issuer}#alice`,
      state: 'loaded',
    })
    expect(host.log.lines).toEqual([])
  })

  it('that began while the clock was ahead starts again, and does not stay open for a year', async () => {
    const first = await signedInHost(provider)
    const wrong = await first.again({ clock: new SimulatedClock() })
    wrong.clock.set(first.clock.now() + 365 * 86_400_000)
    const view = asExternal(await start(wrong))
    const begun = await signIn(wrong, view, 'alice')
    expect(await first.latchkey.signIns.redirect(view.flowId, begun.browser)).toBeNull()
    const late = viewOf(await comeBack(first, begun))
    expect(late).toMatchObject({ type: 'external', errors: { base: { code: 'authorize_expired' } } })
    const again = await signIn(first, asExternal(await first.latchkey.flows.get(view.flowId)), 'alice')
    expect(viewOf(await comeBack(first, again))).toMatchObject({ type: 'create_entry' })
  })

  it('outlives a restart at each of its steps', async () => {
    const first = await signedInHost(provider)
    const view = asExternal(await start(first))
    const { browser } = await first.latchkey.flows.authorize(view.flowId, { ...view, redirectUri: REDIRECT })
    const second = await first.again()
    const shown = await second.latchkey.flows.get(view.flowId)
    expect(shown).toMatchObject({ type: 'external', revision: view.revision + 1 })
    const address = await second.latchkey.signIns.redirect(view.flowId, browser ?? '')
    const { url: back } = await new SignInBrowser().signIn(address ?? '', 'bob', (url) =>
      url.href.startsWith(REDIRECT),
    )
    const third = await first.again()
    const returned = await comeBack(third, { flowId: view.flowId, browser: browser ?? '', back })
    expect(viewOf(returned)).toMatchObject({ type: 'create_entry' })
  })

  it('takes an answer once', async () => {
    const host = await signedInHost(provider)
    const begun = await signIn(host, await start(host), 'alice')
    expect((await comeBack(host, begun)).type).toBe('moved')
    const asked = provider.requests.length
    expect(await comeBack(host, begun)).toEqual(ignored(begun.flowId, 'authorize_expired'))
    expect(provider.requests).toHaveLength(asked)
  })

  it('accepts a callback once, regardless of how many processes receive it', async () => {
    const host = await signedInHost(provider)
    const begun = await signIn(host, await start(host), 'alice')
    const hosts = [host, await host.again(), await host.again()]
    const asked = provider.requests.length
    const returned = await Promise.all(hosts.map((each) => comeBack(each, begun)))
    expect(returned.map(({ type }) => type).sort()).toEqual(['ignored', 'ignored', 'moved'])
    expect(provider.requests.slice(asked)).toEqual(['/token'])
  })

  it.each<[string, (begun: Begun, other: Begun) => Begun, string]>([
    ['another browser', (begun) => ({ ...begun, browser: '' }), 'authorize_foreign'],
    [
      'the browser of another flow',
      (begun, other) => ({ ...begun, browser: other.browser }),
      'authorize_foreign',
    ],
    [
      'the browser with the answer of another flow',
      (begun, other) => ({ ...other, flowId: begun.flowId, browser: begun.browser }),
      'authorize_foreign',
    ],
  ])('leaves the flow as it is for %s', async (_, change, code) => {
    const host = await signedInHost(provider)
    const other = await signIn(host, await start(host), 'bob')
    const begun = await signIn(host, await start(host), 'alice')
    const before = await host.latchkey.flows.list()
    const returned = await comeBack(host, change(begun, other))
    expect(returned).toMatchObject({ type: 'ignored', code })
    expect(await host.latchkey.flows.list()).toEqual(before)
    expect((await comeBack(host, begun)).type).toBe('moved')
  })

  it.each(['', 'made up', 'a.b.c.d.e', `${btoa('{"alg":"dir","enc":"A256GCM","kid":"x"}')}..x.x.x`])(
    'is not found by a state that was made up: %j',
    async (state) => {
      const host = await signedInHost(provider)
      const query = new URLSearchParams({ state, code: 'guessed' })
      const returned = await host.latchkey.signIns.finish({ domain: 'account', query, browserOf: () => null })
      expect(returned).toEqual(ignored(null, 'authorize_foreign'))
    },
  )

  it('has a state of at most 128 characters, because some services limit it', async () => {
    const host = await signedInHost(provider)
    const { back } = await signIn(host, await start(host), 'alice')
    expect(back.searchParams.get('state')).toMatch(/^[\w.-]{60,128}$/)
  })

  it('finishes after an upgrade, although earlier versions encrypted the state', async () => {
    const host = await signedInHost(provider)
    const begun = await signIn(host, await start(host), 'alice')
    const core = { cipher: joseCipher([new Uint8Array(32).fill(7)]) } as Core
    const flow = await host.store.getFlow('default', begun.flowId)
    if (flow === undefined) throw new Error('The flow is missing.')
    const context = {
      purpose: 'state',
      scope: '',
      id: '',
      domain: 'account',
      uniqueId: null,
      data: {},
    } as const
    const state = await core.cipher.seal(JSON.stringify(['default', begun.flowId, 'random']), context)
    const { sealed, ...signIns } = flow.context.authorization as JsonObject & { sealed: string }
    const request = { ...(await openRequest<JsonObject>(core, flow, sealed)), state }
    const authorization = {
      ...signIns,
      request: { ...(signIns.request as JsonObject), stateHash: await sha256(state) },
      sealed: await sealRequest(core, flow, request),
    }
    const record = { ...flow, context: { ...flow.context, authorization }, revision: flow.revision + 1 }
    await host.store.apply('default', [{ put: 'flow', record, ifRevision: flow.revision }])
    begun.back.searchParams.set('state', state)
    expect(viewOf(await comeBack(host, begun))).toMatchObject({ type: 'create_entry' })
  })

  it('is not found where the answer carries no state', async () => {
    const host = await signedInHost(provider)
    const query = new URLSearchParams({ code: 'guessed' })
    const cameBack = { domain: 'account', query, browserOf: () => null }
    expect(await host.latchkey.signIns.finish(cameBack)).toEqual(ignored(null, 'authorize_foreign'))
  })

  it('is not found through the address of another integration', async () => {
    const host = await signedInHost(provider)
    const { back } = await signIn(host, await start(host), 'alice')
    const cameBack = { domain: 'other_account', query: back.searchParams, browserOf: () => null }
    expect(await host.latchkey.signIns.finish(cameBack)).toEqual(ignored(null, 'authorize_foreign'))
  })

  it('accepts only the callback of the latest sign-in', async () => {
    const host = await signedInHost(provider)
    const view = await start(host)
    const first = await signIn(host, view, 'alice')
    const second = await signIn(host, await host.latchkey.flows.get(view.flowId), 'alice')
    expect(await comeBack(host, { ...first, browser: second.browser })).toEqual(
      ignored(view.flowId, 'authorize_expired'),
    )
    expect((await comeBack(host, second)).type).toBe('moved')
  })

  it.each<[string, (url: URL) => void]>([
    ['another issuer', (url) => url.searchParams.set('iss', 'https://evil.example')],
    ['no issuer', (url) => url.searchParams.delete('iss')],
    ['a code that was never issued', (url) => url.searchParams.set('code', 'never-issued')],
    ['an error of the service', (url) => url.searchParams.set('error', 'invalid_scope')],
  ])('shows authorize_failed for a callback with %s, and can be started again', async (_, change) => {
    const host = await signedInHost(provider)
    const view = await start(host)
    const begun = await signIn(host, view, 'alice')
    change(begun.back)
    const shown = viewOf(await comeBack(host, begun))
    expect(shown).toMatchObject({ type: 'external', errors: { base: { code: 'authorize_failed' } } })
    expect(JSON.stringify(host.log.lines)).not.toContain('never-issued')
    const again = await signIn(host, await host.latchkey.flows.get(view.flowId), 'alice')
    expect((await comeBack(host, again)).type).toBe('moved')
  })

  it('shows authorize_rejected if the user declines', async () => {
    const host = await signedInHost(provider)
    const shown = viewOf(await comeBack(host, await signIn(host, await start(host), '')))
    expect(shown).toMatchObject({ type: 'external', errors: { base: { code: 'authorize_rejected' } } })
  })

  it('shows authorize_expired to a late callback and to a reader', async () => {
    const host = await signedInHost(provider)
    const late = await signIn(host, await start(host), 'alice')
    const left = await signIn(host, await start(host), 'alice')
    host.clock.increment(600_000)
    expect(viewOf(await comeBack(host, late))).toMatchObject({
      errors: { base: { code: 'authorize_expired' } },
    })
    expect(await host.latchkey.signIns.redirect(left.flowId, left.browser)).toBeNull()
    await host.latchkey.start()
    await host.pass(60_000)
    expect(await host.latchkey.flows.get(left.flowId)).toMatchObject({
      errors: { base: { code: 'authorize_expired' } },
    })
    expect(await comeBack(host, left)).toEqual(ignored(left.flowId, 'authorize_expired'))
    await host.latchkey.stop()
  })

  it('sends no other browser to the service, and none for a flow that has gone on', async () => {
    const host = await signedInHost(provider)
    const begun = await signIn(host, await start(host), 'alice')
    const { redirect } = host.latchkey.signIns
    expect(await redirect(begun.flowId, 'another browser')).toBeNull()
    expect(await redirect('another flow', begun.browser)).toBeNull()
    expect(await redirect(begun.flowId, begun.browser)).toContain(provider.issuer)
    await host.latchkey.flows.cancel(begun.flowId)
    expect(await redirect(begun.flowId, begun.browser)).toBeNull()
    expect(await comeBack(host, begun)).toEqual(ignored(begun.flowId, 'authorize_expired'))
  })

  it('starts at its step, and shows no form', async () => {
    const host = await signedInHost(provider)
    const view = asExternal(await start(host))
    await expect(host.latchkey.flows.submit(view.flowId, {}, view)).rejects.toMatchObject({
      code: 'WRONG_STEP',
    })
    const device = await startBy(host, 'device')
    const options = { revision: device.revision, redirectUri: REDIRECT }
    await expect(host.latchkey.flows.authorize(device.flowId, options)).rejects.toMatchObject({
      code: 'WRONG_STEP',
    })
  })

  it('shows that the service cannot be reached, and begins nothing', async () => {
    const closed = await ExampleProvider.start()
    await closed.stop()
    const host = await signedInHost(closed)
    const view = await start(host)
    const begun = await host.latchkey.flows.authorize(view.flowId, { ...view, redirectUri: REDIRECT })
    expect(begun).toMatchObject({ browser: null, view: { errors: { base: { code: 'cannot_connect' } } } })
  })
})

describe('a sign-in that repairs an entry', () => {
  const reauth = async (host: Host, entryId: string) => host.latchkey.entries.requestReauth(entryId)

  it('asks the service for the same account, and takes its new tokens', async () => {
    const host = await signedInHost(provider)
    const entryId = await linkAccount(host, 'alice')
    const view = asExternal(await reauth(host, entryId))
    const { browser } = await host.latchkey.flows.authorize(view.flowId, { ...view, redirectUri: REDIRECT })
    const address = await host.latchkey.signIns.redirect(view.flowId, browser ?? '')
    expect(new URL(address ?? '').searchParams.get('login_hint')).toBe('alice@home.example')
    const again = await signIn(host, await host.latchkey.flows.get(view.flowId), 'alice')
    expect(viewOf(await comeBack(host, again))).toMatchObject({ reason: 'reauth_successful', success: true })
  })

  it('refuses another account, and revokes its grant with the next flow', async () => {
    const host = await signedInHost(provider)
    const entryId = await linkAccount(host, 'alice')
    const before = await provider.living('bob')
    const end = viewOf(await comeBack(host, await signIn(host, await reauth(host, entryId), 'bob')))
    expect(end).toMatchObject({ type: 'abort', reason: 'wrong_account', success: false })
    await reauth(host, entryId)
    await eventually(async () => expect(await provider.living('bob')).toBe(before))
  })

  it('replaces the account after a confirmation', async () => {
    const host = await signedInHost(provider)
    const entryId = await linkAccount(host, 'alice')
    const view = asExternal(await host.latchkey.flows.start({ source: 'replace', entryId }))
    const { browser } = await host.latchkey.flows.authorize(view.flowId, { ...view, redirectUri: REDIRECT })
    const address = await host.latchkey.signIns.redirect(view.flowId, browser ?? '')
    expect(new URL(address ?? '').searchParams.has('login_hint')).toBe(false)
    const begun = await signIn(host, await host.latchkey.flows.get(view.flowId), 'bob')
    const asked = viewOf(await comeBack(host, begun))
    expect(asked).toMatchObject({ step: 'replace_confirm', placeholders: { account: 'bob@home.example' } })
    const { revision } = await host.latchkey.flows.get(view.flowId)
    const end = await host.latchkey.flows.choose(view.flowId, 'replace', { revision })
    expect(end).toMatchObject({ reason: 'replace_successful', success: true })
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({
      title: 'bob@home.example',
      uniqueId: `${provider.issuer}#bob`,
      state: 'loaded',
    })
  })

  it.each(['cancel', 'ten minutes'])(
    'revokes the grant of the other account if the user does not confirm: %s',
    async (what) => {
      const host = await signedInHost(provider)
      const entryId = await linkAccount(host, 'alice')
      const before = await provider.living('bob')
      const view = await host.latchkey.flows.start({ source: 'replace', entryId })
      await comeBack(host, await signIn(host, view, 'bob'))
      expect(await provider.living('bob')).toBe(before + 1)
      if (what === 'cancel') await host.latchkey.flows.cancel(view.flowId)
      else await host.pass(600_000)
      await eventually(async () => expect(await provider.living('bob')).toBe(before))
    },
  )

  it('gives nothing back where an entry holds that account: the service might end all it ever granted', async () => {
    const host = await signedInHost(provider)
    const entryId = await linkAccount(host, 'alice')
    await linkAccount(host, 'bob')
    const asked = provider.requests.length
    const end = viewOf(await comeBack(host, await signIn(host, await reauth(host, entryId), 'bob')))
    expect(end).toMatchObject({ reason: 'wrong_account' })
    await atRest()
    expect(provider.requests.slice(asked).filter((path) => path.includes('revocation'))).toEqual([])
  })

  it('ends and revokes its grant if its entry was removed or disabled', async () => {
    const host = await signedInHost(provider)
    for (const [change, reason] of [
      ['disable', 'entry_disabled'],
      ['remove', 'entry_removed'],
    ] as const) {
      const entryId = await linkAccount(host, 'alice')
      const begun = await signIn(host, await reauth(host, entryId), 'alice')
      const other = await host.again()
      await other.latchkey.entries[change](entryId)
      expect(await host.latchkey.flows.get(begun.flowId)).toMatchObject({ reason })
      expect(await comeBack(host, begun)).toEqual(ignored(begun.flowId, 'authorize_expired'))
      if (change === 'disable') await host.latchkey.entries.remove(entryId)
    }
  })

  it('shows the end of the wait, and redeems no code before', async () => {
    const host = await signedInHost(provider)
    const entryId = await linkAccount(host, 'alice')
    const begun = await signIn(host, await reauth(host, entryId), 'alice')
    const until = host.clock.now() + 60_000
    await host.store.apply('default', [
      {
        put: 'attempts',
        ifRevision: 0,
        record: {
          scope: 'default',
          key: `entry:${entryId}`,
          failures: [],
          blockedUntil: until,
          revision: 1,
          dueAt: until,
        },
      },
    ])
    expect(viewOf(await comeBack(host, begun))).toMatchObject({
      type: 'external',
      errors: { base: { code: 'rate_limited', retryAfter: 60 } },
    })
  })
})
