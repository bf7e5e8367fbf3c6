import { afterEach, describe, expect, it } from '@jest/globals'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { StoreError } from '../../../src/errors.ts'
import { FailingStore } from '../../../src/testing/failing-store.ts'
import type { View } from '../../../src/view.ts'
import { addEntry, asAbort, asForm, atRest, type Host, type HostOptions, makeHost } from '../host.ts'
import { begin, SignInScript, signIn } from '../sign-in-script.ts'

const MINUTE = 60_000

const hosts: Host[] = []
afterEach(async () => {
  for (const { latchkey } of hosts.splice(0)) await latchkey.stop()
})

/** A host with the entry of ann, whose user has signed in as bob instead. */
async function wrongAccount(options: HostOptions = {}, principal?: string) {
  const host = await makeHost(options)
  hosts.push(host)
  const { latchkey, service } = host
  const entryId = await addEntry(host)
  service.accounts.set('bobs', 'bob')
  const by = principal === undefined ? {} : { principal }
  const reauth = async () => asForm(await latchkey.entries.requestReauth(entryId, by))
  const end = async () => {
    const { flowId, revision } = await reauth()
    service.script({ connect: 'bob', title: 'Bob' })
    return asAbort(await latchkey.flows.submit(flowId, { token: 'bobs' }, { revision, ...by }))
  }
  const from = (flow: View, more = {}) =>
    latchkey.flows.start({ source: 'replace', entryId, from: flow.flowId }, { ...by, ...more })
  return { ...host, host, entryId, reauth, end, from }
}

describe('an account that has ended a flow', () => {
  it('replaces that of the entry after a confirmation, without a second sign-in', async () => {
    const { latchkey, service, entryId, end, from } = await wrongAccount()
    const ended = await end()
    expect(ended).toMatchObject({ reason: 'wrong_account' })
    expect(service.open).toBe(2)
    const connects = service.connects.length
    const menu = await from(ended)
    expect(menu).toMatchObject({
      type: 'menu',
      step: 'replace_confirm',
      source: 'replace',
      placeholders: { account: 'Bob' },
    })
    const { flowId, revision } = menu
    const done = await latchkey.flows.choose(flowId, 'replace', { revision })
    expect(done).toMatchObject({ reason: 'replace_successful', success: true, entryState: 'loaded' })
    expect(await latchkey.entries.get(entryId)).toMatchObject({
      uniqueId: 'bob',
      title: 'Bob',
      state: 'loaded',
    })
    expect(await latchkey.entries.use(service.integration, entryId, (client) => client.account)).toBe('bob')
    expect([service.connects.length, service.open]).toEqual([connects, 1])
  })

  it('is closed if the user keeps the account of the entry', async () => {
    const { latchkey, service, entryId, end, from } = await wrongAccount()
    const { flowId, revision } = await from(await end())
    await latchkey.flows.choose(flowId, 'cancel', { revision })
    await atRest()
    expect(service.open).toBe(1)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ uniqueId: 'ann' })
  })

  it('waits ten more minutes for the confirmation, and then asks for the form', async () => {
    const { latchkey, service, end, from, pass } = await wrongAccount()
    const ended = await end()
    await pass(9 * MINUTE)
    const { flowId } = await from(ended)
    await pass(9 * MINUTE)
    expect(service.open).toBe(2)
    expect(await latchkey.flows.get(flowId)).toMatchObject({ step: 'replace_confirm' })
    await pass(MINUTE)
    expect(service.open).toBe(1)
  })

  it('is closed after ten minutes', async () => {
    const { service, end, from, pass } = await wrongAccount()
    const ended = await end()
    await pass(10 * MINUTE - 1)
    expect(service.open).toBe(2)
    await pass(1)
    expect(service.open).toBe(1)
    expect(await from(ended)).toMatchObject({ type: 'form', step: 'replace' })
  })

  it('is not known to another process, and not after a restart', async () => {
    const { host, latchkey, service, entryId, end } = await wrongAccount()
    const { flowId: from } = await end()
    const other = await host.again()
    hosts.push(other)
    const form = await other.latchkey.flows.start({ source: 'replace', entryId, from })
    expect(form).toMatchObject({ type: 'form', step: 'replace' })
    await other.latchkey.flows.cancel(form.flowId)
    await latchkey.stop()
    expect(service.open).toBe(0)
  })

  it('is for the principal that signed in only, and never for the user of a repair link', async () => {
    const { latchkey, service, entryId, end, from } = await wrongAccount({}, 'ada')
    const ended = await end()
    const other = await from(ended, { principal: 'eve' })
    expect(other).toMatchObject({ type: 'form', step: 'replace' })
    await latchkey.flows.cancel(other.flowId)
    const linked = await wrongAccount({}, 'link:entry')
    await linked.end()
    expect(linked.service.open).toBe(1)
    expect(entryId).not.toBe(linked.entryId)
    expect(service.open).toBe(1)
  })

  it('is closed as soon as the user closes the result', async () => {
    const { latchkey, service, end, from } = await wrongAccount({}, 'ada')
    const ended = await end()
    expect(ended).toMatchObject({ replaceable: true })
    await latchkey.flows.cancel(ended.flowId, { principal: 'eve' })
    expect(service.open).toBe(2)
    const closed = await latchkey.flows.cancel(ended.flowId, { principal: 'ada' })
    expect(service.open).toBe(1)
    expect(closed).toMatchObject({ reason: 'wrong_account' })
    expect(closed).not.toHaveProperty('replaceable')
    await latchkey.flows.cancel(ended.flowId, { principal: 'ada' })
    expect(await from(ended)).toMatchObject({ type: 'form', step: 'replace' })
    expect(service.open).toBe(1)
  })

  it.each<[string, (scene: Awaited<ReturnType<typeof wrongAccount>>) => Promise<unknown>, number]>([
    ['the entry was removed', ({ latchkey, entryId }) => latchkey.entries.remove(entryId), 0],
    ['the entry was disabled', ({ latchkey, entryId }) => latchkey.entries.disable(entryId), 0],
    ['the user tries again', ({ reauth }) => reauth(), 1],
    [
      'another flow of the entry was opened',
      ({ latchkey, entryId }) => latchkey.flows.start({ source: 'replace', entryId }),
      1,
    ],
    ['another process has removed the entry', otherProcess('remove'), 0],
    ['another process has disabled the entry', otherProcess('disable'), 0],
    ['Latchkey stops', ({ latchkey }) => latchkey.stop(), 0],
  ])('is closed as soon as %s', async (_, change, open) => {
    const scene = await wrongAccount()
    await scene.end()
    expect(scene.service.open).toBe(2)
    await change(scene)
    await scene.latchkey.catchUp().catch(() => {})
    await atRest()
    expect(scene.service.open).toBe(open)
  })

  it('stays after a change of the entry that does not concern its account', async () => {
    const { latchkey, service, entryId, end, from } = await wrongAccount()
    const ended = await end()
    await latchkey.entries.update(entryId, { title: 'Other' })
    await latchkey.flows.start({ source: 'user', domain: 'scripted' })
    await atRest()
    expect(service.open).toBe(2)
    expect(await from(ended)).toMatchObject({ step: 'replace_confirm' })
  })

  it('is closed by a second one', async () => {
    const { service, end, from } = await wrongAccount()
    const first = await end()
    const second = await end()
    await atRest()
    expect(service.open).toBe(2)
    expect(await from(second)).toMatchObject({ step: 'replace_confirm' })
    expect(first.flowId).not.toBe(second.flowId)
  })

  it('is not that of another flow', async () => {
    const { service, end, from } = await wrongAccount()
    await end()
    expect(await from({ flowId: 'other' } as View)).toMatchObject({ step: 'replace' })
    await atRest()
    expect(service.open).toBe(1)
  })

  it('stays if the replacement could not be opened', async () => {
    const store = new FailingStore(memoryStore())
    const { service, end, from } = await wrongAccount({ store })
    const ended = await end()
    const apply = store.apply.bind(store)
    store.apply = () => Promise.reject(new StoreError('The disk is full.'))
    await expect(from(ended)).rejects.toThrow(StoreError)
    expect(service.open).toBe(2)
    store.apply = apply
    expect(await from(ended)).toMatchObject({ step: 'replace_confirm' })
  })

  it('is closed if the end of its flow could not be stored', async () => {
    const store = new FailingStore(memoryStore())
    const { latchkey, service, reauth } = await wrongAccount({ store })
    const { flowId, revision } = await reauth()
    service.script({ connect: 'bob' })
    const apply = store.apply.bind(store)
    store.apply = (scope, writes, ...rest) =>
      writes.some((write) => 'put' in write && write.put === 'flow' && !write.record.open)
        ? Promise.reject(new StoreError('The disk is full.'))
        : apply(scope, writes, ...rest)
    await expect(latchkey.flows.submit(flowId, { token: 'bobs' }, { revision })).rejects.toThrow(StoreError)
    await atRest()
    expect(service.open).toBe(1)
    store.apply = apply
  })

  it('is closed if the entry cannot be read after a change', async () => {
    const store = new FailingStore(memoryStore())
    const { latchkey, service, entryId, end, log } = await wrongAccount({ store })
    await end()
    store.before('getEntry', 2, () => {
      throw new StoreError('The disk is full.')
    })
    await latchkey.entries.update(entryId, { title: 'Other' })
    await atRest()
    expect(service.open).toBe(1)
    expect(log.messages).toEqual([
      'The entry of a kept connection could not be read. The connection is closed.',
    ])
  })

  it('is left to the replacement that takes it while the entry is read', async () => {
    const store = new FailingStore(memoryStore())
    const { latchkey, service, entryId, end, from } = await wrongAccount({ store })
    const ended = await end()
    store.before('getEntry', 2, async () => {
      await from(ended)
      throw new StoreError('The disk is full.')
    })
    await latchkey.entries.update(entryId, { title: 'Other' })
    await atRest()
    expect(service.open).toBe(2)
    const [menu] = (await latchkey.flows.list()).items
    expect(menu).toMatchObject({ step: 'replace_confirm', placeholders: { account: 'Bob' } })
  })

  it('is closed if its time ends while the replacement cannot be opened', async () => {
    const store = new FailingStore(memoryStore())
    const { service, end, from, clock } = await wrongAccount({ store })
    const ended = await end()
    store.before('apply', 1, () => {
      clock.increment(10 * MINUTE)
      throw new StoreError('The disk is full.')
    })
    await expect(from(ended)).rejects.toThrow(StoreError)
    expect(service.open).toBe(1)
  })

  it('is closed if Latchkey stops while the replacement is opened', async () => {
    const store = new FailingStore(memoryStore())
    const { latchkey, service, end, from } = await wrongAccount({ store })
    const ended = await end()
    let stopped: Promise<void> = Promise.resolve()
    store.after('apply', 1, () => {
      stopped = latchkey.stop()
    })
    expect(await from(ended)).toMatchObject({ step: 'replace_confirm' })
    await stopped
    expect(service.open).toBe(0)
  })

  it('opens one flow per idempotency key', async () => {
    const { latchkey, entryId, end } = await wrongAccount()
    const { flowId: from } = await end()
    const start = (flowId: string) =>
      latchkey.flows.start({ source: 'replace', entryId, from: flowId }, { idempotencyKey: 'one' })
    const { flowId } = await start(from)
    expect(await start(from)).toMatchObject({ flowId, step: 'replace_confirm' })
    await expect(start('other')).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
  })

  it('is not a member of other sources', async () => {
    const { latchkey, entryId } = await wrongAccount()
    const start = latchkey.flows.start({ source: 'reauth', entryId, from: 'flow' })
    await expect(start).rejects.toThrow('The source "reauth" does not use "from".')
  })

  it('joins a replacement that is open, and stays', async () => {
    const { latchkey, service, entryId, end, from } = await wrongAccount()
    const ended = await end()
    const open = await (await hosts[0]?.again())?.latchkey.flows.start({ source: 'replace', entryId })
    expect(await from(ended)).toMatchObject({ flowId: open?.flowId, joined: true, step: 'replace' })
    expect(service.open).toBe(2)
    await latchkey.flows.cancel(open?.flowId ?? '')
    expect(await from(ended)).toMatchObject({ step: 'replace_confirm' })
  })

  it('ends the replacement, and is closed, if the entry was removed at the same time', async () => {
    const store = new FailingStore(memoryStore())
    const { service, entryId, end, from } = await wrongAccount({ store })
    const ended = await end()
    const { getEntryToEdit } = store
    store.getEntryToEdit = async (scope, id) => {
      const found = await getEntryToEdit.call(store, scope, id)
      return { ...found, entry: found.entry && { ...found.entry, disabled: true } }
    }
    expect(await from(ended)).toMatchObject({ type: 'abort', reason: 'entry_disabled' })
    await atRest()
    expect(service.open).toBe(1)
    expect(entryId).toBe(ended.entryId)
  })
})

describe('the grant of another account', () => {
  const signedInAs = async (account: string) => {
    const script = new SignInScript()
    const host = await makeHost({ integrations: [script.integration] })
    hosts.push(host)
    const signedIn = async (flow: View) => {
      const { comeBack } = await signIn(host, flow)
      const returned = await comeBack(host)
      if (returned.type !== 'moved') throw new Error(returned.code)
      return returned.view
    }
    const entryId = (await signedIn(await begin(host, 'browser'))).entryId ?? ''
    script.account = account
    const end = await signedIn(await host.latchkey.entries.requestReauth(entryId))
    return { ...host, script, entryId, end }
  }

  it('is used by the replacement, and not revoked', async () => {
    const { latchkey, script, entryId, end } = await signedInAs('bob')
    expect(end).toMatchObject({ reason: 'wrong_account' })
    const menu = await latchkey.flows.start({ source: 'replace', entryId, from: end.flowId })
    expect(menu).toMatchObject({ step: 'replace_confirm' })
    expect(await latchkey.flows.choose(menu.flowId, 'replace', menu)).toMatchObject({
      reason: 'replace_successful',
    })
    await atRest()
    // That of the replaced account.
    expect(script.revoked).toHaveLength(1)
    expect(await latchkey.entries.get(entryId)).toMatchObject({ uniqueId: 'bob' })
  })

  it('is revoked as soon as the user closes the result', async () => {
    const { latchkey, script, end } = await signedInAs('bob')
    await latchkey.flows.cancel(end.flowId)
    await atRest()
    expect(script.revoked).toHaveLength(1)
  })

  it('is revoked after ten minutes, or with the next flow', async () => {
    const late = await signedInAs('bob')
    await late.pass(10 * MINUTE)
    expect(late.script.revoked).toHaveLength(1)
    const { latchkey, script, entryId } = await signedInAs('bob')
    await latchkey.entries.requestReauth(entryId)
    await atRest()
    expect(script.revoked).toHaveLength(1)
  })
})

function otherProcess(change: 'remove' | 'disable') {
  return async ({ host, latchkey, entryId }: Awaited<ReturnType<typeof wrongAccount>>) => {
    const other = await host.again()
    await other.latchkey.entries[change](entryId)
    await other.latchkey.stop()
    await latchkey.catchUp()
  }
}
