import { describe, expect, it } from '@jest/globals'
import { joseCipher } from '../../../src/adapters/jose-cipher.ts'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { entryRecord, flowRecord, put, write } from '../../../src/testing/store-records.ts'
import { makeHost } from '../host.ts'

const cipher = joseCipher([new Uint8Array(32).fill(1)])
const sealed = await cipher.seal('secret', {} as never)
const numbers = (count: number) => Array.from({ length: count }, (_, number) => `id-${number}`)

describe('keys.status', () => {
  it('counts more entries, flows and webhooks than one read returns', async () => {
    const { latchkey, store } = await makeHost({ store: memoryStore(), cipher })
    const ids = numbers(101)
    await write(store, ...ids.map((entryId) => put(entryRecord({ entryId, sealed }))))
    await write(store, ...ids.map((flowId) => put(flowRecord({ flowId, sealedDraft: sealed }))))
    const hook = { scope: 'home', list: 'receivers', content: { sealed }, dueAt: null, revision: 1 }
    await write(
      store,
      ...ids.map((id) => ({ put: 'webhook', record: { ...hook, id }, ifRevision: 0 }) as const),
    )
    expect(await latchkey.keys.status()).toMatchObject({ keys: [{ values: 303 }], unreadable: 0 })
    await latchkey.stop()
  })

  it('counts the values of more scopes than one read returns', async () => {
    const { latchkey, store } = await makeHost({ store: memoryStore(), cipher })
    for (const scope of numbers(1_001)) await store.apply(scope, [put(entryRecord({ scope, sealed }))])
    expect(await latchkey.keys.status()).toMatchObject({ keys: [{ values: 1_001 }] })
    await latchkey.stop()
  })

  it('refuses a cipher that returns no id of its keys', async () => {
    const keys = { ids: async () => [], of: () => null }
    const { latchkey } = await makeHost({ cipher: { ...cipher, keys } })
    await expect(latchkey.keys.status()).rejects.toMatchObject({ code: 'CONFIGURATION' })
    await latchkey.stop()
  })
})
