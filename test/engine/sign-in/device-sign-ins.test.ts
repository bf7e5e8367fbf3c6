import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ExampleProvider } from '../../../examples/oidc/provider.ts'
import type { DeviceView, View } from '../../../src/view.ts'
import { SignInBrowser } from '../../oauth/sign-in-browser.ts'
import type { Host } from '../host.ts'
import { signedInHost, startBy } from '../signed-in-host.ts'

let provider: ExampleProvider
beforeAll(async () => {
  provider = await ExampleProvider.start()
})
afterAll(() => provider.stop())

const start = (host: Host) => startBy(host, 'device')
const asDevice = (view: View): DeviceView => {
  if (view.type !== 'progress' || !('mayGoBack' in view))
    throw new Error(`Not a code: ${JSON.stringify(view)}`)
  return view
}
const poll = async ({ latchkey }: Host, { flowId }: View) => latchkey.flows.poll(flowId)
const enter = ({ verificationUri = '', userCode = '' }: DeviceView, user: string) =>
  new SignInBrowser().enterCode(verificationUri, userCode, user)
const asks = () => provider.requests.filter((path) => path === '/token' || path === '/device/auth').length

describe('a sign-in by a code on another device', () => {
  it('calls no service before the first poll, shows the code, and links the account that entered it', async () => {
    const host = await signedInHost(provider)
    const before = asks()
    const waiting = await start(host)
    expect(waiting).toMatchObject({
      type: 'progress',
      step: 'device',
      interval: 0,
      expiresAt: null,
      errors: {},
      text: 'Getting a code…',
    })
    expect(asks()).toBe(before)
    const shown = asDevice(await poll(host, waiting))
    expect(shown).toMatchObject({ userCode: expect.stringMatching(/^\w{4}-\w{4}$/), interval: 5_000 })
    expect(shown.verificationUriComplete).toContain(shown.userCode)
    expect(shown.text).toBe('Waiting for you to finish signing in…')
    expect(shown.expiresAt).toBe(host.clock.now() + 600_000)
    await enter(shown, 'alice')
    host.clock.increment(5_000)
    expect(await poll(host, waiting)).toMatchObject({ type: 'create_entry', success: true })
    expect(await poll(host, waiting)).toMatchObject({ type: 'create_entry' })
  })

  it('polls the service at its interval, regardless of how many clients poll', async () => {
    const host = await signedInHost(provider)
    const shown = await poll(host, await start(host))
    const before = asks()
    host.clock.increment(4_999)
    expect(await Promise.all([poll(host, shown), poll(host, shown)])).toEqual([shown, shown])
    expect(asks()).toBe(before)
    host.clock.increment(1)
    expect(await poll(host, shown)).toEqual(shown)
    expect(await poll(host, shown)).toEqual(shown)
    expect(asks()).toBe(before + 1)
  })

  it('polls the service once when two processes poll together, and keeps the grant', async () => {
    let held: Promise<void> | null = null
    const fetch: typeof globalThis.fetch = async (url, init) => {
      const response = await globalThis.fetch(url, init)
      if (init?.method === 'POST') await held
      return response
    }
    const host = await signedInHost(provider, { network: { fetch } })
    const other = await host.again()
    const before = asks()
    const waiting = await start(host)
    const [first, second] = await Promise.all([poll(host, waiting), poll(other, waiting)])
    expect(asks()).toBe(before + 1)
    const shown = asDevice([first, second].find((view) => asDevice(view).userCode !== undefined) ?? first)
    await enter(shown, 'alice')
    host.clock.increment(5_000)
    other.clock.increment(5_000)
    let answer = () => {}
    held = new Promise((resolve) => {
      answer = resolve
    })
    const end = poll(host, shown)
    while (asks() === before + 1) await new Promise(setImmediate)
    expect(await poll(other, shown)).toEqual(shown)
    answer()
    expect(await end).toMatchObject({ type: 'create_entry', success: true })
    expect(asks()).toBe(before + 2)
    expect(await poll(other, shown)).toMatchObject({ type: 'create_entry' })
  })

  it('outlives a restart with its code', async () => {
    const host = await signedInHost(provider)
    const shown = asDevice(await poll(host, await start(host)))
    const after = await host.again()
    expect(await after.latchkey.flows.get(shown.flowId)).toEqual(shown)
    await enter(shown, 'bob')
    expect(await poll(after, shown)).toMatchObject({ type: 'create_entry' })
  })

  it('replaces an expired code three times while a client polls, and then asks the user to continue', async () => {
    const host = await signedInHost(provider, { limits: { flowIdle: 86_400_000 } })
    let shown = asDevice(await poll(host, await start(host)))
    const codes = new Set([shown.userCode])
    for (let renewal = 0; renewal < 3; renewal++) {
      host.clock.increment(600_000)
      expect(asDevice(await host.latchkey.flows.get(shown.flowId)).userCode).toBe(shown.userCode)
      shown = asDevice(await poll(host, shown))
      codes.add(shown.userCode)
    }
    expect(codes.size).toBe(4)
    host.clock.increment(600_000)
    const over = asDevice(await poll(host, shown))
    expect(over).toMatchObject({ errors: { base: { code: 'authorize_expired' } }, interval: 0 })
    expect(over.userCode).toBeUndefined()
    expect(asDevice(await poll(host, over))).toMatchObject({ errors: {}, userCode: expect.any(String) })
  })

  it('shows authorize_rejected if the user declines', async () => {
    const host = await signedInHost(provider)
    const shown = asDevice(await poll(host, await start(host)))
    await enter(shown, '')
    host.clock.increment(5_000)
    expect(await poll(host, shown)).toMatchObject({ errors: { base: { code: 'authorize_rejected' } } })
  })

  it('shows that the service cannot be reached, and is more patient where that happens later', async () => {
    let down = true
    const fetch: typeof globalThis.fetch = async (url, init) => {
      if (down) throw new TypeError('down')
      return globalThis.fetch(url, init)
    }
    const host = await signedInHost(provider, { network: { fetch } })
    const waiting = await start(host)
    expect(await poll(host, waiting)).toMatchObject({ errors: { base: { code: 'cannot_connect' } } })
    down = false
    const shown = asDevice(await poll(host, waiting))
    down = true
    host.clock.increment(5_000)
    expect(await poll(host, shown)).toMatchObject({ userCode: shown.userCode, interval: 10_000, errors: {} })
    down = false
    host.clock.increment(9_999)
    const before = asks()
    await poll(host, shown)
    expect(asks()).toBe(before)
  })

  it.each<[string, number, string, object]>([
    ['wants to be left alone', 429, 'slow', { errors: { base: { code: 'rate_limited', retryAfter: 7 } } }],
    ['knows this client no more', 401, 'invalid_client', { errors: { base: { code: 'authorize_failed' } } }],
  ])('shows that the service %s', async (_, status, error, expected) => {
    const fetch: typeof globalThis.fetch = async (url, init) =>
      init?.method === 'POST'
        ? new Response(JSON.stringify({ error }), {
            status,
            headers: { 'content-type': 'application/json', 'retry-after': '7' },
          })
        : globalThis.fetch(url, init)
    const host = await signedInHost(provider, { network: { fetch } })
    expect(await poll(host, await start(host))).toMatchObject(expected)
  })

  it('drops finished waits, and polls again after a final failure', async () => {
    const host = await signedInHost(provider)
    const [first, second] = [await poll(host, await start(host)), await poll(host, await start(host))]
    host.clock.increment(5_000)
    await poll(host, first)
    expect(asks()).toBeGreaterThan(0)
    expect(await poll(host, second)).toEqual(second)
  })

  it('answers a flow that waits for something else as it is', async () => {
    const host = await signedInHost(provider)
    const view = await startBy(host, 'browser')
    expect(await poll(host, view)).toEqual(view)
  })
})
