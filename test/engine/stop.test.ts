import { describe, expect, it } from '@jest/globals'
import { plainCipher } from '../../src/adapters/plain-cipher.ts'
import type { EntryRecord } from '../../src/ports/store.ts'
import type { UnsavedToken } from '../../src/ports/token-journal.ts'
import { ScriptedService } from '../../src/testing/scripted-service.ts'
import { hangingService } from './hanging-service.ts'
import { addEntry, asForm, atRest, type Host, loseCredential, makeHost, openForm } from './host.ts'
import { fail, linked } from './linked-token.ts'
import { TamperedStore } from './tampered-store.ts'
import { LIFE } from './token-service.ts'

const SECOND = 1_000
const forever = () => new Promise<never>(() => {})

/** Stops a host, and returns the seconds that this took. */
async function stopped({ latchkey, pass }: Pick<Host, 'latchkey' | 'pass'>): Promise<number> {
  let ended = false
  void latchkey.stop().then(() => {
    ended = true
  })
  await atRest()
  let seconds = 0
  for (; !ended && seconds < 60; seconds++) await pass(SECOND)
  if (!ended) throw new Error('stop() has not ended within a minute.')
  return seconds
}

/** A host with three entries. */
async function three(options: Parameters<typeof makeHost>[0] = {}) {
  const host = await makeHost(options)
  const ids: string[] = []
  for (const name of ['a', 'b', 'c'])
    ids.push(await addEntry(host, { token: name, account: name, host: name }))
  return { ...host, ids }
}

describe('stop', () => {
  it('gives the calls of all entries ten seconds, and all clients ten more, at the same time', async () => {
    const { service } = hangingService()
    const host = await three({ service })
    for (const id of host.ids) host.latchkey.entries.use(service.integration, id, forever).catch(() => {})
    await atRest()
    expect(await stopped(host)).toBe(20)
    expect(
      host.log.messages.filter((message) => message === 'A connection was not closed in time.'),
    ).toHaveLength(3)
  })

  it('lasts as long as the slowest dispose may', async () => {
    const { service } = hangingService({ disposeTimeout: 4 * SECOND })
    const host = await three({ service, limits: { disposeTimeout: 2 * SECOND } })
    expect(await stopped(host)).toBe(4)
  })

  it('closes clients before the store, and does not wait for a hanging one twice', async () => {
    const store = new TamperedStore()
    const { service } = hangingService()
    const host = await three({ service, store })
    const open: number[] = []
    const close = store.close.bind(store)
    store.close = async () => {
      open.push(service.open)
      await close()
    }
    expect(await stopped(host)).toBe(10)
    expect(open).toEqual([0])
  })

  it('notifies calls by their signal, and hosts by stopping', async () => {
    const host = await three()
    const call = host.latchkey.entries.use(
      host.service.integration,
      host.ids[0] ?? '',
      async (_, { signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        return 'ended'
      },
    )
    await atRest()
    let isStopping = false
    host.latchkey.stopping.addEventListener('abort', () => {
      isStopping = true
    })
    expect(await stopped(host)).toBe(0)
    expect(await call).toBe('ended')
    expect(isStopping).toBe(true)
  })

  it('awaits the listeners of the unload', async () => {
    const host = await three()
    let ended = 0
    host.latchkey.on('entry_unloaded', async () => {
      await new Promise((resolve) => host.clock.setTimeout(() => resolve(undefined), 2 * SECOND))
      ended++
    })
    expect(await stopped(host)).toBe(2)
    expect(ended).toBe(3)
  })

  it.each<[string, (host: Awaited<ReturnType<typeof three>>, store: TamperedStore) => unknown, number]>([
    [
      'a connect',
      ({ service, latchkey, ids }) => {
        service.script({ hangs: true })
        return latchkey.entries.reload(ids[0] ?? '')
      },
      0,
    ],
    [
      'a connect that ignores its signal',
      ({ service, latchkey, ids }) => {
        service.script({ held: 'cannot_connect' })
        return latchkey.entries.reload(ids[0] ?? '')
      },
      0,
    ],
    [
      'the submit of a flow',
      async ({ service, latchkey }) => {
        service.script({ held: 'cannot_connect' })
        const form = await openForm(latchkey)
        return latchkey.flows.submit(form.flowId, { host: 'h', token: 't' }, form)
      },
      0,
    ],
    [
      'a waiting call',
      async (host) => {
        await loseCredential(host, host.ids[0] ?? '', 'a')
        const { integration } = host.service
        return host.latchkey.entries.use(integration, host.ids[0] ?? '', () => 1, { waitForReauth: true })
      },
      0,
    ],
    [
      'a listener',
      ({ latchkey }) => {
        latchkey.on('entry_unloaded', forever)
        return latchkey.entries.list()
      },
      10,
    ],
    [
      'a write of a flow',
      async ({ latchkey, service }, store) => {
        const form = await openForm(latchkey)
        service.accounts.set('t', 't')
        store.onApply = forever
        return latchkey.flows.submit(form.flowId, { host: 'h', token: 't' }, form)
      },
      10,
    ],
    [
      'a read of an entry',
      ({ latchkey, ids }, store) => {
        store.onEntry = forever
        return latchkey.entries.reload(ids[0] ?? '')
      },
      0,
    ],
    [
      'the write that a credential is rejected',
      async (host, store) => {
        host.service.accounts.delete('a')
        store.onApply = forever
        const { integration } = host.service
        return host.latchkey.entries.use(integration, host.ids[0] ?? '', (client) => client.ping())
      },
      20,
    ],
    [
      'a recurring task',
      async ({ latchkey, clock }, store) => {
        await latchkey.start()
        store.onDue = forever
        clock.increment(10 * SECOND)
      },
      10,
    ],
    [
      'the store, which does not close',
      (_, store) => {
        store.close = forever
      },
      20,
    ],
  ])('ends although %s never answers', async (_, begin, atMost) => {
    const store = new TamperedStore()
    const host = await three({ store })
    Promise.resolve(begin(host, store)).catch(() => {})
    await atRest()
    expect(await stopped(host)).toBeLessThanOrEqual(atMost)
  })

  it('ends although nothing answers, calls and clients neither', async () => {
    const store = new TamperedStore()
    const { service } = hangingService()
    const host = await three({ store, service })
    for (const id of host.ids) host.latchkey.entries.use(service.integration, id, forever).catch(() => {})
    await atRest()
    store.close = forever
    store.onApply = forever
    // The store has one more second.
    expect(await stopped(host)).toBeLessThanOrEqual(21)
    expect(host.log.messages).toContain('The store was not closed in time.')
  })

  it('passes on the error of a store that cannot be closed', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    store.close = async () => fail()
    await expect(host.latchkey.stop()).rejects.toThrow('The disk is full.')
  })

  it('starts nothing from its first line on, and answers reads until its end', async () => {
    const { service } = hangingService()
    const store = new TamperedStore()
    const host = await three({ service, store })
    const { entries, flows, attention, history } = host.latchkey
    const [id = '', other = ''] = host.ids
    await loseCredential(host, other, 'b')
    const form = await openForm(host.latchkey)
    await atRest()
    const { writes } = store
    const connects = service.connects.length
    const stop = host.latchkey.stop()
    const refused: (() => Promise<unknown>)[] = [
      () => openForm(host.latchkey),
      () => flows.submit(form.flowId, { host: 'h', token: 't' }, form),
      () => flows.cancel(form.flowId),
      () => flows.poll(form.flowId),
      () => entries.setup(id),
      () => entries.reload(id),
      () => entries.unload(id),
      () => entries.enable(id),
      () => entries.disable(id),
      () => entries.remove(id),
      () => entries.update(id, { title: 'x' }),
      () => entries.requestReauth(id),
      () => entries.use(service.integration, id, () => 1),
      () => host.latchkey.start(),
      () => host.latchkey.signIns.redirect('f', 'b'),
    ]
    for (const call of refused) await expect(call()).rejects.toMatchObject({ code: 'STOPPED' })
    const reads: (() => Promise<unknown>)[] = [
      () => flows.get(form.flowId),
      () => flows.get(form.flowId, { language: 'de' }),
      () => flows.list(),
      () => entries.get(id),
      () => entries.list({ language: 'de' }),
      () => attention.list(),
      () => attention.get(other),
      () => history(id),
      () => host.latchkey.catchUp(),
    ]
    for (const read of reads) await read()
    expect(await flows.get(form.flowId)).toMatchObject({ type: 'form', revision: form.revision })
    expect((await entries.list()).items).toHaveLength(3)
    expect(await attention.list()).toMatchObject([{ entryId: other, reason: 'invalid_auth' }])
    expect((await history(id)).items.length).toBeGreaterThan(0)
    expect([store.writes, service.connects.length]).toEqual([writes, connects])
    await host.pass(10 * SECOND)
    await stop
    for (const call of [...refused, ...reads]) await expect(call()).rejects.toMatchObject({ code: 'STOPPED' })
    expect(() => host.latchkey.on('entry_added', () => {})).toThrow('Latchkey has been stopped.')
    expect([store.writes, service.connects.length]).toEqual([writes, connects])
  })

  it('refuses a read that the store has not answered before it closed', async () => {
    const store = new TamperedStore()
    const host = await three({ store })
    const gate = Promise.withResolvers<EntryRecord | undefined>()
    store.onEntry = () => gate.promise
    const reading = host.latchkey.entries.get(host.ids[0] ?? '')
    await stopped(host)
    gate.reject(new Error('The database is closed.'))
    await expect(reading).rejects.toMatchObject({ code: 'STOPPED' })
  })

  it('ends a start in progress', async () => {
    const store = new TamperedStore()
    const host = await three({ store })
    const next = await host.again()
    const gate = Promise.withResolvers<string[]>()
    store.scopes = () => gate.promise
    const starting = next.latchkey.start()
    await stopped(next)
    gate.reject(new Error('The database is closed.'))
    await expect(starting).rejects.toMatchObject({ code: 'STOPPED' })
  })

  it('runs a call that was accepted before it', async () => {
    const host = await three()
    const [id = ''] = host.ids
    const call = host.latchkey.entries.use(host.service.integration, id, (client) => client.account)
    const stop = host.latchkey.stop()
    expect(await call).toBe('a')
    await stop
    expect(host.service.open).toBe(0)
  })

  it('does not wait for an accepted call longer than for running ones', async () => {
    const store = new TamperedStore()
    const host = await three({ store })
    store.onEntry = forever
    store.onStamp = (stamp) => stamp + 1
    host.latchkey.entries.use(host.service.integration, host.ids[0] ?? '', () => 1).catch(() => {})
    expect(await stopped(host)).toBe(10)
    expect(host.service.open).toBe(0)
  })

  it('does not set up an entry that a reload has unloaded', async () => {
    const { service } = hangingService()
    const host = await three({ service })
    const reload = host.latchkey.entries.reload(host.ids[0] ?? '')
    reload.catch(() => {})
    await atRest()
    expect(await stopped(host)).toBe(10)
    await expect(reload).rejects.toMatchObject({ code: 'STOPPED' })
    expect(service.connects).toHaveLength(3)
  })

  it('closes a connection that waits for a confirmation', async () => {
    const store = new TamperedStore()
    const host = await three({ store })
    const form = asForm(await host.latchkey.flows.start({ source: 'replace', entryId: host.ids[0] ?? '' }))
    host.service.accounts.set('other', 'other')
    const write = Promise.withResolvers<void>()
    store.onApply = async (apply) => {
      await write.promise
      await apply()
    }
    const submit = host.latchkey.flows.submit(form.flowId, { host: 'h', token: 'other' }, form)
    await atRest()
    const stop = host.latchkey.stop()
    await atRest()
    write.resolve()
    expect(await submit).toMatchObject({ step: 'replace_confirm' })
    await stop
    expect(host.service.open).toBe(0)
  })

  it('leaves a follow-up flow to the next process', async () => {
    const service = new ScriptedService({ next: () => ({ source: 'user', domain: 'scripted' }) })
    service.accounts.set('a', 'a')
    const store = new TamperedStore()
    const host = await makeHost({ service, store })
    const form = await openForm(host.latchkey)
    const write = Promise.withResolvers<void>()
    store.onApply = async (apply) => {
      await write.promise
      await apply()
    }
    const submit = host.latchkey.flows.submit(form.flowId, { host: 'h', token: 'a' }, form)
    await atRest()
    const stop = host.latchkey.stop()
    await atRest()
    write.resolve()
    expect(await submit).toMatchObject({ type: 'create_entry' })
    await stop
    const next = await host.again()
    await next.latchkey.start()
    expect((await next.latchkey.flows.list()).items).toEqual([])
    await next.pass(10 * SECOND)
    expect((await next.latchkey.flows.list()).items).toMatchObject([{ source: 'user' }])
    await next.latchkey.stop()
  })

  it('is not the reason of a start that fails', async () => {
    const store = new TamperedStore()
    const host = await three({ store })
    store.scopes = async () => fail()
    await expect(host.latchkey.start()).rejects.toThrow('The disk is full.')
  })

  it('closes a connection that a flow has verified, and that no entry takes over', async () => {
    const store = new TamperedStore()
    const host = await three({ store })
    const form = asForm(await host.latchkey.entries.requestReauth(host.ids[0] ?? ''))
    const write = Promise.withResolvers<void>()
    store.onApply = async (apply) => {
      await write.promise
      await apply()
    }
    const submit = host.latchkey.flows.submit(form.flowId, { token: 'a' }, form)
    await atRest()
    const stop = host.latchkey.stop()
    await atRest()
    write.resolve()
    expect(await submit).toMatchObject({ reason: 'reauth_successful' })
    await stop
    expect(host.service.open).toBe(0)
  })
})

/** A journal in memory. */
function journal() {
  const rows = new Map<string, UnsavedToken>()
  return {
    rows,
    put: async (token: UnsavedToken) => void rows.set(token.entryId, token),
    get: async (_: string, entryId: string) => rows.get(entryId),
    remove: async (_: string, entryId: string) => void rows.delete(entryId),
  }
}

describe('a token that is refreshed while the host stops', () => {
  it('is saved before the store closes', async () => {
    const at = await linked({ journal: journal() })
    await at.pass(LIFE)
    const answer = Promise.withResolvers<void>()
    at.service.before = () => answer.promise
    const call = at.use()
    await atRest()
    const stop = at.latchkey.stop()
    await at.pass(5 * SECOND)
    answer.resolve()
    await stop
    await call
    expect((await at.entry()).sealed).toContain('renewal-2')
  })

  it('is in the journal if the answer comes too late, and the next process saves it', async () => {
    const kept = journal()
    const at = await linked({ journal: kept })
    await at.pass(LIFE)
    const answer = Promise.withResolvers<void>()
    at.service.deaf = true
    at.service.before = () => answer.promise
    const call = at.use()
    await atRest()
    expect(await stopped(at)).toBe(10)
    await call
    expect(kept.rows.size).toBe(0)
    // A stop is not a failure of the service.
    expect(JSON.stringify(await at.entry())).not.toContain('unknown')
    answer.resolve()
    await atRest()
    expect(kept.rows.size).toBe(1)
    const next = await at.host.again()
    expect(await at.use(next)).toBe('access-2')
    expect(at.service.renewals).toHaveLength(1)
  })

  it('is in the journal although the entry cannot be read before the write', async () => {
    const kept = journal()
    const at = await linked({ journal: kept })
    await at.pass(LIFE)
    at.service.before = () => at.store.before('getEntry', 1, fail)
    expect(await at.use()).toBe('REFRESH_FAILED not_saved')
    expect(kept.rows.size).toBe(1)
  })

  it('is not requested once the stop has begun', async () => {
    const at = await linked()
    await at.latchkey.entries.unload(at.entryId)
    await at.pass(LIFE)
    const gate = Promise.withResolvers<void>()
    at.store.before('getEntry', 2, () => gate.promise)
    const call = at.use()
    await atRest()
    const stop = at.latchkey.stop()
    gate.resolve()
    expect(await call).toBe('STOPPED')
    await stop
    await at.pass(LIFE)
    expect(at.service.renewals).toEqual([])
  })

  it('is not requested for a call that was accepted before the stop', async () => {
    const at = await linked()
    await at.pass(LIFE)
    const call = at.use()
    const stop = at.latchkey.stop()
    expect(await call).toBe('STOPPED')
    await stop
    expect(at.service.renewals).toEqual([])
  })

  it('is reported if it comes too late and cannot be encrypted', async () => {
    const cipher = { ...plainCipher(), isBroken: false }
    const { seal } = cipher
    cipher.seal = async (...plain) => (cipher.isBroken ? fail() : seal(...plain))
    const kept = journal()
    const at = await linked({ journal: kept, cipher })
    await at.pass(LIFE)
    const answer = Promise.withResolvers<void>()
    at.service.deaf = true
    at.service.before = () => answer.promise
    const call = at.use()
    await atRest()
    await stopped(at)
    await call
    cipher.isBroken = true
    answer.resolve()
    await atRest()
    expect(at.log.messages).toContain('A refreshed token could not be saved. Latchkey will retry.')
    expect(kept.rows.size).toBe(0)
  })
})
