import { describe, expect, it } from '@jest/globals'
import {
  IdempotencyConflictError,
  InvalidInputError,
  SlotTakenError,
  StoreError,
  TooManyFlowsError,
  UnknownDomainError,
  UnknownEntryError,
  WrongIntegrationError,
} from '../../../src/errors.ts'
import { addEntry, makeHost, openForm } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'

describe('flows.start', () => {
  it('opens the form of the integration', async () => {
    const { latchkey } = await makeHost()
    expect(await openForm(latchkey)).toMatchObject({
      step: 'user',
      source: 'user',
      domain: 'scripted',
      entryId: null,
      revision: 1,
      order: ['host', 'token'],
      values: {},
      errors: {},
      lastStep: false,
      placeholders: { name: 'Scripted' },
      expiresAt: 1_000_000 + 30 * 60_000,
    })
  })

  it('shares one frozen schema between flows', async () => {
    const { latchkey } = await makeHost()
    const one = await openForm(latchkey)
    const two = await openForm(latchkey)
    expect(two.schema).toBe(one.schema)
    expect(Object.isFrozen(one.schema.properties)).toBe(true)
    expect(one.schema).toEqual({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        host: { type: 'string', minLength: 1, maxLength: 100, title: 'Host' },
        token: {
          type: 'string',
          minLength: 1,
          maxLength: 16_384,
          title: 'Token',
          format: 'password',
          writeOnly: true,
        },
      },
      required: ['host', 'token'],
      additionalProperties: false,
    })
  })

  it.each(['other', 'constructor', '__proto__', ''])('refuses the unknown domain "%s"', async (domain) => {
    const { latchkey } = await makeHost()
    await expect(latchkey.flows.start({ domain, source: 'user' })).rejects.toThrow(UnknownDomainError)
  })

  it('refuses a user flow of no domain, and says where domains come from', async () => {
    const { latchkey } = await makeHost()
    await expect(latchkey.flows.start({ source: 'user' })).rejects.toThrow(
      'Unknown integration domain. Add the integration to `integrations` in createLatchkey().',
    )
  })

  it.each(['reauth', 'reconfigure', 'replace', 'options', 'subentry'] as const)(
    'refuses a %s without an entry, and names the missing field',
    async (source) => {
      const { latchkey } = await makeHost()
      const thrown: unknown = await latchkey.flows.start({ source }).catch((error) => error)
      expect(thrown).toBeInstanceOf(InvalidInputError)
      expect(thrown).toMatchObject({ pointers: ['/entryId'] })
    },
  )

  it('refuses a source that there is not, and opens nothing', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const request = JSON.parse(`{"source":"rumour","entryId":"${entryId}"}`)
    const thrown: unknown = await host.latchkey.flows.start(request).catch((error) => error)
    expect(thrown).toBeInstanceOf(InvalidInputError)
    expect(thrown).toMatchObject({ pointers: ['/source'] })
    expect((await host.latchkey.flows.list()).items).toEqual([])
    expect(await host.latchkey.flows.start({ source: 'reauth', entryId })).toMatchObject({ type: 'form' })
  })

  it('refuses an entry that is not there, and one of another domain', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { flows } = host.latchkey
    await expect(flows.start({ source: 'reconfigure', entryId: '__proto__' })).rejects.toThrow(
      UnknownEntryError,
    )
    await expect(flows.start({ source: 'reauth', entryId, domain: 'other' })).rejects.toThrow(
      WrongIntegrationError,
    )
    expect(await flows.start({ source: 'reauth', entryId, domain: 'scripted' })).toMatchObject({
      type: 'form',
    })
  })

  it('ends at once for a disabled entry, and keeps no flow', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await host.latchkey.entries.disable(entryId)
    expect(await host.latchkey.flows.start({ source: 'reauth', entryId })).toMatchObject({
      type: 'abort',
      reason: 'entry_disabled',
      text: 'Scripted is disabled. Enable it first.',
      success: false,
    })
    expect((await host.latchkey.flows.list()).items).toEqual([])
  })

  it('opens no more flows than the host allows, and more once one is cancelled', async () => {
    const { latchkey } = await makeHost({ limits: { openFlows: 2 } })
    const { flowId } = await openForm(latchkey)
    await openForm(latchkey)
    const thrown: unknown = await openForm(latchkey).catch((error) => error)
    expect(thrown).toBeInstanceOf(TooManyFlowsError)
    expect(thrown).toMatchObject({
      limit: 2,
      message: 'The limit of 2 open flows is reached. Finish or cancel some of them first.',
    })
    expect(await openForm(latchkey.scope('other'))).toMatchObject({ type: 'form' })
    await latchkey.flows.cancel(flowId)
    expect(await openForm(latchkey)).toMatchObject({ type: 'form' })
  })

  it('counts no flow of an entry among them', async () => {
    const host = await makeHost({ limits: { openFlows: 1 } })
    const entryId = await addEntry(host)
    await host.latchkey.flows.start({ source: 'reauth', entryId })
    expect(await openForm(host.latchkey)).toMatchObject({ type: 'form' })
  })

  it('tells the caller where the store cannot write', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    store.onApply = async () => {
      throw new StoreError('The disk is full.')
    }
    await expect(openForm(host.latchkey)).rejects.toThrow('The disk is full.')
    await expect(host.latchkey.flows.start({ source: 'reauth', entryId })).rejects.toThrow(
      'The disk is full.',
    )
    await expect(host.latchkey.entries.requestReauth(entryId)).rejects.toThrow('The disk is full.')
    store.onApply = (apply) => apply()
    expect(await host.latchkey.attention.list()).toEqual([])
  })
})

describe('flows.start under a key', () => {
  const by = { principal: 'ann', idempotencyKey: 'k' }
  const user = { domain: 'scripted', source: 'user' } as const

  it('opens one flow regardless of how many calls arrive', async () => {
    const host = await makeHost()
    const { flows } = host.latchkey
    const first = await flows.start(user, by)
    expect(await flows.start(user, by)).toEqual(first)
    // In another process, and after it has moved on and ended, too.
    const { latchkey } = await host.again()
    expect(await latchkey.flows.start(user, by)).toEqual(first)
    await flows.submit(first.flowId, {}, { revision: first.revision })
    expect(await flows.start(user, by)).toMatchObject({ flowId: first.flowId, revision: 2 })
    await flows.cancel(first.flowId)
    expect(await flows.start(user, by)).toMatchObject({ flowId: first.flowId, reason: 'cancelled' })
    expect((await host.store.findFlows('default', { limit: 9 })).items).toHaveLength(1)
  })

  it('opens another for another key, another principal, another scope, and none', async () => {
    const { latchkey } = await makeHost()
    const { flows } = latchkey
    const ids = [
      await flows.start(user, by),
      await flows.start(user, { ...by, idempotencyKey: 'l' }),
      await flows.start(user, { ...by, principal: 'bob' }),
      await flows.start(user, { idempotencyKey: 'k' }),
      await latchkey.scope('acme').flows.start(user, by),
      await flows.start(user, { principal: 'ann' }),
      await flows.start(user, { principal: 'ann' }),
    ].map(({ flowId }) => flowId)
    expect(new Set(ids).size).toBe(7)
  })

  it('refuses another request under the same key', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const { flows } = host.latchkey
    await flows.start(user, by)
    const others = [
      { source: 'reauth', entryId },
      { source: 'user', domain: 'scripted', entryId },
    ] as const
    for (const other of others) {
      const thrown: unknown = await flows.start(other, by).catch((error) => error)
      expect(thrown).toBeInstanceOf(IdempotencyConflictError)
      expect(thrown).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
    }
    expect((await flows.list()).items).toHaveLength(1)
  })

  it('keeps no key of a request that was refused', async () => {
    const { latchkey } = await makeHost()
    const wrong = { domain: 'other', source: 'user' } as const
    await expect(latchkey.flows.start(wrong, by)).rejects.toThrow(UnknownDomainError)
    expect(await latchkey.flows.start(user, by)).toMatchObject({ type: 'form' })
  })

  it.each(['user', 'reauth', 'reconfigure'] as const)(
    'opens one %s flow for two who ask at once',
    async (source) => {
      const one = await makeHost()
      const entryId = await addEntry(one)
      const two = await one.again()
      const request = source === 'user' ? user : { source, entryId }
      const views = await Promise.all([
        one.latchkey.flows.start(request, by),
        two.latchkey.flows.start(request, by),
        one.latchkey.flows.start(request, by),
      ])
      expect(new Set(views.map(({ flowId }) => flowId)).size).toBe(1)
      expect((await one.latchkey.flows.list()).items).toHaveLength(1)
    },
  )

  it('refuses the slower of two who ask at once for different things', async () => {
    const one = await makeHost()
    const entryId = await addEntry(one)
    const two = await one.again()
    const asked = await Promise.allSettled([
      one.latchkey.flows.start(user, by),
      two.latchkey.flows.start({ source: 'reauth', entryId }, by),
    ])
    const refused = asked.filter(({ status }) => status === 'rejected')
    expect(refused).toMatchObject([{ reason: { code: 'IDEMPOTENCY_CONFLICT' } }])
    expect((await one.latchkey.flows.list()).items).toHaveLength(1)
  })

  it('reports a conflict if the other flow has already ended', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    store.onApply = async () => {
      throw new SlotTakenError('asked', 'gone')
    }
    await expect(host.latchkey.flows.start(user, by)).rejects.toMatchObject({ code: 'SLOT_TAKEN' })
  })

  it('accepts a key again after its flow was purged', async () => {
    const host = await makeHost()
    await host.latchkey.start()
    const { flows } = host.latchkey
    const { flowId } = await flows.start(user, by)
    await flows.cancel(flowId)
    await host.pass(25 * 60 * 60_000)
    const again = await flows.start(user, by)
    expect(again).toMatchObject({ type: 'form' })
    expect(again.flowId).not.toBe(flowId)
  })
})
