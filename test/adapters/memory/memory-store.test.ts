import { describe, expect, it } from '@jest/globals'
import { memoryPlace } from '../../../src/adapters/memory/memory-place.ts'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { sharedStoreContract } from '../../../src/testing/shared-store-contract.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'
import { editRecord, entryRecord, flowRecord, put, write } from '../../../src/testing/store-records.ts'

describe('the history of the memory store', () => {
  it('is purged also after a row of a clock that was ahead', async () => {
    const store = memoryStore()
    const row = { scope: 'home', who: 'ada', entryId: 'e', flowId: null, kind: 'k', code: null, revision: 1 }
    await store.apply('home', [{ audit: { ...row, at: 1e13 } }, { audit: { ...row, at: 1 } }])
    await store.purgeAudit(2, 100)
    expect((await store.readAudit('home', null, { limit: 9 })).items).toMatchObject([{ at: 1e13 }])
  })
})

describe('two memory stores on one place', () => {
  it.each(sharedStoreContract)('$title', async ({ run }) => {
    await run(async () => {
      const place = memoryPlace()
      return [memoryStore(place), memoryStore(place)]
    })
  })
})

describe('memoryStore', () => {
  it.each(storeContract)('$title', async ({ run }) => {
    await run(async () => memoryStore())
  })

  it('has a cipher with a random key', async () => {
    const [one, other] = [memoryStore(), memoryStore()]
    const context = {
      purpose: 'entry',
      scope: 'home',
      id: 'entry-1',
      domain: 'hub',
      uniqueId: null,
      data: {},
    } as const
    const sealed = (await one.cipher?.seal('token', context)) ?? ''
    expect(sealed).not.toContain('token')
    expect(await one.cipher?.open(sealed, context)).toBe('token')
    await expect(other.cipher?.open(sealed, context)).rejects.toMatchObject({ code: 'KEY_MISSING' })
  })

  it('is not durable', () => {
    expect(memoryStore().durable).toBe(false)
  })

  it('keeps the passed object, frozen', async () => {
    const store = memoryStore()
    const entry = entryRecord()
    await write(store, put(entry))
    expect(await store.getEntry('home', 'entry-1')).toBe(entry)
    expect(Object.isFrozen(entry.data)).toBe(true)
  })

  it('refuses a record that is nested past any use, and writes nothing', async () => {
    const store = memoryStore()
    const deep = JSON.parse(`${'{"a":'.repeat(200_000)}0${'}'.repeat(200_000)}`)
    const writes = [put(entryRecord()), put(flowRecord({ context: deep }))]
    await expect(write(store, ...writes)).rejects.toMatchObject({ code: 'STORE' })
    expect(await store.getEntry('home', 'entry-1')).toBeUndefined()
  })

  it('finds the same with many rows as a plain search would', async () => {
    const store = memoryStore()
    const open = new Map<string, string>()
    let seed = 1
    const next = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % below
    }
    for (let invocation = 0; invocation < 5000; invocation++) {
      const [flowId, entryId] = [`flow-${next(900)}`, `entry-${next(300)}`]
      const stored = await store.getFlow('home', flowId)
      const revision = (stored?.revision ?? 0) + 1
      if (stored && next(3) === 0) {
        await write(store, { remove: 'flow', id: flowId, ifRevision: stored.revision })
        open.delete(flowId)
      } else if ([...open].every(([id, held]) => held !== entryId || id === flowId)) {
        await write(store, put(editRecord({ flowId, entryId, revision, dueAt: next(1000) })))
        open.set(flowId, entryId)
      }
    }
    const { items } = await store.findFlows('home', { open: true, limit: 1000 })
    expect(items.map(({ flowId }) => flowId)).toEqual([...open.keys()].sort())
    for (const [flowId, entryId] of open) {
      const found = await store.findFlows('home', { entryId, open: true, limit: 9 })
      expect(found.items.map((flow) => flow.flowId)).toEqual([flowId])
    }
    const due = await store.due(500, 1000)
    const times = await Promise.all(due.map(async ({ id }) => (await store.getFlow('home', id))?.dueAt ?? 0))
    expect(times).toEqual(
      items.flatMap(({ dueAt }) => (dueAt !== null && dueAt <= 500 ? [dueAt] : [])).sort((a, b) => a - b),
    )
  })
})
