import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { defineIntegration } from '../../../src/authoring/integration.ts'
import { changedFields } from '../../../src/engine/records/history-detail.ts'
import { addEntry, asForm, makeHost } from '../host.ts'

const none: ReadonlySet<string> = new Set()

describe('the change in a history row', () => {
  it('of a renamed entry has both titles', async () => {
    const { latchkey, ...host } = await makeHost()
    const entryId = await addEntry({ latchkey, ...host })
    const { title: before } = await latchkey.entries.get(entryId)
    await latchkey.entries.update(entryId, { title: 'Kitchen' })
    const { items } = await latchkey.history(entryId, { order: 'newest', limit: 1 })
    expect(items).toMatchObject([
      { kind: 'entry_renamed', detail: { field: 'title', before, after: 'Kitchen' } },
    ])
  })

  it('of changed options has the values of one field, and the names of several', async () => {
    const host = await makeHost()
    const options = z.object({ interval: z.int().default(60), note: z.string().optional() })
    const withThem = defineIntegration({ ...host.service.integration, options })
    const { latchkey, service } = await host.again({ integrations: [withThem] })
    const entryId = await addEntry({ latchkey, service })
    const detail = async (input: object) => {
      const { flowId, revision } = asForm(await latchkey.flows.start({ source: 'options', entryId }))
      await latchkey.flows.submit(flowId, input, { revision })
      const query = { order: 'newest', kinds: ['options_changed'] } as const
      return (await latchkey.history(entryId, query)).items[0]?.detail
    }
    expect(await detail({ interval: 5 })).toEqual({ field: 'interval', after: '5' })
    expect(await detail({ interval: 7 })).toEqual({ field: 'interval', before: '5', after: '7' })
    expect(await detail({ interval: 6, note: 'hall' })).toEqual({ field: 'interval, note' })
  })

  it('never has the value of a secret', () => {
    expect(changedFields({ pin: '1' }, { pin: '2' }, new Set(['pin']))).toEqual({ detail: { field: 'pin' } })
  })

  it('has no value of a list, and no value that is new', () => {
    expect(changedFields({ hosts: ['a'] }, { hosts: ['b'] }, none)).toEqual({ detail: { field: 'hosts' } })
    expect(changedFields({}, { on: true }, none)).toEqual({ detail: { field: 'on', after: 'true' } })
    expect(changedFields({ on: true }, {}, none)).toEqual({ detail: { field: 'on', before: 'true' } })
  })

  it('is absent if nothing changed', () => {
    expect(changedFields({ a: 1 }, { a: 1 }, none)).toEqual({})
  })
})
