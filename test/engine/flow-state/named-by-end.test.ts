import { expect, it } from '@jest/globals'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { FailingStore, fullDisk } from '../../../src/testing/failing-store.ts'
import { addEntry, asForm, makeHost } from '../host.ts'

async function linked() {
  const store = new FailingStore(memoryStore())
  const host = await makeHost({ store })
  return { ...host, store, entryId: await addEntry(host), flows: host.latchkey.flows }
}

it('a flow of an account that already has an entry ends without its name if the store cannot be read', async () => {
  const { flows, entryId, store } = await linked()
  const form = asForm(await flows.start({ domain: 'scripted', source: 'user' }))
  // The first read finds the entry.
  store.before('getEntry', 2, fullDisk)
  const end = await flows.submit(form.flowId, { host: 'h', token: 'good' }, form)
  expect(end).toMatchObject({ reason: 'already_configured', entryId })
  expect(end).not.toHaveProperty('existing')
})

it('a flow with a wrong account names both, without the entry of the other one if the store cannot be read', async () => {
  const { flows, entryId, store, ...host } = await linked()
  await addEntry(host, { token: 'bobs', account: 'bob' })
  const form = asForm(await flows.start({ source: 'reauth', entryId }))
  store.before('findEntries', 1, fullDisk)
  const end = await flows.submit(form.flowId, { token: 'bobs' }, form)
  expect(end).toMatchObject({ reason: 'wrong_account', accounts: { expected: { entryId } } })
  expect(end).not.toHaveProperty('accounts.found.entryId')
})
