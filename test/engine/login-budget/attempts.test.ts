import { describe, expect, it } from '@jest/globals'
import { addEntry, asForm, atRest, type Host, loseCredential, makeHost, openForm } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'

const MINUTE = 60_000

/** Opens a user flow and submits it; answers with the code that the form shows then. */
async function refuseSetup(host: Host, scope = 'default') {
  const latchkey = host.latchkey.scope(scope)
  const { flowId, revision } = await openForm(latchkey)
  const view = await latchkey.flows.submit(flowId, { host: 'h', token: 'bad' }, { revision })
  return view.type === 'form' ? view.errors.base?.code : view.type
}

/** Submits one flow again and again; answers with what the form shows at the end. */
async function submitTimes(host: Host, flowId: string, times: number, principal = 'ada', token = 'bad') {
  let view = asForm(await host.latchkey.flows.get(flowId))
  for (let time = 0; time < times; time++) {
    view = asForm(await host.latchkey.flows.submit(flowId, { token }, { revision: view.revision, principal }))
  }
  return view
}

async function hostThatNeedsReauth(host?: Host) {
  const one = host ?? (await makeHost())
  const entryId = await addEntry(one)
  const { flowId } = await loseCredential(one, entryId)
  return { ...one, entryId, flowId }
}

describe('the attempt budget of an entry', () => {
  it('allows five refused logins of a principal, and refuses the sixth without calling the service', async () => {
    const host = await hostThatNeedsReauth()
    const logins = host.service.connects.length
    expect((await submitTimes(host, host.flowId, 5)).errors.base?.code).toBe('invalid_auth')
    expect(host.service.connects).toHaveLength(logins + 5)
    const held = await submitTimes(host, host.flowId, 1)
    expect(held.errors).toEqual({
      base: {
        code: 'rate_limited',
        text: 'Too many attempts.',
        advice: 'Try again in 15 minutes.',
        keepSecrets: true,
        retryAfter: 900,
      },
    })
    expect(host.service.connects).toHaveLength(logins + 5)
    const { items } = await host.latchkey.history(host.entryId)
    expect(items.filter(({ kind }) => kind === 'flow_rejected')).toHaveLength(5)
  })

  it('counts each principal separately', async () => {
    const host = await hostThatNeedsReauth()
    await submitTimes(host, host.flowId, 6)
    expect((await submitTimes(host, host.flowId, 1, 'bob')).errors.base?.code).toBe('invalid_auth')
  })

  it('frees a try as the oldest leaves the window, and survives a restart until then', async () => {
    const host = await hostThatNeedsReauth()
    await submitTimes(host, host.flowId, 1)
    await host.pass(5 * MINUTE)
    await submitTimes(host, host.flowId, 5)
    const again = await host.again()
    await again.pass(9 * MINUTE)
    expect((await submitTimes(again, host.flowId, 1)).errors.base).toMatchObject({ retryAfter: 60 })
    await again.pass(MINUTE)
    expect((await submitTimes(again, host.flowId, 1)).errors.base?.code).toBe('invalid_auth')
    expect((await submitTimes(again, host.flowId, 1)).errors.base).toMatchObject({ retryAfter: 300 })
  })

  it('costs nothing for a service that cannot be reached, or a form that is not filled in', async () => {
    const host = await hostThatNeedsReauth()
    host.service.script(...new Array(10).fill('cannot_connect'))
    expect((await submitTimes(host, host.flowId, 10)).errors.base?.code).toBe('cannot_connect')
    await submitTimes(host, host.flowId, 6, 'ada', '')
    expect((await submitTimes(host, host.flowId, 1)).errors.base?.code).toBe('invalid_auth')
  })

  it('is cleared by a success', async () => {
    const host = await hostThatNeedsReauth()
    const { revision } = await submitTimes(host, host.flowId, 4)
    host.service.accounts.set('new', 'ann')
    await host.latchkey.flows.submit(host.flowId, { token: 'new' }, { revision, principal: 'ada' })
    expect(await host.store.getAttempts('default', `entry:${host.entryId}`)).toBeUndefined()
    const next = await loseCredential(host, host.entryId, 'new')
    expect((await submitTimes(host, next.flowId, 5)).errors.base?.code).toBe('invalid_auth')
  })

  it('is forgiven by the host', async () => {
    const host = await hostThatNeedsReauth()
    await submitTimes(host, host.flowId, 6)
    await host.latchkey.entries.resetAttempts(host.entryId)
    expect((await submitTimes(host, host.flowId, 1)).errors.base?.code).toBe('invalid_auth')
  })

  it('never holds back the probe or a setup', async () => {
    const host = await hostThatNeedsReauth()
    await submitTimes(host, host.flowId, 6)
    host.service.accounts.set('good', 'ann')
    const entry = await host.store.getEntry('default', host.entryId)
    if (entry === undefined) throw new Error('There is an entry.')
    const record = { ...entry, rejectedRevision: null, revision: entry.revision + 1 }
    await host.store.apply('default', [{ put: 'entry', record, ifRevision: entry.revision }])
    expect(await host.latchkey.entries.reload(host.entryId)).toMatchObject({ state: 'loaded' })
    const used = host.latchkey.entries.use(host.service.integration, host.entryId, (client) => client.ping())
    expect(await used).toBe('pong')
  })

  it('may be set by the host', async () => {
    const host = await hostThatNeedsReauth(
      await makeHost({ limits: { attemptsPerEntry: 1, attemptsWindow: MINUTE } }),
    )
    expect((await submitTimes(host, host.flowId, 2)).errors.base).toMatchObject({ retryAfter: 60 })
    await host.pass(MINUTE)
    expect((await submitTimes(host, host.flowId, 1)).errors.base?.code).toBe('invalid_auth')
  })

  it('is counted again if another process counted since it was read', async () => {
    const store = new TamperedStore()
    const one = await hostThatNeedsReauth(await makeHost({ store }))
    await submitTimes(one, one.flowId, 1)
    const key = `entry:${one.entryId}`
    store.onApply = async (apply) => {
      store.onApply = (next) => next()
      const attempts = await store.getAttempts('default', key)
      if (attempts === undefined) throw new Error('A failure is counted.')
      const failures = [...attempts.failures, { at: 1_000_000, principal: 'bob', code: 'invalid_auth' }]
      const record = { ...attempts, failures, revision: attempts.revision + 1 }
      await store.inner.apply('default', [{ put: 'attempts', record, ifRevision: attempts.revision }])
      await apply()
    }
    await submitTimes(one, one.flowId, 1)
    const counted = await store.getAttempts('default', key)
    expect(counted?.failures.map(({ principal }) => principal)).toEqual(['ada', 'bob', 'ada'])
  })
})

describe('the attempt budget of a domain without an entry', () => {
  it('allows twenty refused logins of all principals together, and refuses the next', async () => {
    const host = await makeHost()
    for (let time = 0; time < 20; time++) expect(await refuseSetup(host)).toBe('invalid_auth')
    expect(await refuseSetup(host)).toBe('rate_limited')
    expect(host.service.connects).toHaveLength(20)
    expect(await refuseSetup(host, 'other')).toBe('invalid_auth')
  })

  it('is not a port scanner: sixty unreachable addresses, then no more', async () => {
    const host = await makeHost()
    host.service.script(...new Array(60).fill('cannot_connect'))
    for (let time = 0; time < 60; time++) expect(await refuseSetup(host)).toBe('cannot_connect')
    expect(await refuseSetup(host)).toBe('rate_limited')
    expect(host.service.connects).toHaveLength(60)
  })

  it('is cleared by a success', async () => {
    const host = await makeHost()
    for (let time = 0; time < 19; time++) await refuseSetup(host)
    await addEntry(host)
    for (let time = 0; time < 20; time++) expect(await refuseSetup(host)).toBe('invalid_auth')
  })

  it('lets no more tries run at once than it has room for', async () => {
    const host = await makeHost({ limits: { attemptsPerDomain: 2 } })
    host.service.script({ held: 'invalid_auth' }, { held: 'invalid_auth' })
    const all = Promise.all(Array.from({ length: 5 }, () => refuseSetup(host)))
    await atRest()
    expect(host.service.connects).toHaveLength(2)
    host.service.release()
    expect((await all).sort()).toEqual([
      'invalid_auth',
      'invalid_auth',
      'rate_limited',
      'rate_limited',
      'rate_limited',
    ])
    expect(host.service.connects).toHaveLength(2)
  })

  it('lets a try in as another leaves room', async () => {
    const host = await makeHost({ limits: { attemptsPerDomain: 1 } })
    host.service.accounts.set('bad', 'ann')
    host.service.script({ held: { connect: 'ann' } })
    const first = refuseSetup(host)
    await atRest()
    const second = refuseSetup(host)
    const third = refuseSetup(host)
    await atRest()
    expect(host.service.connects).toHaveLength(1)
    host.service.release()
    expect(await Promise.all([first, second, third])).toEqual(['create_entry', 'abort', 'abort'])
  })
})

describe('a service’s own Retry-After', () => {
  it('is shown, survives a restart, and no login happens before it ends', async () => {
    const host = await hostThatNeedsReauth()
    host.service.script({ rateLimited: 120 })
    const shown = await submitTimes(host, host.flowId, 1)
    expect(shown.errors.base).toMatchObject({ code: 'rate_limited', retryAfter: 120 })
    const logins = host.service.connects.length
    const again = await host.again()
    await again.pass(60_000)
    expect((await submitTimes(again, host.flowId, 1, 'bob')).errors.base).toMatchObject({ retryAfter: 60 })
    expect(host.service.connects).toHaveLength(logins)
    expect(asForm(await again.latchkey.flows.get(host.flowId)).errors.base?.retryAfter).toBe(60)
    await again.pass(60_000)
    expect(asForm(await again.latchkey.flows.get(host.flowId)).errors.base?.retryAfter).toBe(0)
    expect((await submitTimes(again, host.flowId, 1)).errors.base?.code).toBe('invalid_auth')
  })

  it.each([10 * 86_400, Number.POSITIVE_INFINITY])(
    'is limited to a day, of %p seconds',
    async (rateLimited) => {
      const host = await hostThatNeedsReauth()
      host.service.script({ rateLimited })
      expect((await submitTimes(host, host.flowId, 1)).errors.base).toMatchObject({ retryAfter: 86_400 })
      await host.pass(86_400_000)
      expect((await submitTimes(host, host.flowId, 1)).errors.base?.code).toBe('invalid_auth')
    },
  )

  it.each([
    ['nothing', Number.NaN],
    ['less than nothing', -5],
  ])('delays nothing if it is %s', async (_, rateLimited) => {
    const host = await hostThatNeedsReauth()
    host.service.script({ rateLimited })
    expect((await submitTimes(host, host.flowId, 1)).errors.base).toMatchObject({
      code: 'rate_limited',
      retryAfter: 0,
    })
    expect((await submitTimes(host, host.flowId, 1)).errors.base?.code).toBe('invalid_auth')
  })

  it('is not shortened by a failure that is counted later', async () => {
    const host = await makeHost()
    host.service.script({ rateLimited: 1_200 }, { held: 'invalid_auth' })
    const slow = refuseSetup(host)
    await atRest()
    expect(await slow).toBe('rate_limited')
    expect(await refuseSetup(host)).toBe('rate_limited')
    expect(host.service.connects).toHaveLength(1)
    await host.pass(1_199_000)
    expect(await refuseSetup(host)).toBe('rate_limited')
    await host.pass(1_000)
    const next = refuseSetup(host)
    await atRest()
    host.service.release()
    expect(await next).toBe('invalid_auth')
  })

  it('applies to a setup too: no retry before its time', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.service.script({ rateLimited: 120 })
    expect(await host.latchkey.entries.reload(entryId)).toMatchObject({
      state: 'setup_retry',
      reason: 'rate_limited',
    })
    const logins = host.service.connects.length
    await host.pass(119_000)
    expect(host.service.connects).toHaveLength(logins)
    await host.pass(1_000)
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
  })
})
