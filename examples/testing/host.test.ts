import { describe, expect, it } from '@jest/globals'
import { createLatchkey, memoryPlace, memoryStore } from '../../src/index.ts'
import {
  FailingStore,
  fullDisk,
  ScriptedService,
  SimulatedClock,
  sharedStoreContract,
  storeContract,
} from '../../src/testing/index.ts'

describe('a host', () => {
  // #region retry
  it('retries after five seconds', async () => {
    const service = new ScriptedService()
    service.accounts.set('token-1', 'account-1')
    const clock = new SimulatedClock()
    const integrations = [service.integration]
    const latchkey = await createLatchkey({ integrations, store: memoryStore(), clock })
    const { flows, entries } = latchkey
    const form = await flows.start({ domain: 'scripted', source: 'user' })
    const { entryId } = await flows.submit(form.flowId, { host: 'hub', token: 'token-1' }, form)

    service.script('cannot_connect')
    const { state } = await entries.reload(entryId ?? '')
    expect(state).toBe('setup_retry')

    const loaded = new Promise((resolve) => latchkey.on('entry_loaded', resolve))
    clock.increment(5_000)
    await loaded
    await latchkey.stop()
  })
  // #endregion

  // #region full-disk
  it('shows the form again if the disk is full', async () => {
    const service = new ScriptedService()
    service.accounts.set('token-1', 'account-1')
    const store = new FailingStore(memoryStore())
    const { flows, stop } = await createLatchkey({ integrations: [service.integration], store })
    const form = await flows.start({ domain: 'scripted', source: 'user' })
    store.before('apply', 1, fullDisk)
    const view = await flows.submit(form.flowId, { host: 'hub', token: 'token-1' }, form)
    expect(view).toMatchObject({ type: 'form', errors: { base: { code: 'unknown' } } })
    await stop()
  })
  // #endregion
})

// #region contract
describe('my store', () => {
  it.each(storeContract)('$title', ({ run }) => run(async () => memoryStore())) // or your own store
})
// #endregion

// #region shared-contract
describe('two of my stores on the same rows', () => {
  it.each(sharedStoreContract)('$title', ({ run }) =>
    run(async () => {
      const place = memoryPlace()
      return [memoryStore(place), memoryStore(place)]
    }),
  )
})
// #endregion
