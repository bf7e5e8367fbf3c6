import { describe, expect, it } from '@jest/globals'
import { AttemptsExhaustedError, StoreError } from '../../../src/errors.ts'
import { addEntry, asForm, atRest, loseCredential, makeHost } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'

describe('entries.requestReauth', () => {
  it('records the need and opens the flow that asks, once', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { entries } = host.latchkey
    const form = asForm(await entries.requestReauth(entryId, { principal: 'ada' }))
    expect(form).toMatchObject({ step: 'reauth_confirm', source: 'reauth', entryId, expiresAt: null })
    expect(await entries.requestReauth(entryId)).toEqual(form)
    expect(await entries.get(entryId)).toMatchObject({ state: 'loaded', reauth: { reason: 'requested' } })
    expect(await host.latchkey.attention.list()).toMatchObject([
      { entryId, reason: 'requested', since: 1_000_000, flowId: form.flowId, domain: 'scripted' },
    ])
    const submit = host.latchkey.flows.submit(form.flowId, { token: 'good' }, { revision: form.revision })
    expect(await submit).toMatchObject({ reason: 'reauth_successful' })
    expect(await host.latchkey.attention.list()).toEqual([])
  })

  it('refuses a disabled entry', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await host.latchkey.entries.disable(entryId)
    await expect(host.latchkey.entries.requestReauth(entryId)).rejects.toThrow(
      `Entry ${entryId} does not accept "requestReauth" in the state "disabled".`,
    )
  })

  it('opens no flow if another process has disabled the entry', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    const other = await host.again({ store: store.inner })
    const { getEntryToEdit } = store
    store.getEntryToEdit = async (...call) => {
      await other.latchkey.entries.disable(entryId)
      return getEntryToEdit.apply(store, call)
    }
    host.service.accounts.clear()
    expect(await host.latchkey.entries.reload(entryId)).toMatchObject({ state: 'disabled', reauth: null })
    expect((await host.latchkey.flows.list()).items).toEqual([])
  })

  it('opens a flow for the new credential if it was just replaced', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    let reads = 0
    store.onEntry = async (entry) => (entry && ++reads === 2 ? { ...entry, credentialRevision: 2 } : entry)
    expect(await host.latchkey.entries.requestReauth(entryId)).toMatchObject({ step: 'reauth_confirm' })
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ reauth: null })
  })
})

describe('entries.reload with retryRejected', () => {
  it('clears the need and ends the flow where the credential works after all', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    const changed: unknown[] = []
    host.latchkey.on('attention_changed', (event) => changed.push(event))
    host.service.accounts.set('good', 'ann')
    const view = await host.latchkey.entries.reload(entryId, { retryRejected: true, principal: 'ada' })
    expect(view).toMatchObject({ state: 'loaded', reauth: null })
    expect(await host.latchkey.flows.get(form.flowId)).toMatchObject({
      reason: 'reauth_successful',
      success: true,
    })
    expect(await host.latchkey.attention.list()).toEqual([])
    expect(changed).toContainEqual({ scope: 'default', entryId })
    const { items } = await host.latchkey.history(entryId)
    expect(items.at(-1)).toMatchObject({ kind: 'reauth_repaired', who: 'ada' })
    const { latchkey } = await host.again()
    await latchkey.start()
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
  })

  it('clears the need if the user had dismissed the flow', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    await host.latchkey.flows.cancel(form.flowId)
    host.service.accounts.set('good', 'ann')
    await host.latchkey.entries.reload(entryId, { retryRejected: true })
    expect(await host.latchkey.attention.list()).toEqual([])
  })

  it('is one try: it counts in the budget, and is not made again', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await loseCredential(host, entryId)
    const { entries } = host.latchkey
    const logins = host.service.connects.length
    for (let tries = 1; tries <= 5; tries++) {
      expect(await entries.reload(entryId, { retryRejected: true })).toMatchObject({
        state: 'reauth_required',
      })
      expect(host.service.connects).toHaveLength(logins + tries)
      expect(await entries.reload(entryId)).toMatchObject({ state: 'reauth_required' })
    }
    expect(host.service.connects).toHaveLength(logins + 5)
    const spent: unknown = await entries.reload(entryId, { retryRejected: true }).catch((error) => error)
    expect(spent).toBeInstanceOf(AttemptsExhaustedError)
    expect(spent).toMatchObject({
      retryAfter: 900,
      message: 'Too many failed attempts. Try again in 900 seconds.',
    })
    expect((await host.latchkey.flows.list()).items).toHaveLength(1)
    await entries.resetAttempts(entryId, { principal: 'ada' })
    expect(await entries.reload(entryId, { retryRejected: true })).toMatchObject({ state: 'reauth_required' })
  })

  it('counts nothing where the service could not be reached, and tries the credential no more', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await loseCredential(host, entryId)
    host.service.script('cannot_connect')
    const { entries } = host.latchkey
    expect(await entries.reload(entryId, { retryRejected: true })).toMatchObject({ state: 'setup_retry' })
    const logins = host.service.connects.length
    await host.pass(600_000)
    expect(await entries.get(entryId)).toMatchObject({ state: 'reauth_required' })
    expect(host.service.connects).toHaveLength(logins)
    expect(await host.store.getAttempts('default', `entry:${entryId}`)).toBeUndefined()
  })

  it('leaves the need where another account answers', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await loseCredential(host, entryId)
    host.service.accounts.set('good', 'bob')
    const view = await host.latchkey.entries.reload(entryId, { retryRejected: true })
    expect(view).toMatchObject({
      state: 'setup_error',
      reason: 'wrong_account',
      reauth: { reason: 'invalid_auth' },
    })
    expect(host.service.open).toBe(0)
  })

  it('runs the entry although the repair cannot be written, and keeps the need', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    host.service.accounts.set('good', 'ann')
    // The attempt is counted before the login.
    store.onApply = async (apply) => {
      await apply()
      store.onApply = async () => {
        throw new StoreError('The disk is full.')
      }
    }
    const view = await host.latchkey.entries.reload(entryId, { retryRejected: true })
    expect(view).toMatchObject({ state: 'loaded', reauth: { reason: 'invalid_auth' } })
    expect(host.log.messages).toEqual(['A repair could not be recorded.'])
    expect(await host.latchkey.flows.get(form.flowId)).toMatchObject({ type: 'form' })
    expect(host.service.open).toBe(1)
  })

  it('makes no login if the attempt cannot be counted', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    await loseCredential(host, entryId)
    const logins = host.service.connects.length
    store.onApply = async () => {
      throw new StoreError('The disk is full.')
    }
    const view = await host.latchkey.entries.reload(entryId, { retryRejected: true })
    expect(view).toMatchObject({ state: 'setup_retry', reason: 'unknown' })
    await host.pass(600_000)
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ state: 'reauth_required' })
    expect(host.service.connects).toHaveLength(logins)
  })

  it('makes no more logins than the budget allows, of a hundred at once', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await loseCredential(host, entryId)
    const logins = host.service.connects.length
    const retries = await Promise.allSettled(
      Array.from({ length: 100 }, () => host.latchkey.entries.reload(entryId, { retryRejected: true })),
    )
    expect(host.service.connects).toHaveLength(logins + 5)
    expect(retries.filter(({ status }) => status === 'rejected')).toHaveLength(95)
  })

  it('makes no more logins than the budget allows, of a hundred at once in two processes', async () => {
    const one = await makeHost()
    const entryId = await addEntry(one)
    await loseCredential(one, entryId)
    const two = await one.again()
    const logins = one.service.connects.length
    await Promise.allSettled(
      Array.from({ length: 100 }, (_, index) =>
        [one, two][index % 2]?.latchkey.entries.reload(entryId, { retryRejected: true }),
      ),
    )
    expect(one.service.connects).toHaveLength(logins + 5)
  })

  it('counts a login that the next retry interrupts', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await loseCredential(host, entryId)
    const logins = host.service.connects.length
    host.service.script(...Array(20).fill({ hangs: true }))
    const retries = []
    for (let tries = 0; tries < 20; tries++) {
      retries.push(host.latchkey.entries.reload(entryId, { retryRejected: true }).catch(() => {}))
      await atRest()
    }
    expect(host.service.connects).toHaveLength(logins + 5)
    await host.pass(30_000)
    await Promise.all(retries)
  })

  it('honors a Retry-After, and does not count it as refused', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await loseCredential(host, entryId)
    host.service.script({ rateLimited: 7200 })
    await host.latchkey.entries.reload(entryId, { retryRejected: true })
    const blocked = host.latchkey.entries.reload(entryId, { retryRejected: true })
    await expect(blocked).rejects.toMatchObject({ code: 'ATTEMPTS_EXHAUSTED', retryAfter: 7200 })
    expect(await host.store.getAttempts('default', `entry:${entryId}`)).toMatchObject({ failures: [] })
  })

  it('runs the entry although its open flow cannot be read, which stays open', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    await loseCredential(host, entryId)
    host.service.accounts.set('good', 'ann')
    store.onFlow = (flow) => ({ ...structuredClone(flow), machine: 'config-flow@9' })
    const view = await host.latchkey.entries.reload(entryId, { retryRejected: true })
    expect(view).toMatchObject({ state: 'loaded', reauth: null })
    expect((await host.latchkey.flows.list()).unreadable).toHaveLength(1)
    expect(host.service.open).toBe(1)
  })
})

describe('entries.resetAttempts', () => {
  it('is written again if an attempt was counted since it was read', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    const refused = async (revision: number) =>
      asForm(await host.latchkey.flows.submit(form.flowId, { token: 'bad' }, { revision }))
    const { revision } = await refused(form.revision)
    store.onApply = async (apply) => {
      store.onApply = (next) => next()
      await refused(revision)
      await apply()
    }
    await host.latchkey.entries.resetAttempts(entryId)
    expect(await store.getAttempts('default', `entry:${entryId}`)).toBeUndefined()
    expect((await host.latchkey.history(entryId)).items.at(-1)).toMatchObject({ kind: 'attempts_reset' })
  })

  it('tells the caller where the store cannot write', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    store.onApply = async () => {
      throw new StoreError('The disk is full.')
    }
    await expect(host.latchkey.entries.resetAttempts(entryId)).rejects.toThrow('The disk is full.')
  })
})
