import { describe, expect, it } from '@jest/globals'
import { hangingService } from '../hanging-service.ts'
import { addEntry, asAbort, asForm, atRest, type Host, loseCredential, makeHost } from '../host.ts'

const SECOND = 1_000

/** An entry whose client never closes. */
async function hanging(options: Parameters<typeof makeHost>[0] = {}, overrides = {}) {
  const state = hangingService(overrides)
  const host = await makeHost({ service: state.service, ...options })
  // Without `adopt`, the connection that a flow has verified is closed at once.
  state.hangs = !('adopt' in overrides)
  const entryId = await addEntry(host)
  state.hangs = true
  return { ...host, state, entryId, entries: host.latchkey.entries }
}

/** Lets time pass until a call has ended. Returns the seconds, and the result. */
async function timed({ pass }: Pick<Host, 'pass'>, call: Promise<unknown>) {
  let ended = false
  const settled = call.finally(() => {
    ended = true
  })
  settled.catch(() => {})
  await atRest()
  let seconds = 0
  for (; !ended && seconds < 60; seconds++) await pass(SECOND)
  if (!ended) throw new Error('The call has not ended within a minute.')
  return { seconds, result: await settled.catch((error: unknown) => error) }
}

const NOT_CLOSED = 'A connection was not closed in time.'

describe('a client whose dispose never settles', () => {
  it('ends an unload in failed_unload after ten seconds, with one warning that names the entry', async () => {
    const host = await hanging()
    const { seconds, result } = await timed(host, host.entries.unload(host.entryId))
    expect(seconds).toBe(10)
    expect(result).toMatchObject({ state: 'failed_unload', reason: 'failed_unload' })
    const { entryId } = host
    expect(host.log.lines).toMatchObject([{ level: 'warn', message: NOT_CLOSED, fields: { entryId } }])
  })

  it('ends a reload in failed_unload, which a forced unload and a setup leave', async () => {
    const host = await hanging()
    const { result } = await timed(host, host.entries.reload(host.entryId))
    expect(result).toMatchObject({ code: 'ENTRY_STATE', state: 'failed_unload' })
    expect(await host.entries.unload(host.entryId, { force: true })).toMatchObject({ state: 'not_loaded' })
    expect(await host.entries.setup(host.entryId)).toMatchObject({ state: 'loaded' })
    expect(host.log.messages).toEqual([NOT_CLOSED])
  })

  it.each<[string, Parameters<typeof makeHost>[0], object, number]>([
    ['the host', { limits: { disposeTimeout: 3 * SECOND } }, {}, 3],
    ['the integration', { limits: { disposeTimeout: 3 * SECOND } }, { disposeTimeout: 5 * SECOND }, 5],
  ])('has the time that %s allows', async (_, options, overrides, allowed) => {
    const host = await hanging(options, overrides)
    expect((await timed(host, host.entries.unload(host.entryId))).seconds).toBe(allowed)
  })

  it('is removed after its time, with one warning', async () => {
    const host = await hanging()
    expect(await timed(host, host.entries.remove(host.entryId))).toEqual({ seconds: 10, result: undefined })
    expect((await host.entries.list()).items).toEqual([])
    expect(host.log.messages).toEqual([NOT_CLOSED])
  })

  it('is disabled after its time, with one warning, and loads again when it is enabled', async () => {
    const host = await hanging()
    const { result } = await timed(host, host.entries.disable(host.entryId))
    expect(result).toMatchObject({ state: 'disabled', disabled: true })
    expect(host.log.messages).toEqual([NOT_CLOSED])
    expect(await host.entries.enable(host.entryId)).toMatchObject({ state: 'loaded' })
  })

  it.each([true, false])(
    'is dropped by a reauthentication, which ends loaded (with adopt: %s)',
    async (adopt) => {
      const host = await hanging({}, { adopt })
      const { flowId, revision } = await loseCredential(host, host.entryId)
      host.service.accounts.set('new', 'ann')
      const submit = host.latchkey.flows.submit(flowId, { token: 'new' }, { revision })
      const { result } = await timed(host, submit)
      expect(asAbort(result as never)).toMatchObject({ reason: 'reauth_successful' })
      expect(await host.entries.get(host.entryId)).toMatchObject({ state: 'loaded', reauth: null })
    },
  )

  it('is dropped by a reauthentication of an entry that runs', async () => {
    const host = await hanging({}, { adopt: false })
    const { flowId, revision } = asForm(await host.entries.requestReauth(host.entryId))
    host.service.accounts.set('new', 'ann')
    const submit = host.latchkey.flows.submit(flowId, { token: 'new' }, { revision })
    const { result } = await timed(host, submit)
    expect(asAbort(result as never)).toMatchObject({ reason: 'reauth_successful' })
    expect(await host.entries.get(host.entryId)).toMatchObject({ state: 'loaded' })
    // The connection that verified the credential, and the old one.
    expect(host.log.messages).toEqual([NOT_CLOSED, NOT_CLOSED])
  })

  it.each([
    ['while calls end', true],
    ['while the client closes', false],
  ])('does not hold up a forced unload %s', async (_, isBusy) => {
    const host = await hanging()
    const { entries, entryId } = host
    const call = Promise.withResolvers<void>()
    if (isBusy) void entries.use(host.service.integration, entryId, () => call.promise)
    await atRest()
    const waiting = entries.unload(entryId)
    await atRest()
    expect(await entries.unload(entryId, { force: true })).toMatchObject({ state: 'not_loaded' })
    expect(await waiting).toMatchObject({ state: 'not_loaded' })
    call.resolve()
    await atRest()
    // It is still closed, in the background.
    expect(host.state.waiting).toHaveLength(1)
    await host.pass(20 * SECOND)
    expect(host.log.messages).toEqual([NOT_CLOSED])
  })

  it('is not needed for a forced unload', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const other = await host.again()
    const unloaded = { state: 'not_loaded' }
    expect(await other.latchkey.entries.unload(entryId, { force: true })).toMatchObject(unloaded)
    expect(await host.latchkey.entries.unload(entryId, { force: true })).toMatchObject(unloaded)
    expect(host.service.open).toBe(0)
  })

  it.each<[string, (client: { resolve: () => void; reject: (error: Error) => void }) => void]>([
    ['closes late', ({ resolve }) => resolve()],
    ['fails late', ({ reject }) => reject(new Error('too late'))],
  ])('changes nothing if it %s', async (_, settle) => {
    const host = await hanging()
    await timed(host, host.entries.unload(host.entryId))
    await host.entries.unload(host.entryId, { force: true })
    await host.entries.setup(host.entryId)
    for (const client of host.state.waiting) settle(client)
    await atRest()
    expect(await host.entries.get(host.entryId)).toMatchObject({ state: 'loaded' })
    expect(host.log.messages).toEqual([NOT_CLOSED])
  })

  it('is closed in the background when a connection drops, with one warning', async () => {
    const host = await hanging()
    await host.entries.use(host.service.integration, host.entryId, (client) => client.drop())
    expect(await host.entries.get(host.entryId)).toMatchObject({ state: 'setup_retry' })
    await host.pass(10 * SECOND)
    expect(await host.entries.get(host.entryId)).toMatchObject({ state: 'loaded' })
    expect(host.log.messages).toEqual([NOT_CLOSED])
  })
})

describe('a call in progress', () => {
  it.each(['unload', 'reload', 'disable', 'remove'] as const)('receives its signal at %s', async (action) => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { entries } = host.latchkey
    const call = entries.use(host.service.integration, entryId, async (_, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      return signal.aborted
    })
    await atRest()
    expect((await timed(host, entries[action](entryId))).seconds).toBe(0)
    expect(await call).toBe(true)
  })

  it('receives its signal if the connection drops, but not if it is replaced', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { entries, flows } = host.latchkey
    const signals: AbortSignal[] = []
    const call = Promise.withResolvers<void>()
    const use = () =>
      entries.use(host.service.integration, entryId, async (_, { signal }) => {
        signals.push(signal)
        await call.promise
      })
    const first = use()
    await atRest()
    const { flowId, revision } = asForm(await entries.requestReauth(entryId))
    await flows.submit(flowId, { token: 'good' }, { revision })
    const second = use()
    await entries.use(host.service.integration, entryId, (client) => client.drop())
    await atRest()
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true])
    call.resolve()
    await Promise.all([first, second])
  })

  it('rejects before the callback begins, if the caller has stopped waiting', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const abort = new AbortController()
    const { integration } = host.service
    const call = host.latchkey.entries.use(integration, entryId, (_, { signal }) => signal.aborted, {
      signal: abort.signal,
    })
    abort.abort(new Error('not needed'))
    await expect(call).rejects.toThrow('not needed')
  })

  it('delays the unload for ten seconds at most', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.latchkey.entries.use(host.service.integration, entryId, () => new Promise(() => {})).catch(() => {})
    await atRest()
    const { seconds, result } = await timed(host, host.latchkey.entries.unload(entryId))
    expect(seconds).toBe(10)
    expect(result).toMatchObject({ state: 'not_loaded' })
    expect(host.service.open).toBe(0)
  })
})

describe('a listener of entry_unloaded', () => {
  it('ends before the client closes', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const open: number[] = []
    host.latchkey.on('entry_unloaded', async () => {
      await new Promise((resolve) => host.clock.setTimeout(() => resolve(undefined), 3 * SECOND))
      open.push(host.service.open)
    })
    expect((await timed(host, host.latchkey.entries.unload(entryId))).seconds).toBe(3)
    expect(open).toEqual([1])
  })

  it('is awaited too if the connection drops', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const listener = Promise.withResolvers<void>()
    host.latchkey.on('entry_unloaded', () => listener.promise)
    await host.latchkey.entries.use(host.service.integration, entryId, (client) => client.drop())
    await atRest()
    expect(host.service.open).toBe(1)
    listener.resolve()
    await atRest()
    expect(host.service.open).toBe(0)
  })

  it('is awaited no longer than the calls in progress', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.latchkey.on('entry_unloaded', () => new Promise(() => {}))
    expect((await timed(host, host.latchkey.entries.unload(entryId))).seconds).toBe(10)
  })
})

describe('a connect without a timeout', () => {
  it.each(['unload', 'reload', 'disable', 'remove'] as const)(
    'is ended by %s, in a probe too',
    async (action) => {
      const host = await makeHost({
        service: hangingService({ connectTimeout: Number.POSITIVE_INFINITY }).service,
      })
      const entryId = await addEntry(host)
      host.service.script({ hangs: true })
      host.service.accounts.delete('good')
      const call = host.latchkey.entries.use(host.service.integration, entryId, (client) => client.ping())
      call.catch(() => {})
      await atRest()
      await host.pass(3_600 * SECOND)
      expect(host.service.connects).toHaveLength(2)
      host.service.accounts.set('good', 'ann')
      const { result } = await timed(host, host.latchkey.entries[action](entryId))
      expect(result).not.toBeInstanceOf(TypeError)
    },
  )
})
