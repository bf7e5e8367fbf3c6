import { describe, expect, it } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import { plainCipher } from '../../../src/adapters/plain-cipher.ts'
import { defineIntegration } from '../../../src/authoring/integration.ts'
import { CannotConnectError, ClientRefusedError, RateLimitedError, StoreError } from '../../../src/errors.ts'
import type { Cipher } from '../../../src/ports/cipher.ts'
import type { EntryRecord } from '../../../src/ports/store.ts'
import type { TokenJournal, UnsavedToken } from '../../../src/ports/token-journal.ts'
import { asForm, atRest, makeHost, openForm } from '../host.ts'
import { fail, linked } from '../linked-token.ts'
import { KeyedSemaphore, TamperedStore } from '../tampered-store.ts'
import { LIFE, TokenService } from '../token-service.ts'

function clockAt(now: number): SimulatedClock {
  const clock = new SimulatedClock()
  clock.set(now)
  return clock
}

/** A journal in memory that can fail. */
function journal() {
  const rows = new Map<string, UnsavedToken>()
  const kept: TokenJournal & { rows: typeof rows; broken: boolean } = {
    rows,
    broken: false,
    put: async (token) => {
      if (kept.broken) throw new StoreError('The disk is full.')
      rows.set(token.entryId, token)
    },
    get: async (_, entryId) => rows.get(entryId),
    remove: async (_, entryId) => {
      rows.delete(entryId)
    },
  }
  return kept
}

describe('a call that waits for a refresh', () => {
  it('uses the connection that the entry has afterwards', async () => {
    const { use, service, pass, latchkey, entryId } = await linked()
    await pass(LIFE)
    const answer = Promise.withResolvers<void>()
    service.before = () => answer.promise
    const call = use()
    await atRest()
    await latchkey.entries.unload(entryId)
    answer.resolve()
    expect(await call).toBe('access-2')
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
  })
})

describe('a renewed token that was journalled', () => {
  it('is saved at the next start, and the service is not asked again', async () => {
    const kept = journal()
    const { use, service, pass, store, host, entry } = await linked({ journal: kept })
    await pass(LIFE)
    service.before = () => store.before('apply', 1, fail)
    expect(await use()).toBe('REFRESH_FAILED not_saved')
    expect(kept.rows.size).toBe(1)
    // This process is killed; another one starts when the lock has lapsed.
    const other = await host.again({ clock: clockAt(host.clock.now() + 60_000) })
    expect(await use(other)).toBe('access-2')
    expect([service.renewals.length, kept.rows.size]).toEqual([1, 0])
    expect((await entry()).sealed).toContain('renewal-2')
  })

  it('is saved by a later process, without a refresh', async () => {
    const kept = journal()
    const { use, service, pass, store, host } = await linked({ journal: kept })
    const clock = clockAt(host.clock.now())
    const other = await host.again({ clock })
    expect(await use(other)).toBe('access-1')
    await pass(LIFE)
    service.before = () => store.before('apply', 1, fail)
    expect(await use()).toBe('REFRESH_FAILED not_saved')
    // The first process is killed.
    clock.set(host.clock.now() + 60_000)
    expect(await use(other)).toBe('access-2')
    expect([service.renewals.length, kept.rows.size]).toEqual([1, 0])
  })

  it('is let go where the entry has another credential by now', async () => {
    const kept = journal()
    const { use, host, pass, entryId, entry } = await linked({ journal: kept })
    const { sealed, data } = await entry()
    kept.rows.set(entryId, { scope: 'default', entryId, replaces: 'another', data, sealed })
    const other = await host.again()
    await pass(1)
    expect(await use(other)).toBe('access-1')
    expect(kept.rows.size).toBe(0)
  })

  it('stays in memory if the journal is broken too', async () => {
    const kept = journal()
    kept.broken = true
    const { use, service, pass, store, log } = await linked({ journal: kept })
    await pass(LIFE)
    service.before = () => store.before('apply', 1, fail)
    expect(await use()).toBe('REFRESH_FAILED not_saved')
    expect(log.messages).toContain(
      'A refreshed token could not be written to the journal. It is only in memory.',
    )
    expect(await use()).toBe('access-2')
  })
})

describe('a renewal', () => {
  it('that fails unexpectedly has one line with its error, and one with the reference of that line', async () => {
    const { use, service, pass, log, entryId } = await linked()
    await pass(LIFE)
    service.before = () => {
      throw new RangeError('odd')
    }
    expect(await use()).toContain('REFRESH_FAILED unknown')
    const line = log.lines.find(({ fields }) => fields.error?.message === 'odd')
    const told = log.states.filter(({ message }) => message === 'A token could not be refreshed.')
    expect(line?.fields.ref).toEqual(expect.any(String))
    expect(told).toMatchObject([{ fields: { entryId, code: 'unknown', ref: line?.fields.ref } }])
    expect(told[0]?.fields).not.toHaveProperty('error')
  })

  it('that is answered after its timeout is saved anyway', async () => {
    const { use, service, pass, entry } = await linked()
    await pass(LIFE)
    let answer: () => void = () => {}
    service.deaf = true
    service.before = () => new Promise<void>((resolve) => (answer = resolve))
    const call = use()
    await atRest()
    for (let wait = 0; wait < 6; wait++) await pass(5_000)
    expect(await call).toBe('REFRESH_FAILED timeout 1')
    answer()
    await atRest()
    expect((await entry()).sealed).toContain('renewal-2')
    expect(await use()).toBe('access-2')
    expect(service.renewals).toHaveLength(1)
  })

  it('that is answered during the refresh of another credential overwrites nothing', async () => {
    const { use, service, pass, entry, entryId, latchkey } = await linked()
    await pass(LIFE)
    let answer: () => void = () => {}
    service.deaf = true
    service.before = () => new Promise<void>((resolve) => (answer = resolve))
    const call = use()
    await atRest()
    for (let wait = 0; wait < 6; wait++) await pass(5_000)
    expect(await call).toBe('REFRESH_FAILED timeout 1')

    const form = await latchkey.flows.start({ source: 'reauth', entryId })
    const end = await latchkey.flows.submit(form.flowId, { password: 'new' }, form)
    expect(end).toMatchObject({ reason: 'reauth_successful' })
    await pass(LIFE)
    service.before = () => {
      throw new CannotConnectError()
    }
    expect(await use()).toMatch(/^REFRESH_FAILED cannot_connect/)

    service.good = 'renewal-1'
    answer()
    await atRest()
    expect((await entry()).sealed).toContain('renewal-2')
  })

  it('that fails after its timeout changes nothing', async () => {
    const { use, service, pass } = await linked()
    await pass(LIFE)
    let refuse: (error: Error) => void = () => {}
    service.before = () => new Promise<void>((_, reject) => (refuse = reject))
    const call = use()
    await atRest()
    for (let wait = 0; wait < 6; wait++) await pass(5_000)
    expect(await call).toBe('REFRESH_FAILED timeout 1')
    refuse(new Error('late'))
    await atRest()
    service.before = () => undefined
    await pass(1_000)
    expect(await use()).toBe('access-2')
  })

  it('does not ask once its lock has lapsed, and looks again', async () => {
    const { use, service, pass, host, rival } = await linked()
    await pass(LIFE)
    service.before = async () => {
      service.before = () => undefined
      // This process stood still: its timers did not run, and another process had the lock for a time.
      await rival.claim(15_000)
      await rival.release()
      host.clock.set(host.clock.now() + 16_000)
    }
    service.asks = true
    expect(await use()).toBe('access-2')
    expect(service.renewals).toHaveLength(2)
    expect(service.fetched).toBe(1)
  })

  it('that is answered after another process took its lock is saved when that process has none', async () => {
    const { use, service, pass, entry, rival } = await linked()
    await pass(LIFE)
    service.before = () => rival.claim(15_000)
    expect(await use()).toBe('REFRESH_FAILED not_saved')
    expect((await entry()).sealed).toContain('renewal-1')
    await rival.release()
    await pass(2_000)
    expect((await entry()).sealed).toContain('renewal-2')
    expect([await use(), service.renewals.length]).toEqual(['access-2', 1])
  })

  it('that is answered after another process has renewed the token overwrites nothing', async () => {
    const { use, service, pass, host, entry, rival } = await linked()
    const other = await host.again()
    await pass(LIFE)
    service.before = async () => {
      service.before = () => undefined
      await rival.claim(15_000)
      await rival.release()
      expect(await use(other)).toBe('access-2')
      service.good = 'renewal-1'
    }
    expect(await use()).toBe('access-2')
    expect((await entry()).sealed).toContain('renewal-2')
  })

  it('under way is waited for when the host stops, and its answer is saved', async () => {
    const { use, service, pass, latchkey, entry } = await linked()
    await pass(LIFE)
    let answer: () => void = () => {}
    service.before = () => new Promise<void>((resolve) => (answer = resolve))
    const call = use()
    await atRest()
    const stopped = latchkey.stop()
    await atRest()
    answer()
    await stopped
    await call
    expect((await entry()).sealed).toContain('renewal-2')
  })

  it('by another process is not waited for when the host stops', async () => {
    const { use, service, pass, host } = await linked()
    const other = await host.again()
    await use(other)
    await pass(LIFE)
    service.before = () => new Promise<void>(() => {})
    void use()
    await atRest()
    const call = use(other)
    await atRest()
    await other.latchkey.stop()
    expect(await call).toMatch(/^REFRESH_FAILED unknown|^STOPPED/)
  })

  it('of an entry that was removed since is dropped', async () => {
    const { use, service, pass, latchkey, entryId } = await linked()
    await pass(LIFE)
    service.before = async () => {
      await latchkey.entries.remove(entryId)
    }
    const client = await latchkey.entries.use(service.integration, entryId, (one) => one).catch(() => null)
    expect(client).toBeNull()
    expect(await use()).toBe('UNKNOWN_ENTRY')
  })

  it('that a process waits for ends with the entry', async () => {
    const { use, service, pass, latchkey, entryId, host } = await linked()
    const other = await host.again()
    const client = await other.latchkey.entries.use(service.integration, entryId, (one) => one)
    await pass(LIFE)
    let answer: () => void = () => {}
    service.before = () => new Promise<void>((resolve) => (answer = resolve))
    const mine = use()
    await atRest()
    const waiting = expect(client.call()).rejects.toMatchObject({ code: 'UNKNOWN_ENTRY' })
    await atRest()
    await latchkey.entries.remove(entryId)
    await pass(2_000)
    await waiting
    answer()
    expect(await mine).toBe('UNKNOWN_ENTRY')
    await other.latchkey.entries.remove(entryId).catch(() => {})
    await expect(client.call()).rejects.toMatchObject({ code: 'UNKNOWN_ENTRY' })
  })

  it('is made and saved although the entry is renamed during it', async () => {
    const { use, service, pass, store, latchkey, entryId, entry } = await linked()
    await pass(LIFE)
    const rename = (title: string) => () => latchkey.entries.update(entryId, { title }).then(() => {})
    store.before('apply', 1, rename('first'))
    service.before = () => store.before('apply', 1, rename('second'))
    expect(await use()).toBe('access-2')
    expect([service.renewals.length, (await entry()).title]).toEqual([1, 'second'])
  })

  it('of a token that is refused again does not help', async () => {
    const { use, service, flows } = await linked()
    service.takes = () => false
    expect(await use()).toBe('REAUTH_REQUIRED')
    expect(service.renewals).toHaveLength(1)
    expect(await flows()).toHaveLength(1)
  })

  it('that is refused for a refused token needs a user', async () => {
    const { use, service, flows } = await linked()
    service.takes = () => false
    service.good = null
    expect(await use()).toBe('REAUTH_REQUIRED')
    expect([service.renewals.length, (await flows()).length]).toEqual([1, 1])
  })

  it('that cannot be encrypted stays in memory, and is logged without a secret', async () => {
    const plain = plainCipher()
    let broken = false
    const cipher: Cipher = {
      plain: true,
      open: plain.open,
      seal: async (text, context) => {
        if (broken) throw new Error(`cannot seal ${text}`)
        return plain.seal(text, context)
      },
    }
    const kept = journal()
    const { use, service, pass, log } = await linked({ journal: kept, cipher })
    await pass(LIFE)
    service.before = () => {
      broken = true
    }
    expect(await use()).toBe('REFRESH_FAILED not_saved')
    expect(kept.rows.size).toBe(0)
    expect(JSON.stringify(log.lines)).not.toMatch(/renewal-|access-/)
    broken = false
    expect(await use()).toBe('access-2')
  })

  it('is not asked for by a second process once the first was refused', async () => {
    const { use, service, pass, host, latchkey, entryId } = await linked()
    const other = await host.again()
    const client = await other.latchkey.entries.use(service.integration, entryId, (one) => one)
    await pass(LIFE)
    service.good = null
    expect(await use()).toBe('REAUTH_REQUIRED')
    await expect(client.call()).rejects.toMatchObject({ code: 'invalid_auth' })
    expect(service.renewals).toHaveLength(1)
    expect((await latchkey.attention.list()).length).toBe(1)
  })

  it('fails for a client that asks on its own, with the reason', async () => {
    const { service, pass, latchkey, entryId } = await linked()
    const client = await latchkey.entries.use(service.integration, entryId, (one) => one)
    await pass(LIFE)
    service.before = () => Promise.reject(new Error('500'))
    await expect(client.call()).rejects.toMatchObject({ code: 'REFRESH_FAILED', reason: 'unknown' })
  })

  it('makes a setup retry at the time that the service demands', async () => {
    const { service, pass, latchkey, entryId, store } = await linked()
    await pass(LIFE)
    service.before = () => Promise.reject(new RateLimitedError(90))
    expect(await latchkey.entries.reload(entryId)).toMatchObject({
      state: 'setup_retry',
      reason: 'rate_limited',
    })
    await pass(89_000)
    expect(service.renewals).toHaveLength(1)
    service.before = () => Promise.reject(new Error('down'))
    await pass(1_000)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'setup_retry', reason: 'unknown' })
    await pass(60_000)
    store.before('apply', 1, fail)
    expect(await latchkey.entries.reload(entryId)).toMatchObject({ state: 'setup_retry', reason: 'unknown' })
  })
})

describe('an integration that renews', () => {
  it('and says no end is renewed where the service refuses the token', async () => {
    const { use, service, host, pass } = await linked()
    const { expiresAt: _, ...spec } = service.integration
    const other = await host.again({ integrations: [defineIntegration(spec)] })
    await pass(2 * LIFE)
    expect(await use(other)).toBe('access-1')
    service.takes = (access) => access !== 'access-1'
    expect(await use(other)).toBe('access-2')
  })

  it('and stored values that it cannot read fail its setup', async () => {
    const { service, host, latchkey, entryId } = await linked()
    const { stored, ...spec } = service.integration
    const account = stored?.shape.account.regex(/^no one$/)
    const odd = { ...spec, stored: stored?.extend({ account: account ?? never() }) ?? never() }
    const other = await host.again({ integrations: [defineIntegration(odd)] })
    expect(await other.latchkey.entries.setup(entryId)).toMatchObject({ state: 'setup_error' })
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
  })
})

const never = (): never => {
  throw new Error('It is there.')
}

describe('what the integration itself does wrong', () => {
  it('in expiresAt is logged without a secret, and the token is used as it is', async () => {
    const { use, service, log, host } = await linked()
    service.ends = ({ access }) => {
      throw new Error(`odd ${access}`)
    }
    const other = await host.again()
    expect(await use(other)).toBe('REFRESH_FAILED unknown')
    expect(log.messages).toContain('The integration could not parse the stored values.')
    expect(JSON.stringify(log.lines)).not.toContain('access-1')
  })

  it.each<[object, string]>([
    [{ access: 7 }, '/access'],
    [{ account: 7 }, '/account'],
    [{ ends: 'renewal-9' }, '/ends'],
    [{ account: ['access-9'] }, '/account'],
  ])(
    'in its result %j is a setup error that names the path, and nothing is written',
    async (result, path) => {
      const { use, service, pass, log, entry } = await linked()
      await pass(LIFE)
      const { data, sealed } = await entry()
      service.change = () => result
      expect(await use()).toBe('REFRESH_FAILED setup_error 1')
      const line = log.lines.find(({ fields }) => fields.error?.name === 'SetupError')
      expect(line).toMatchObject({
        level: 'warn',
        fields: { error: { message: expect.stringContaining(path) } },
      })
      expect(await entry()).toMatchObject({ data, sealed })
      expect(JSON.stringify(log.lines)).not.toMatch(/renewal-|access-\d/)
    },
  )
})

describe('a refresh that fails', () => {
  const since = async (entry: () => Promise<EntryRecord>) => (await entry()).refreshFailure?.since

  it('is recorded although the entry is renamed during it, and releases the lease', async () => {
    const { use, service, pass, store, latchkey, entryId, entry, host, isLeased } = await linked()
    await pass(LIFE)
    service.before = () => {
      store.before('apply', 1, () => latchkey.entries.update(entryId, { title: 'new' }).then(() => {}))
      throw new CannotConnectError()
    }
    expect(await use()).toBe('REFRESH_FAILED cannot_connect 1')
    expect(await entry()).toMatchObject({
      title: 'new',
      refreshFailure: { since: host.clock.now(), reason: 'cannot_connect', overdue: false },
    })
    expect(await isLeased()).toBe(false)
  })

  it('is recorded by the next failure if the store cannot be written', async () => {
    const { use, service, pass, store, entry, log } = await linked()
    await pass(LIFE)
    service.before = () => {
      store.before('apply', 1, fail)
      throw new CannotConnectError()
    }
    expect(await use()).toBe('REFRESH_FAILED cannot_connect 1')
    expect(await since(entry)).toBeUndefined()
    expect(log.messages).toContain('A failed refresh could not be recorded.')
    service.before = () => Promise.reject(new CannotConnectError())
    await pass(1_000)
    await use()
    expect(await since(entry)).toEqual(expect.any(Number))
  })

  it('of an entry that was removed during it is not recorded', async () => {
    const { use, service, pass, latchkey, entryId } = await linked()
    await pass(LIFE)
    service.before = async () => {
      await latchkey.entries.remove(entryId)
      throw new CannotConnectError()
    }
    await use()
    expect(await latchkey.attention.list()).toEqual([])
  })

  it('leaves the lease of another process', async () => {
    const { use, service, pass, entry, rival, isLeased } = await linked()
    await pass(LIFE)
    service.before = async () => {
      await rival.claim(15_000)
      throw new CannotConnectError()
    }
    await use()
    expect(await entry()).toMatchObject({ refreshFailure: { reason: 'cannot_connect' } })
    expect(await isLeased()).toBe(true)
  })

  it('is repeated although the timer of a suspended process is late', async () => {
    const { use, service, pass, host } = await linked()
    await pass(LIFE)
    service.before = () => Promise.reject(new CannotConnectError())
    await use()
    service.before = () => undefined
    host.clock.set(host.clock.now() + 1_000)
    expect(await use()).toBe('access-2')
  })
})

describe('an application that the service refuses', () => {
  const refused = async () => {
    const scene = await linked()
    await scene.pass(LIFE)
    scene.service.before = () => Promise.reject(new ClientRefusedError())
    const rows = () => scene.store.getAttempts('default', 'client_refused')
    return { ...scene, rows }
  }
  const row = (domain: string, at: number) => ({
    scope: 'default',
    key: 'client_refused',
    failures: [{ at, principal: 'latchkey', code: domain }],
    blockedUntil: null,
    revision: 1,
    dueAt: at + 1,
  })

  it('is recorded together with another one at the same time', async () => {
    const { use, service, store, rows, host } = await refused()
    const other = row('other', host.clock.now())
    service.before = () => {
      store.before('apply', 1, () =>
        store.apply('default', [{ put: 'attempts', record: other, ifRevision: 0 }]),
      )
      throw new ClientRefusedError()
    }
    await use()
    expect((await rows())?.failures.map(({ code }) => code)).toEqual(['other', 'tokens'])
    service.before = () => undefined
    await host.pass(1_000)
    expect(await use()).toBe('access-2')
    expect((await rows())?.failures.map(({ code }) => code)).toEqual(['other'])
  })

  it('is recorded by the next refusal if the store cannot be written', async () => {
    const { use, service, store, rows, latchkey, log, pass } = await refused()
    service.before = () => {
      store.before('apply', 1, fail)
      throw new ClientRefusedError()
    }
    expect(await use()).toBe('REFRESH_FAILED client_refused 1')
    expect(await rows()).toBeUndefined()
    expect(log.messages).toContain('The attention item of an application could not be changed.')
    service.before = () => Promise.reject(new ClientRefusedError())
    await pass(1_000)
    await use()
    expect(await latchkey.attention.list()).toMatchObject([{ reason: 'client_refused' }])
  })

  it('is forgotten after a week without another refusal, and written again before', async () => {
    const { use, rows, pass, host } = await refused()
    await use()
    const week = 604_800_000
    expect(await rows()).toMatchObject({ revision: 1, dueAt: host.clock.now() + week })
    await pass(60_000)
    await use()
    expect(await rows()).toMatchObject({ revision: 1 })
    await pass(LIFE)
    await use()
    expect(await rows()).toMatchObject({ revision: 2, dueAt: host.clock.now() + week })
  })

  it('since a time in the future is not believed', async () => {
    const { store, latchkey, host } = await refused()
    const record = row('tokens', host.clock.now() + LIFE)
    await store.apply('default', [{ put: 'attempts', record, ifRevision: 0 }])
    expect(await latchkey.attention.list()).toEqual([])
  })

  it('has the domain as its title if the integration is not registered', async () => {
    const { use, host } = await refused()
    await use()
    const other = await host.again({ integrations: [] })
    expect(await other.latchkey.attention.ofClient('tokens')).toMatchObject({
      title: 'tokens',
      entryId: null,
    })
  })

  it('sets an entry up as an error of the setup if `connect` reports it', async () => {
    const { service, host, entryId } = await refused()
    const connect = () => Promise.reject(new ClientRefusedError())
    const { refresh: _, ...spec } = service.integration
    const other = await host.again({ integrations: [defineIntegration({ ...spec, connect })] })
    expect(await other.latchkey.entries.setup(entryId)).toMatchObject({ state: 'setup_error' })
  })
})

describe('a sign-in that a stop overtakes', () => {
  it('is saved, and starts no refresh', async () => {
    const clock = new SimulatedClock()
    clock.set(1_000_000)
    const service = new TokenService(clock)
    const store = new TamperedStore()
    const { latchkey, pass } = await makeHost({ integrations: [service.integration], clock, store })
    const form = await openForm(latchkey, 'tokens')
    const { entryId } = await latchkey.flows.submit(form.flowId, { password: 'typed' }, form)
    const id = String(entryId)
    await latchkey.entries.use(service.integration, id, (client) => client.call())
    const reauth = asForm(await latchkey.flows.start({ source: 'reauth', entryId: id }))
    const gate = new KeyedSemaphore()
    store.onApply = async (apply) => {
      await gate.wait()
      await apply()
    }
    const submit = latchkey.flows.submit(reauth.flowId, { password: 'new' }, reauth)
    while (!gate.reached) await atRest()
    const stop = latchkey.stop()
    await atRest()
    gate.open()
    expect(await submit).toMatchObject({ reason: 'reauth_successful' })
    await pass(10_000)
    await stop
    expect(service.renewals).toEqual([])
  })
})
