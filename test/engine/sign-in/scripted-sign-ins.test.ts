import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { joseCipher } from '../../../src/adapters/jose-cipher.ts'
import {
  AbortFlowError,
  CannotConnectError,
  defineIntegrationWithMethods,
  FormError,
  memoryStore,
  SetupError,
  secret,
  type View,
  WrongAccountError,
} from '../../../src/index.ts'
import type { Granted } from '../../../src/ports/authorizer.ts'
import type { Store } from '../../../src/ports/store.ts'
import { FailingStore, fullDisk } from '../../../src/testing/failing-store.ts'
import { eventually } from '../../examples/eventually.ts'
import { afterLeases, atRest, type Host, type HostOptions, makeHost } from '../host.ts'
import { begin, REDIRECT, SignInScript, signIn } from '../sign-in-script.ts'

const open = (script: SignInScript, options: HostOptions = {}) =>
  makeHost({
    integrations: [script.integration],
    cipher: joseCipher([new Uint8Array(32).fill(7)]),
    ...options,
  })

/** A store some of whose calls do something else. */
const withCalls = (store: Store, calls: Partial<Store>): Store =>
  new Proxy(store, {
    get(target, name) {
      const own: unknown = Reflect.get(calls, name) ?? Reflect.get(target, name)
      return typeof own === 'function' && !(name in calls) ? own.bind(target) : own
    },
  })

/** An answer that the test gives later. */
function later() {
  const { promise, resolve } = Promise.withResolvers<Granted>()
  return { answer: () => promise, resolve }
}

describe('a sign-in that is aborted', () => {
  it('ends its flow immediately, and revokes a late grant', async () => {
    const script = new SignInScript()
    const host = await open(script)
    const view = await begin(host, 'browser')
    const { comeBack } = await signIn(host, view)
    const { answer, resolve } = later()
    script.answer = answer
    const asked = script.next()
    const coming = comeBack(host)
    await asked
    const cancelled = host.latchkey.flows.cancel(view.flowId)
    expect(await cancelled).toMatchObject({ type: 'abort', reason: 'cancelled' })
    expect((await coming).type).toBe('moved')
    resolve(script.grant())
    await eventually(() => expect(script.revoked).toEqual([{ token: 'token of ann' }]))
  })

  it('revokes nothing without a grant or without a revoke function', async () => {
    const script = new SignInScript()
    const host = await open(script)
    for (const late of [{ type: 'rejected' } as const, script.grant()]) {
      const view = await begin(host, 'device')
      await host.latchkey.flows.poll(view.flowId)
      host.clock.increment(1_000)
      const { answer, resolve } = later()
      script.answer = answer
      const asked = script.next()
      const polling = host.latchkey.flows.poll(view.flowId)
      await asked
      await host.latchkey.flows.cancel(view.flowId)
      await polling
      resolve(late)
      await atRest()
    }
    expect(script.revoked).toEqual([])
    expect(host.log.lines).toEqual([])
  })
})

describe('a sign-in whose process died while the code was redeemed', () => {
  it('redeems no code again, and expires in time', async () => {
    const script = new SignInScript()
    const host = await open(script)
    const view = await begin(host, 'browser')
    const { browser, comeBack } = await signIn(host, view)
    script.answer = later().answer
    const asked = script.next()
    const left = comeBack(host)
    await asked
    const after = await afterLeases(host)
    script.answer = async () => script.grant()
    const expired = { type: 'ignored', flowId: view.flowId, code: 'authorize_expired' }
    expect(await comeBack(after)).toEqual(expired)
    expect(await after.latchkey.signIns.redirect(view.flowId, browser)).toBeNull()
    await after.latchkey.start()
    await after.pass(600_000)
    expect(await after.latchkey.flows.get(view.flowId)).toMatchObject({
      type: 'external',
      errors: { base: { code: 'authorize_expired' } },
    })
    // The process that seemed dead comes too late with its callback.
    await host.pass(600_000)
    expect(await left).toEqual(expired)
  })
})

describe('a sign-in whose flow another process has continued while its code was redeemed', () => {
  it.each(['begins again', 'cancels'])('revokes its grant: %s', async (how) => {
    const script = new SignInScript()
    const host = await open(script)
    const { flowId, ...view } = await begin(host, 'browser')
    const { comeBack } = await signIn(host, { flowId, ...view })
    const { answer, resolve } = later()
    script.answer = answer
    const asked = script.next()
    const coming = comeBack(host).catch((error: unknown) => error)
    await asked
    const { flows } = (await host.again()).latchkey
    const { revision } = await flows.get(flowId)
    if (how === 'cancels') await flows.cancel(flowId)
    else await flows.authorize(flowId, { revision, redirectUri: REDIRECT })
    resolve(script.grant())
    expect(await coming).toMatchObject(how === 'cancels' ? { code: 'FLOW_ENDED' } : { type: 'ignored' })
    await atRest()
    expect(script.revoked).toEqual([{ token: 'token of ann' }])
  })
})

describe('values that a sign-in has prepared', () => {
  it('are left out of the log if they are secret', async () => {
    const quoting = async (): Promise<never> => {
      throw new Error('The client public-client with none has hidden-secret and nested-secret.')
    }
    const prepared = {
      clientId: 'public-client',
      clientSecret: 'hidden-secret',
      method: 'none',
      more: ['nested-secret'],
    }
    const integration = defineIntegrationWithMethods({
      domain: 'prepared',
      title: 'Prepared',
      stored: z.object({ clientId: z.string(), clientSecret: secret(), method: z.string() }),
      methods: {
        browser: {
          title: 'Browser',
          authorize: { grant: 'code', prepare: async () => prepared, begin: quoting, finish: quoting },
        },
      },
      connect: async () => ({ client: {}, uniqueId: null }),
    })
    const host = await open(new SignInScript(), { integrations: [integration] })
    const view = await host.latchkey.flows.start({ domain: 'prepared', source: 'user' })
    await host.latchkey.flows.authorize(view.flowId, { ...view, redirectUri: REDIRECT })
    const log = JSON.stringify(host.log.lines)
    expect(log).toContain('The client public-client with none has ')
    expect(log).not.toMatch(/hidden-secret|nested-secret/)
  })
})

describe('a browser that comes back', () => {
  it('finds nothing for a purged flow', async () => {
    const host = await open(new SignInScript())
    const view = await begin(host, 'browser')
    const { browser, comeBack } = await signIn(host, view)
    const flow = await host.store.getFlow('default', view.flowId)
    await host.store.apply('default', [{ remove: 'flow', id: view.flowId, ifRevision: flow?.revision ?? 0 }])
    expect(await host.latchkey.signIns.redirect(view.flowId, browser)).toBeNull()
    expect(await comeBack(host)).toMatchObject({ type: 'ignored', code: 'authorize_expired' })
  })

  it('reports a failure of the cipher or the store', async () => {
    const host = await open(new SignInScript())
    const { browser, comeBack } = await signIn(host, await begin(host, 'browser'))
    const broken = async () => Promise.reject(new Error('The keys are away.'))
    const other = await host.again({ cipher: { seal: broken, open: broken } })
    const failed = other.latchkey.signIns.redirect('any', browser)
    await expect(failed).rejects.toThrow('The cipher could not decrypt the token.')
    expect(host.log.lines.at(-1)?.fields.error).toMatchObject({ message: 'The keys are away.' })
    const apply = async () => Promise.reject(new Error('The disk is full.'))
    const third = await host.again({ store: withCalls(host.store, { apply }) })
    await expect(comeBack(third)).rejects.toThrow('The disk is full.')
  })

  it('is refused once the host has stopped', async () => {
    const host = await open(new SignInScript())
    await host.latchkey.stop()
    await expect(host.latchkey.signIns.redirect('any', 'any')).rejects.toMatchObject({ code: 'STOPPED' })
  })
})

describe('another account', () => {
  it('logs that its grant could not be revoked', async () => {
    const script = new SignInScript()
    const host = await open(script)
    const { comeBack } = await signIn(host, await begin(host, 'browser'))
    const linked = await comeBack(host)
    const entryId = linked.type === 'moved' ? (linked.view.entryId ?? '') : ''
    script.account = 'bob'
    const flow = await host.latchkey.entries.requestReauth(entryId)
    let isBroken = false
    const anyEntry: Store['anyEntry'] = async (...query) => {
      if (isBroken) throw new Error('token of bob')
      return host.store.anyEntry(...query)
    }
    const other = await host.again({ store: withCalls(host.store, { anyEntry }) })
    const again = await signIn(other, flow)
    isBroken = true
    expect(await again.comeBack(other)).toMatchObject({ view: { reason: 'wrong_account' } })
    await other.pass(600_000)
    await eventually(() => expect(other.log.messages).toContain('An unused grant could not be revoked.'))
    expect(JSON.stringify(other.log.lines)).not.toContain('token of bob')
  })
})

describe('a code that is shown', () => {
  it('can have no complete URI, and ends if its service fails permanently', async () => {
    const script = new SignInScript()
    const host = await open(script)
    const view = await begin(host, 'device')
    expect(await host.latchkey.flows.poll(view.flowId)).not.toHaveProperty('verificationUriComplete')
    host.clock.increment(1_000)
    script.answer = async () => Promise.reject(new Error('unexpected'))
    expect(await host.latchkey.flows.poll(view.flowId)).toMatchObject({
      errors: { base: { code: 'unknown' } },
    })
  })

  it('is polled again after the service could not be reached', async () => {
    const script = new SignInScript()
    const host = await open(script)
    const view = await begin(host, 'device')
    await host.latchkey.flows.poll(view.flowId)
    host.clock.increment(1_000)
    script.answer = async () => Promise.reject(new CannotConnectError())
    expect(await host.latchkey.flows.poll(view.flowId)).toMatchObject({ userCode: 'CODE', interval: 6_000 })
  })
})

describe('a flow that two processes move at once', () => {
  it('is begun by one of them', async () => {
    const script = new SignInScript()
    const host = await open(script)
    const view = await begin(host, 'browser')
    const other = await host.again()
    const options = { ...view, redirectUri: REDIRECT }
    const begun = await Promise.allSettled(
      [host, other].map(({ latchkey }) => latchkey.flows.authorize(view.flowId, options)),
    )
    const refused = begun.find(({ status }) => status === 'rejected')
    expect(begun.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(refused).toMatchObject({ reason: { code: 'STALE_REVISION' } })
  })

  it('returns its state to each poll', async () => {
    const script = new SignInScript()
    const host = await open(script)
    const view = await begin(host, 'device')
    const other = await host.again()
    const shown = await Promise.all([host, other].map(({ latchkey }) => latchkey.flows.poll(view.flowId)))
    expect(shown).toMatchObject([{ step: 'device' }, { step: 'device' }])
    expect(shown).toContainEqual(expect.objectContaining({ userCode: 'CODE' }))
    const apply = async () => Promise.reject(new Error('The disk is full.'))
    const third = await host.again({ store: withCalls(host.store, { apply }) })
    host.clock.increment(60_000)
    await expect(third.latchkey.flows.poll(view.flowId)).rejects.toThrow('The disk is full.')
  })

  it('asks the service once if another process has just received the answer', async () => {
    const script = new SignInScript()
    let codes = 0
    script.begins = async () => {
      codes++
    }
    const host = await open(script)
    const view = await begin(host, 'device')
    const store = new FailingStore(host.store)
    const other = await host.again({ store })
    store.before('claim', 1, async () => {
      await host.latchkey.flows.poll(view.flowId)
    })
    expect(await other.latchkey.flows.poll(view.flowId)).toMatchObject({ userCode: 'CODE' })
    expect(codes).toBe(1)
  })

  it('answers a browser without the cookie by what its process knows of the sign-in', async () => {
    const host = await open(new SignInScript())
    const redirected = async () => {
      const view = await begin(host, 'browser')
      const { browser } = await host.latchkey.flows.authorize(view.flowId, { ...view, redirectUri: REDIRECT })
      const address = await host.latchkey.signIns.redirect(view.flowId, browser ?? '')
      return { ...view, query: new URL(address ?? '').searchParams }
    }
    const { flowId, query } = await redirected()
    const back = () =>
      host.latchkey.signIns.finish({ domain: 'scripted_oauth', query, browserOf: () => null })
    await host.latchkey.flows.cancel(flowId)
    expect(await back()).toMatchObject({ type: 'ignored', flowId, code: 'authorize_expired' })
    await host.pass(3_600_000)
    await redirected()
    expect(await back()).toMatchObject({ type: 'ignored', flowId, code: 'authorize_foreign' })
  })

  it('takes no answer that came after its end', async () => {
    const script = new SignInScript()
    const host = await open(script)
    const view = await begin(host, 'browser')
    const { comeBack } = await signIn(host, view)
    const other = await host.again()
    let ends = true
    const getFlow: Store['getFlow'] = async (...of) => {
      const flow = await host.store.getFlow(...of)
      if (ends) {
        ends = false
        await other.latchkey.flows.cancel(view.flowId)
      }
      return flow
    }
    const third = await host.again({ store: withCalls(host.store, { getFlow }) })
    expect(await comeBack(third)).toMatchObject({ type: 'ignored', code: 'authorize_expired' })
  })

  it('shows an error if the grant cannot be saved', async () => {
    const script = new SignInScript()
    const host = await open(script)
    const { comeBack } = await signIn(host, await begin(host, 'browser'))
    let writes = 0
    const apply: Store['apply'] = async (...all) => {
      if (++writes > 1) throw new Error('The disk is full.')
      return host.store.apply(...all)
    }
    const other = await host.again({ store: withCalls(host.store, { apply }) })
    await expect(comeBack(other)).rejects.toThrow('The disk is full.')
  })
})

describe('a sign-in for a discovery', () => {
  const found = { domain: 'scripted_oauth', source: 'discovery' } as const
  const discovery = { uniqueId: 'ann', values: {}, title: 'The one of Ann' }

  it('is started by a user, and links the discovered account', async () => {
    const script = new SignInScript()
    const host = await open(script)
    const menu = await host.latchkey.flows.start({ ...found, discovery })
    expect(menu).toMatchObject({ type: 'menu', step: 'pick_method', mayIgnore: true })
    const view = await host.latchkey.flows.choose(menu.flowId, 'browser', menu)
    const { comeBack } = await signIn(host, view)
    expect(await comeBack(host)).toMatchObject({ view: { type: 'create_entry' } })
    expect((await host.latchkey.entries.list()).items).toMatchObject([{ uniqueId: 'ann', state: 'loaded' }])
  })

  it('links no other account without a confirmation, and revokes its grant', async () => {
    const script = new SignInScript()
    const host = await open(script)
    const menu = await host.latchkey.flows.start({ ...found, discovery })
    const { comeBack } = await signIn(host, await host.latchkey.flows.choose(menu.flowId, 'browser', menu))
    script.account = 'bob'
    expect(await comeBack(host)).toMatchObject({ view: { step: 'account_confirm' } })
    expect(script.revoked).toEqual([])
    expect(await host.latchkey.flows.cancel(menu.flowId)).toMatchObject({ reason: 'cancelled' })
    await eventually(() => expect(script.revoked).toEqual([{ token: 'token of bob' }]))
    expect((await host.latchkey.entries.list()).items).toEqual([])
  })
})

describe('a sign-in that repairs an entry', () => {
  const linked = async () => {
    const script = new SignInScript()
    const host = await open(script)
    const { comeBack } = await signIn(host, await begin(host, 'browser'))
    const end = await comeBack(host)
    script.refuses = true
    const entryId = end.type === 'moved' ? (end.view.entryId ?? '') : ''
    await host.latchkey.entries.reload(entryId)
    return { script, host, entryId }
  }

  it('continues in a reconfiguration whose entry has recovered', async () => {
    const { script, host, entryId } = await linked()
    const flow = await host.latchkey.flows.start({ entryId, source: 'reconfigure' })
    const { comeBack } = await signIn(host, flow)
    script.refuses = false
    await host.latchkey.entries.reload(entryId, { retryRejected: true })
    expect(await host.latchkey.flows.get(flow.flowId)).toMatchObject({ type: 'external', errors: {} })
    expect(await comeBack(host)).toMatchObject({ view: { reason: 'reconfigure_successful' } })
  })

  it('shows the error of the integration above the sign-in, which has no form', async () => {
    const script = new SignInScript()
    const connect = async () => {
      throw new FormError('no_home', { field: 'token', message: 'You have no home.' })
    }
    const host = await open(script, { integrations: [{ ...script.integration, connect }] })
    const { comeBack } = await signIn(host, await begin(host, 'browser'))
    expect(await comeBack(host)).toMatchObject({
      view: { type: 'external', errors: { base: { code: 'no_home', text: 'You have no home.' } } },
    })
  })

  it('can be cancelled after an update of its integration that signs in by a code on a device', async () => {
    const script = new SignInScript()
    const host = await open(script)
    const { flowId } = await begin(host, 'browser')
    const { methods } = script.integration
    Object.assign(methods, { browser: methods.device })
    const { latchkey } = await host.again()
    const view = await latchkey.flows.get(flowId)
    expect(view).toMatchObject({ type: 'external', step: 'authorize' })
    expect(view).not.toHaveProperty('host')
    expect(await latchkey.flows.cancel(flowId)).toMatchObject({ reason: 'cancelled' })
  })

  it('is started in the language of the caller', async () => {
    const host = await open(new SignInScript())
    const { flowId, revision } = await begin(host, 'browser')
    const options = { revision, redirectUri: REDIRECT, language: 'de' }
    const { view, browser } = await host.latchkey.flows.authorize(flowId, options)
    expect(view).toMatchObject({ type: 'external', language: 'de', title: 'Scripted hinzufügen' })
    expect(browser).not.toBeNull()
  })

  it('by a code waits as long as the entry needs it', async () => {
    const script = new SignInScript()
    const host = await open(script)
    const { flowId } = await begin(host, 'device')
    await host.latchkey.flows.poll(flowId)
    await host.pass(1_000)
    const { entryId } = await host.latchkey.flows.poll(flowId)
    const reauth = await host.latchkey.entries.requestReauth(entryId ?? '')
    await host.latchkey.flows.poll(reauth.flowId)
    expect(await host.store.getFlow('default', reauth.flowId)).toMatchObject({ expiresAt: null, dueAt: null })
    await host.pass(1_000)
    expect(await host.latchkey.flows.poll(reauth.flowId)).toMatchObject({ reason: 'reauth_successful' })
  })
})

describe('the claim of a poll', () => {
  async function world() {
    const store = new FailingStore(memoryStore())
    const host = await open(new SignInScript(), { store })
    const { flowId } = await begin(host, 'device')
    return { ...host, store, flowId }
  }

  it('fails with the store, and the next poll claims again', async () => {
    const { latchkey, store, flowId } = await world()
    store.before('claim', 1, fullDisk)
    await expect(latchkey.flows.poll(flowId)).rejects.toMatchObject({ code: 'STORE' })
    expect(await latchkey.flows.poll(flowId)).toMatchObject({ userCode: 'CODE' })
  })

  it('ends if the flow is cancelled before the store has answered', async () => {
    const { latchkey, store, clock, flowId } = await world()
    const { promise, resolve } = Promise.withResolvers<void>()
    store.before('claim', 1, () => promise)
    const polling = latchkey.flows.poll(flowId)
    await atRest()
    const cancelled = latchkey.flows.cancel(flowId)
    await atRest()
    resolve()
    expect(await cancelled).toMatchObject({ type: 'abort', reason: 'cancelled' })
    await polling
    const name = { scope: 'default', kind: 'task', id: `poll-${flowId}` } as const
    const term = { holder: 'another process', ms: 15_000, now: clock.now() }
    expect(await store.leases.claim(name, term)).not.toBeNull()
  })
})

describe('an error of the integration during a sign-in', () => {
  const noHome = new FormError('no_home', {
    message: 'You have no home.',
    advice: 'Add a home in the app.',
    docs: 'https://login.example/homes',
  })
  const shown = {
    code: 'no_home',
    text: 'You have no home.',
    advice: 'Add a home in the app.',
    docs: 'https://login.example/homes',
  }

  /** The view after each call of an authorizer that throws: the start and the end of a sign-in, by both methods. */
  const cases: Readonly<Record<string, (script: SignInScript, host: Host, error: Error) => Promise<View>>> = {
    'begin of a code': async (script, host, error) => {
      const view = await begin(host, 'browser')
      script.begins = () => Promise.reject(error)
      return (await host.latchkey.flows.authorize(view.flowId, { ...view, redirectUri: REDIRECT })).view
    },
    'exchange of a code': async (script, host, error) => {
      const view = await begin(host, 'browser')
      const { comeBack } = await signIn(host, view)
      script.answer = () => Promise.reject(error)
      await comeBack(host)
      return host.latchkey.flows.get(view.flowId)
    },
    'begin of a device code': async (script, host, error) => {
      const view = await begin(host, 'device')
      script.begins = () => Promise.reject(error)
      return host.latchkey.flows.poll(view.flowId)
    },
    'poll of a device code': async (script, host, error) => {
      const view = await begin(host, 'device')
      await host.latchkey.flows.poll(view.flowId)
      host.clock.increment(1_000)
      script.answer = () => Promise.reject(error)
      return host.latchkey.flows.poll(view.flowId)
    },
  }

  it.each(Object.entries(cases))('is shown in the %s with its own text', async (_, run) => {
    const script = new SignInScript()
    const view = await run(script, await open(script), noHome)
    expect(view).toMatchObject({ errors: { base: shown } })
  })

  it.each(Object.entries(cases))('ends the flow in the %s with its own reason', async (_, run) => {
    const script = new SignInScript()
    const host = await open(script)
    const view = await run(script, host, new AbortFlowError('no_plan', { message: 'Your plan has no API.' }))
    expect(view).toMatchObject({ type: 'abort', reason: 'no_plan', text: 'Your plan has no API.' })
    expect((await host.latchkey.flows.list()).items).toEqual([])
  })

  it.each(Object.entries(cases))('names another account in the %s', async (_, run) => {
    const script = new SignInScript()
    const view = await run(script, await open(script), new WrongAccountError({ account: 'bob' }))
    expect(view).toMatchObject({
      errors: { base: { code: 'wrong_account', text: 'You signed in with a different account.' } },
    })
  })

  it('keeps a misconfigured integration behind the text of a failed sign-in', async () => {
    const script = new SignInScript()
    const view = await cases['exchange of a code']?.(
      script,
      await open(script),
      new SetupError('Wrong realm.'),
    )
    expect(view).toMatchObject({ errors: { base: { code: 'authorize_failed' } } })
  })
})
