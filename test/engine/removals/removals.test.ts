import { afterAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { joseCipher } from '../../../src/adapters/jose-cipher.ts'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import type { RefreshContext } from '../../../src/authoring/contexts.ts'
import type { AnyIntegration } from '../../../src/authoring/integration.ts'
import { type Secret, secret } from '../../../src/authoring/secret.ts'
import { CannotConnectError, InvalidAuthError, RateLimitedError, StoreError } from '../../../src/errors.ts'
import type { RemovalRecord } from '../../../src/ports/removals.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { addEntry, asForm, atRest, type Host, type HostOptions, makeHost } from '../host.ts'
import { someStores } from '../stores.ts'
import { TamperedStore } from '../tampered-store.ts'

const stores = someStores()
afterAll(stores.clear)

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** A call of `onRemove`: the values that it received, and its end. */
type Answer = () => Promise<void> | void

/** A host whose integration informs its service. `informed` lists the tokens of all calls, `answers` scripts the next ones. */
async function informing(options: HostOptions = {}, changes: Partial<AnyIntegration> = {}) {
  const informed: string[] = []
  const contexts: RefreshContext[] = []
  const answers: Answer[] = []
  const service = options.service ?? new ScriptedService()
  const integration: AnyIntegration = {
    ...service.integration,
    async onRemove(stored: { token: Secret }, context: RefreshContext) {
      informed.push(stored.token.reveal())
      contexts.push(context)
      await answers.shift()?.()
    },
    ...changes,
  }
  const host = await makeHost({ ...options, service, integrations: [integration] })
  const removalsOf = async ({ store }: Host = host, scope = 'default') =>
    (await store.removals.list(scope, { limit: 9 })).items
  return { ...host, integration, informed, contexts, answers, removalsOf }
}

const fails = (error: unknown) => () => {
  throw error
}
const hangs = () => new Promise<void>(() => {})

describe.each(stores.each)('onRemove, over %s', (_, make) => {
  it('informs the service after the removal was saved, and deletes the stored values', async () => {
    const host = await informing({ store: make() })
    const entryId = await addEntry(host)
    host.answers.push(async () => {
      expect(await host.store.getEntry('default', entryId)).toBeUndefined()
      expect(await host.removalsOf()).toHaveLength(1)
    })
    await host.latchkey.entries.remove(entryId)
    await atRest()
    expect(host.informed).toEqual(['good'])
    expect(host.contexts[0]).toMatchObject({ method: null, signal: expect.any(AbortSignal) })
    expect(await host.removalsOf()).toEqual([])
    expect(host.log.lines).toEqual([])
    await host.latchkey.stop()
  })

  it('is called again until it has succeeded, with longer waits', async () => {
    const host = await informing({ store: make() })
    await host.latchkey.start()
    const entryId = await addEntry(host)
    host.answers.push(fails(new CannotConnectError()), fails(new Error('quotes good-token')), hangs)
    await host.latchkey.entries.remove(entryId)
    await atRest()
    const calls = [
      [4_999, 1],
      [1, 2],
      [25_000, 2],
      [5_000, 3],
      [30_000, 3],
      [120_000, 4],
    ] as const
    for (const [wait, count] of calls) {
      await host.pass(wait)
      await atRest()
      // The file of SQLite may be slow.
      while (host.informed.length < count) await atRest()
      expect(host.informed).toHaveLength(count)
      await atRest()
    }
    while ((await host.removalsOf()).length > 0) await atRest()
    const yet = host.log.messages.filter((message) => message.includes('could not be informed yet'))
    expect(yet).toHaveLength(1)
    await host.latchkey.stop()
  })

  it.each(['before the call', 'during the call', 'after the call'])(
    'is made by the next process if one is killed %s',
    async (when) => {
      const inner = make()
      await inner.open()
      const store = new TamperedStore(inner)
      const host = await informing({ store, cipher: joseCipher([new Uint8Array(32)]) })
      const entryId = await addEntry(host)
      let writes = 0
      const dies = when === 'before the call' ? 2 : when === 'after the call' ? 3 : 0
      store.onApply = async (apply) => {
        writes++
        if (writes === dies) await hangs()
        await apply()
      }
      if (when === 'during the call') host.answers.push(hangs)
      await host.latchkey.entries.remove(entryId)
      await atRest()
      expect(host.informed).toHaveLength(when === 'before the call' ? 0 : 1)
      host.clock.increment(MINUTE)
      const next = await host.again({ store: store.inner, clock: host.clock })
      await next.latchkey.start()
      await next.pass(5_000)
      await atRest()
      expect(host.informed).toHaveLength(when === 'before the call' ? 1 : 2)
      expect(await host.removalsOf(next)).toEqual([])
      await next.latchkey.stop()
    },
  )
})

describe('a removal', () => {
  it('waits for no answer of the service', async () => {
    const host = await informing()
    const entryId = await addEntry(host)
    host.answers.push(hangs)
    await host.latchkey.entries.remove(entryId)
    expect((await host.latchkey.entries.list()).items).toEqual([])
    await atRest()
    expect(host.informed).toEqual(['good'])
    await host.pass(30_000)
    expect(host.contexts[0]?.signal.aborted).toBe(true)
  })

  it('deletes the stored values after a day, with a warning', async () => {
    const host = await informing()
    await host.latchkey.start()
    const entryId = await addEntry(host)
    host.answers.push(...Array(100).fill(fails(new CannotConnectError())))
    await host.latchkey.entries.remove(entryId)
    for (let passed = 0; passed < DAY; passed += 30 * MINUTE) {
      await host.pass(30 * MINUTE)
      await atRest()
    }
    expect(host.informed.length).toBeGreaterThan(20)
    expect(await host.removalsOf()).toEqual([])
    expect(host.log.lines.at(-1)).toMatchObject({
      level: 'warn',
      message: 'The service of a removed entry was not informed. Its stored values were deleted.',
      fields: { entryId, domain: 'scripted' },
    })
    const calls = host.informed.length
    await host.pass(DAY)
    expect(host.informed).toHaveLength(calls)
  })

  it('is deleted without a call if no process has run for a day', async () => {
    const host = await informing()
    const entryId = await addEntry(host)
    host.answers.push(fails(new CannotConnectError()))
    await host.latchkey.entries.remove(entryId)
    await atRest()
    await host.latchkey.stop()
    host.clock.increment(DAY)
    const next = await host.again({ clock: host.clock })
    await next.latchkey.start()
    await next.pass(5_000)
    expect([host.informed.length, await host.removalsOf(next)]).toEqual([1, []])
  })

  it('honors Retry-After', async () => {
    const host = await informing()
    await host.latchkey.start()
    const entryId = await addEntry(host)
    host.answers.push(fails(new RateLimitedError(600)))
    await host.latchkey.entries.remove(entryId)
    await atRest()
    await host.pass(599_000)
    expect(host.informed).toHaveLength(1)
    await host.pass(5_000)
    expect(host.informed).toHaveLength(2)
  })

  it('does not try a credential again that the service refuses', async () => {
    const host = await informing()
    await host.latchkey.start()
    const entryId = await addEntry(host)
    host.answers.push(fails(new InvalidAuthError()))
    await host.latchkey.entries.remove(entryId)
    await atRest()
    await host.pass(DAY)
    expect(host.informed).toHaveLength(1)
    expect(host.log.messages).toEqual([
      'The service of a removed entry was not informed. Its stored values were deleted.',
    ])
  })

  it('keeps the values of an account that another one replaces', async () => {
    const host = await informing()
    const entryId = await addEntry(host)
    host.service.accounts.set('other', 'bob')
    const { flows } = host.latchkey
    const form = asForm(await flows.start({ source: 'replace', entryId }))
    const asked = await flows.submit(form.flowId, { host: 'h', token: 'other' }, form)
    await flows.choose(asked.flowId, 'replace', asked)
    await atRest()
    expect(host.informed).toEqual(['good'])
    expect(await host.removalsOf()).toEqual([])
  })

  it('stores nothing for an ignored account, and for an integration that informs no service', async () => {
    const silent = await makeHost()
    const entryId = await addEntry(silent)
    await silent.latchkey.entries.remove(entryId)
    expect(await silent.store.removals.list('default', { limit: 1 })).toMatchObject({ items: [] })
    const host = await informing()
    const discovery = { uniqueId: 'ann', values: { host: 'h' } }
    const found = await host.latchkey.flows.start({ domain: 'scripted', source: 'discovery', discovery })
    const { entryId: ignored } = await host.latchkey.flows.ignore(found.flowId)
    await host.latchkey.entries.remove(String(ignored))
    await atRest()
    expect(host.informed).toEqual([])
    const bare = await silent.again({ integrations: [] })
    const left = await addEntry(silent, { token: 'x', account: 'x' })
    await bare.latchkey.entries.remove(left)
    expect(await bare.store.removals.list('default', { limit: 1 })).toMatchObject({ items: [] })
  })

  it('is written with the entry, or not at all', async () => {
    const store = new TamperedStore()
    const host = await informing({ store })
    const entryId = await addEntry(host)
    store.onApply = async () => {
      throw new Error('The process was killed.')
    }
    await expect(host.latchkey.entries.remove(entryId)).rejects.toThrow()
    await atRest()
    expect(host.informed).toEqual([])
    store.onApply = (apply) => apply()
    expect(await host.removalsOf()).toEqual([])
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ title: 'Scripted' })
  })
})

describe('an account that another entry has', () => {
  const inScopes = async (account: string | null = 'ann') => {
    const host = await informing({ scopes: true })
    const [home, work] = [host.latchkey.scope('home'), host.latchkey.scope('work')]
    const link = (latchkey: typeof home, token: string) =>
      addEntry({ latchkey, service: host.service }, { token, account })
    return { ...host, home, work, link }
  }

  it.each([['ann'], [null]])(
    'does not reach its service until the last one is removed (%j)',
    async (account) => {
      const { home, work, link, informed, removalsOf } = await inScopes(account)
      const [first, second] = [await link(home, 'one'), await link(work, 'two')]
      await home.entries.remove(first)
      await atRest()
      expect([informed, await removalsOf(undefined, 'home')]).toEqual([[], []])
      await work.entries.remove(second)
      await atRest()
      expect(informed).toEqual(['two'])
    },
  )

  it('reaches its service in spite of an entry of another account', async () => {
    const { home, work, link, informed, service } = await inScopes()
    const first = await link(home, 'one')
    await addEntry({ latchkey: work, service }, { token: 'two', account: 'bob' })
    await home.entries.remove(first)
    await atRest()
    expect(informed).toEqual(['one'])
  })

  it('cancels the removal if it is linked again', async () => {
    const { home, work, link, informed, answers, removalsOf, again, clock } = await inScopes()
    const first = await link(home, 'one')
    answers.push(fails(new CannotConnectError()))
    await home.entries.remove(first)
    await atRest()
    expect(await removalsOf(undefined, 'home')).toHaveLength(1)
    await link(work, 'two')
    // Another process cancels it, also one without the integration.
    const bare = await again({ integrations: [], clock })
    await bare.latchkey.start()
    await bare.pass(5_000)
    await atRest()
    expect([informed, await removalsOf(undefined, 'home')]).toEqual([['one'], []])
  })
})

describe('the processes of a store', () => {
  it('make one call together', async () => {
    const host = await informing()
    const entryId = await addEntry(host)
    host.answers.push(fails(new CannotConnectError()))
    await host.latchkey.entries.remove(entryId)
    await atRest()
    const two = await host.again({ clock: host.clock })
    await Promise.all([host.latchkey.start(), two.latchkey.start()])
    await host.pass(5_000)
    await atRest()
    expect(host.informed).toHaveLength(2)
  })

  it('begin no further call after they were stopped', async () => {
    const host = await informing()
    await host.latchkey.start()
    const gate = Promise.withResolvers<void>()
    host.answers.push(...Array(9).fill(fails(new CannotConnectError())), ...Array(8).fill(() => gate.promise))
    for (let n = 0; n < 9; n++)
      await host.latchkey.entries.remove(await addEntry(host, { token: `t${n}`, account: `a${n}` }))
    await atRest()
    await host.pass(5_000)
    expect(host.informed).toHaveLength(17)
    const stopped = host.latchkey.stop()
    gate.resolve()
    await stopped
    expect(host.informed).toHaveLength(17)
    expect(await host.removalsOf(await host.again())).toHaveLength(1)
  })

  it('leave a removal that another one has taken since they read it', async () => {
    const inner = memoryStore()
    const host = await informing({ store: inner })
    const entryId = await addEntry(host)
    host.answers.push(fails(new CannotConnectError()))
    await host.latchkey.entries.remove(entryId)
    await atRest()
    const [row] = await host.removalsOf()
    if (row === undefined) throw new Error('There is a removal.')
    const at = (nextAt: number, revision = row.revision): RemovalRecord => ({
      ...{ ...row, revision },
      content: { ...row.content, nextAt },
    })
    let read: () => RemovalRecord | undefined = () => undefined
    const removals = { ...host.store.removals, due: async () => [row], get: async () => read() }
    const late = await host.again({ store: { ...inner, removals }, clock: host.clock })
    await late.latchkey.start()
    await late.pass(5_000)
    for (const seen of [at(host.clock.now() + 60_000), at(0, 9)]) {
      read = () => seen
      await late.pass(5_000)
    }
    read = fails(new StoreError('The disk failed.'))
    await late.pass(5_000)
    expect([host.informed.length, host.log.messages.at(-1)]).toEqual([1, 'A removal could not be processed.'])
  })

  it('finish a call before they stop', async () => {
    const host = await informing()
    const entryId = await addEntry(host)
    const gate = Promise.withResolvers<void>()
    host.answers.push(() => gate.promise)
    await host.latchkey.entries.remove(entryId)
    const stopped = host.latchkey.stop()
    await atRest()
    gate.resolve()
    await stopped
    const next = await host.again()
    expect([host.informed.length, await host.removalsOf(next)]).toEqual([1, []])
  })
})

describe('the row of a removal', () => {
  const waiting = async (options: HostOptions = {}, changes: Partial<AnyIntegration> = {}) => {
    const host = await informing(options, changes)
    const entryId = await addEntry(host)
    host.answers.push(fails(new CannotConnectError()))
    await host.latchkey.entries.remove(entryId)
    await atRest()
    const [row] = await host.removalsOf()
    if (row === undefined) throw new Error('There is a removal.')
    const put = (change: object, dueAt = row.dueAt) => {
      const content = { ...row.content, ...change }
      const record = { ...row, content, dueAt, revision: row.revision + 1 }
      return host.store.apply('default', [{ put: 'removal', record, ifRevision: row.revision }])
    }
    return { ...host, row, put }
  }

  it('has no unencrypted secret', async () => {
    const store = memoryStore()
    const { row } = await waiting({ store, ...(store.cipher && { cipher: store.cipher }) })
    expect(JSON.stringify(row)).not.toContain('good')
  })

  it.each<[string, object, number | undefined]>([
    ['an unknown step', { step: 'flying' }, undefined],
    ['no values', { sealed: null }, undefined],
  ])('is deleted with a warning if it is damaged: %s', async (_, change) => {
    const host = await waiting()
    await host.put(change)
    await host.latchkey.start()
    await host.pass(5_000)
    expect(host.log.messages.at(-1)).toBe(
      'A damaged removal was deleted. The service of its entry was not informed.',
    )
    expect([host.informed.length, await host.removalsOf()]).toEqual([1, []])
  })

  it('does not wait for a time that cannot be true', async () => {
    const host = await waiting()
    await host.put({ nextAt: 9e15, endsAt: 9e15 }, 9e15)
    await host.latchkey.start()
    await host.pass(5_000)
    expect([host.informed.length, await host.removalsOf()]).toEqual([2, []])
  })

  it('waits for a process that has the integration in its version, and is migrated for a newer one', async () => {
    const host = await waiting()
    const onRemove = async (stored: { key: Secret }) => void host.informed.push(`key ${stored.key.reveal()}`)
    const without = await host.again({ integrations: [], clock: host.clock })
    await without.latchkey.start()
    await without.pass(5_000)
    expect(await host.removalsOf(without)).toHaveLength(1)
    await without.latchkey.stop()
    const broken = () => {
      throw new Error('no step')
    }
    const next = {
      ...{ domain: 'scripted', title: 'Scripted', version: 2, fields: z.object({ key: secret() }), onRemove },
      connect: async () => ({ client: null, uniqueId: 'ann' }),
    }
    const failing = await host.again({
      integrations: [{ ...next, migrate: { 1: broken } }],
      clock: host.clock,
    })
    await failing.latchkey.start()
    await failing.pass(MINUTE)
    expect(failing.log.messages).toContain('The values of a removed entry could not be read.')
    await failing.latchkey.stop()
    const migrate = {
      1: ({ values: { token } }: { values: { token?: unknown } }) => ({ values: { key: token as Secret } }),
    }
    const last = await host.again({ integrations: [{ ...next, migrate }], clock: host.clock })
    await last.latchkey.start()
    await last.pass(10 * MINUTE)
    expect(host.informed).toEqual(['good', 'key good'])
    const older = await waiting()
    const newer = await older.again({ clock: older.clock })
    await older.put({ version: 2 })
    await newer.latchkey.start()
    await newer.pass(MINUTE)
    expect([older.informed.length, (await older.removalsOf(newer)).length]).toEqual([1, 1])
  })

  it('is not used with values that no longer fit', async () => {
    const host = await waiting()
    const strict = { ...host.integration, fields: z.object({ host: z.string().max(0), token: secret() }) }
    const next = await host.again({ integrations: [strict], clock: host.clock })
    await next.latchkey.start()
    await next.pass(MINUTE)
    expect([host.informed.length, (await host.removalsOf(next)).length]).toEqual([1, 1])
  })

  it('is read again after a failure of the store', async () => {
    const store = new TamperedStore()
    const host = await informing({ store })
    const entryId = await addEntry(host)
    host.answers.push(() => {
      store.onApply = async () => {
        store.onApply = (apply) => apply()
        throw new StoreError('The disk is full.')
      }
    })
    await host.latchkey.entries.remove(entryId)
    await atRest()
    expect(host.log.messages).toContain('A removal could not be processed.')
    await host.latchkey.start()
    await host.pass(MINUTE + 5_000)
    expect([host.informed.length, await host.removalsOf()]).toEqual([2, []])
  })
})
