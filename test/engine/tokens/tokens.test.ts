import { describe, expect, it } from '@jest/globals'
import { CannotConnectError, RateLimitedError, StoreError } from '../../../src/errors.ts'
import { asForm, atRest } from '../host.ts'
import { linked } from '../linked-token.ts'
import { LIFE } from '../token-service.ts'

describe('a token that lives for an hour', () => {
  it('is used as it is until a minute before its end, and renewed then', async () => {
    const { use, service, pass, entry, isLeased } = await linked()
    await pass(LIFE - 60_001)
    expect(await use()).toBe('access-1')
    expect(service.renewals).toEqual([])
    await pass(1)
    expect(await use()).toBe('access-2')
    expect(service.renewals).toEqual(['renewal-1'])
    const { sealed, data, credentialRevision } = await entry()
    expect(sealed).toContain('renewal-2')
    expect({ data, credentialRevision }).toEqual({
      data: { account: 'ann', ends: 1_000_000 + 2 * LIFE - 60_000 },
      credentialRevision: 1,
    })
    expect(await isLeased()).toBe(false)
  })

  it('is renewed once for a thousand calls, and saved before any of them has it', async () => {
    const { use, service, pass, entry } = await linked()
    await pass(LIFE)
    const calls = await Promise.all(Array.from({ length: 1_000 }, () => use()))
    expect(new Set(calls)).toEqual(new Set(['access-2']))
    expect(service.renewals).toHaveLength(1)
    expect((await entry()).sealed).toContain('access-2')
  })

  it('is renewed once by two processes', async () => {
    const { use, service, pass, host } = await linked()
    const other = await host.again()
    await pass(LIFE)
    let answer: () => void = () => {}
    service.before = () => new Promise<void>((resolve) => (answer = resolve))
    const calls = Promise.all([use(), use(other)])
    await atRest()
    await pass(2_000)
    // The lease is held on for as long as the service takes.
    for (let wait = 0; wait < 5; wait++) await pass(5_000)
    expect(service.renewals).toHaveLength(1)
    answer()
    await atRest()
    await pass(2_000)
    expect(await calls).toEqual(['access-2', 'access-2'])
    expect(service.renewals).toHaveLength(1)
  })

  it('is renewed where the service refuses it before its time', async () => {
    const { use, service, flows } = await linked()
    service.takes = (access) => access !== 'access-1'
    expect(await use()).toBe('access-2')
    expect([service.renewals, await flows()]).toEqual([['renewal-1'], []])
  })

  it.each([{ why: 'migrated' }, { why: 'reconfigured', reauth: null, rejected: false }] as const)(
    'deletes the previous values, whose refresh token is used up: %j',
    async (why) => {
      const { use, pass, entry, store } = await linked()
      const { version, data, sealed, options, ...rest } = await entry()
      const previous = { ...why, version, data, sealed, options }
      const record = { ...rest, version, data, sealed, options, previous, revision: rest.revision + 1 }
      await store.apply('default', [{ put: 'entry', record, ifRevision: rest.revision }])
      await pass(LIFE)
      expect(await use()).toBe('access-2')
      expect(await entry()).not.toHaveProperty('previous')
    },
  )

  it('keeps the fields that an answer omits', async () => {
    const { use, service, pass, entry } = await linked()
    await pass(LIFE)
    service.change = ({ access, ends }) => ({ access, ends, renewal: undefined })
    expect(await use()).toBe('access-2')
    expect((await entry()).sealed).toContain('renewal-1')
  })
})

describe('a new token that lives shorter than the time before its end at which tokens are renewed', () => {
  it.each([60_000, 30_000, 1_000])('is used for half of its life: %i ms', async (life) => {
    const { use, service, pass, clock } = await linked()
    await pass(LIFE)
    service.change = (answer) => ({ ...answer, ends: clock.now() + life })
    for (let call = 0; call < 20; call++) expect(await use()).toBe('access-2')
    await pass(life / 2 - 1)
    expect(await use()).toBe('access-2')
    await pass(1)
    expect(await use()).toBe('access-3')
    expect(service.renewals).toHaveLength(2)
  })

  it('is refreshed as usual if the clock was ahead at the last refresh', async () => {
    const { use, pass, store, entry } = await linked()
    const { revision, ...rest } = await entry()
    const record = { ...rest, refreshedAt: 100 * LIFE, revision: revision + 1 }
    await store.apply('default', [{ put: 'entry', record, ifRevision: revision }])
    expect(await use()).toBe('access-1')
    await pass(LIFE - 60_000)
    expect(await use()).toBe('access-2')
  })

  it('is used until it is refused if the service does not specify its end', async () => {
    const { use, service, pass, host } = await linked()
    await pass(LIFE)
    service.change = ({ access, renewal }) => ({ access, renewal })
    for (let call = 0; call < 20; call++) expect(await use()).toBe('access-2')
    const other = await host.again()
    await pass(LIFE)
    expect([await use(), await use(other)]).toEqual(['access-2', 'access-2'])
    service.takes = (access) => access !== 'access-2'
    expect(await use()).toBe('access-3')
    expect(service.renewals).toHaveLength(2)
  })
})

describe('a renewal that fails', () => {
  it.each([
    ['cannot be reached', new CannotConnectError(), 'REFRESH_FAILED cannot_connect 1'],
    ['demands a wait', new RateLimitedError(90), 'REFRESH_FAILED rate_limited 90'],
    ['answers with an error', new Error('500'), 'REFRESH_FAILED unknown 1'],
  ])('opens no flow if the service %s, and is not retried immediately', async (_, error, told) => {
    const { use, service, pass, flows } = await linked()
    await pass(LIFE)
    service.before = () => Promise.reject(error)
    expect(await use()).toBe(told)
    expect(await use()).toBe(told)
    expect([service.renewals.length, await flows()]).toEqual([1, []])
    service.before = () => undefined
    await pass(90_000)
    expect(await use()).toBe('access-2')
  })

  it('leaves the old token in use as long as it lives', async () => {
    const { use, service, pass } = await linked()
    await pass(LIFE - 30_000)
    service.before = () => Promise.reject(new CannotConnectError())
    expect(await use()).toBe('access-1')
    await pass(30_000)
    expect(await use()).toMatch(/^REFRESH_FAILED/)
  })

  it('opens one flow if the service refuses permanently, and does not call it again', async () => {
    const { use, service, pass, flows, entry, latchkey, entryId } = await linked()
    await pass(LIFE)
    service.good = null
    expect(await Promise.all([use(), use(), use()])).toEqual(Array(3).fill('REAUTH_REQUIRED'))
    expect(await flows()).toMatchObject([{ source: 'reauth' }])
    expect(await entry()).toMatchObject({ rejectedRevision: 1, reauth: { reason: 'invalid_auth' } })
    await latchkey.entries.reload(entryId)
    expect(service.renewals).toHaveLength(1)
    const [form] = await flows()
    const end = await latchkey.flows.submit(form?.flowId ?? '', { password: 'new' }, asForm(form ?? never()))
    expect(end).toMatchObject({ reason: 'reauth_successful' })
    expect(await use()).toBe('access-2')
  })

  it('refreshes again if a user retries', async () => {
    const { use, service, pass, latchkey, entryId, flows } = await linked()
    await pass(LIFE)
    const { good } = service
    service.good = null
    await use()
    service.good = good
    await latchkey.entries.reload(entryId, { retryRejected: true })
    expect(await use()).toBe('access-2')
    expect(await flows()).toEqual([])
  })

  it.each([
    ['has ended', LIFE],
    ['the service takes no longer', 0],
  ])('refreshes again if a user retries after a restart, for a token that %s', async (_, passes) => {
    const { use, service, pass, latchkey, entryId, host } = await linked()
    await pass(passes)
    const { good } = service
    service.good = null
    service.takes = (access) => access !== 'access-1'
    expect(await use()).toBe('REAUTH_REQUIRED')
    service.good = good
    await latchkey.stop()
    const other = await host.again()
    await other.latchkey.entries.reload(entryId, { retryRejected: true })
    expect(await use(other)).toBe('access-2')
    expect(service.renewals).toHaveLength(2)
    expect(await other.latchkey.attention.list()).toEqual([])
  })

  it('accepts a token that another process has refreshed as the answer to a refusal', async () => {
    const { use, service, pass, host, flows, rival } = await linked()
    await pass(LIFE)
    const other = await host.again()
    service.before = async () => {
      service.before = () => undefined
      // The lease is lost: another process takes it, and is quicker.
      await rival.claim(15_000)
      await rival.release()
      expect(await use(other)).toBe('access-2')
      service.good = 'renewal-2'
    }
    expect(await use()).toBe('access-2')
    expect([service.renewals, await flows()]).toEqual([['renewal-1', 'renewal-1'], []])
  })
})

describe('a renewed token that cannot be saved', () => {
  it('waits unused, and is saved by the next call', async () => {
    const { use, service, pass, store } = await linked()
    await pass(LIFE)
    const fail = () => {
      throw new StoreError('The disk is full.')
    }
    service.before = () => {
      store.before('apply', 1, fail)
      store.before('apply', 2, fail)
    }
    expect(await use()).toBe('REFRESH_FAILED not_saved')
    expect(await use()).toBe('REFRESH_FAILED not_saved')
    expect(await use()).toBe('access-2')
    expect(service.renewals).toHaveLength(1)
  })

  it('is saved after its backoff without a call', async () => {
    const { use, service, pass, store, entry } = await linked()
    await pass(LIFE)
    service.before = () =>
      store.before('apply', 1, () => {
        throw new StoreError('The disk is full.')
      })
    await use()
    await pass(2_000)
    expect((await entry()).sealed).toContain('renewal-2')
  })

  it('does not overwrite the credential that a reauthentication has saved', async () => {
    const { use, service, pass, latchkey, entryId, entry } = await linked()
    await pass(LIFE)
    service.before = async () => {
      const form = asForm(await latchkey.entries.requestReauth(entryId))
      const end = await latchkey.flows.submit(form.flowId, { password: 'new' }, form)
      expect(end).toMatchObject({ reason: 'reauth_successful' })
      service.good = 'renewal-1'
      // The lock went with the credential: it is not held on to.
      await pass(5_000)
    }
    expect(await use()).toBe('access-2')
    expect(await entry()).toMatchObject({
      credentialRevision: 2,
      sealed: expect.stringContaining('renewal-2'),
    })
  })

  it('leaves an open flow as it is', async () => {
    const { use, service, pass, latchkey, entryId } = await linked()
    const form = asForm(await latchkey.entries.requestReauth(entryId))
    await pass(LIFE)
    expect(await use()).toBe('access-2')
    expect(service.renewals).toHaveLength(1)
    const end = await latchkey.flows.submit(form.flowId, { password: 'new' }, form)
    expect(end).toMatchObject({ reason: 'reauth_successful' })
  })
})

describe('a lock that cannot be had', () => {
  it('is an error that passes: the service is not asked', async () => {
    const { use, service, pass, store, flows } = await linked()
    await pass(LIFE)
    store.before('claim', 1, () => {
      throw new StoreError('The database is locked.')
    })
    expect(await use()).toBe('REFRESH_FAILED not_locked')
    expect([service.renewals, await flows()]).toEqual([[], []])
    expect(await use()).toBe('access-2')
  })

  it('is free again if the store had claimed it although its answer was lost', async () => {
    const { use, pass, store, isLeased } = await linked()
    await pass(LIFE)
    store.after('claim', 1, () => {
      throw new StoreError('The connection was lost.')
    })
    expect(await use()).toBe('REFRESH_FAILED not_locked')
    expect(await isLeased()).toBe(false)
  })

  it('is waited for if a process of an earlier version has it in the record of the entry', async () => {
    const { use, service, pass, store, entry, clock, isLeased } = await linked()
    await pass(LIFE)
    const { revision, ...rest } = await entry()
    const lease = { holder: 'earlier', until: clock.now() + 10_000 }
    const record = { ...rest, lease, revision: revision + 1 }
    await store.apply('default', [{ put: 'entry', record, ifRevision: revision }])
    const call = use()
    await atRest()
    expect([service.renewals, await isLeased()]).toEqual([[], false])
    for (let wait = 0; wait < 5; wait++) await pass(2_000)
    expect(await call).toBe('access-2')
    expect(service.renewals).toHaveLength(1)
    expect(await entry()).toMatchObject({ lease: null })
  })
})

const never = (): never => {
  throw new Error('A flow was expected.')
}
