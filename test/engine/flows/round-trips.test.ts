import { describe, expect, it } from '@jest/globals'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import type { Store } from '../../../src/ports/store.ts'
import { addEntry, loseCredential, makeHost } from '../host.ts'

/** A store that lists its calls. Each call is one round trip of a database server. */
function counted(inner: Store): { readonly store: Store; readonly calls: string[] } {
  const calls: string[] = []
  const listing = <Target extends object>(target: Target): Target =>
    new Proxy(target, {
      get(object, name) {
        const member: unknown = Reflect.get(object, name)
        if (name === 'leases') return listing(member as object)
        if (typeof member !== 'function' || name === 'open' || name === 'close') return member
        return (...call: readonly unknown[]) => {
          calls.push(String(name))
          return member.apply(object, call)
        }
      },
    })
  return { store: listing(inner), calls }
}

describe('a reauthentication', () => {
  it('makes four calls of the store: two to start, two to submit', async () => {
    const { store, calls } = counted(memoryStore())
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    await host.latchkey.flows.cancel((await loseCredential(host, entryId)).flowId)
    host.service.accounts.set('new', 'ann')
    calls.length = 0
    const form = await host.latchkey.flows.start({ source: 'reauth', entryId })
    expect(calls.splice(0)).toEqual(['getEntryToEdit', 'apply'])
    const input = { token: 'new' }
    const end = await host.latchkey.flows.submit(form.flowId, input, { revision: form.revision })
    expect(end).toMatchObject({ reason: 'reauth_successful' })
    expect(calls).toEqual(['beginWork', 'apply'])
  })

  it('reads the entry again only if it has changed since the claim', async () => {
    const { store, calls } = counted(memoryStore())
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    const { flowId, revision } = await loseCredential(host, entryId)
    host.service.script({ held: { connect: 'ann' } })
    calls.length = 0
    const submit = host.latchkey.flows.submit(flowId, { token: 'new' }, { revision })
    await host.pass(1)
    await host.latchkey.entries.update(entryId, { title: 'Hall' })
    calls.length = 0
    host.service.release()
    expect(await submit).toMatchObject({ reason: 'reauth_successful' })
    expect(calls).toEqual(['apply', 'getEntry', 'apply'])
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ title: 'Hall' })
  })
})
