import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { defineIntegration, InvalidAuthError, secret } from '../../../src/index.ts'
import { makeHost } from '../host.ts'

const integrationWith = (key: z.ZodType, accepts: boolean) =>
  defineIntegration({
    domain: 'keyed',
    title: 'Keyed',
    fields: z.object({ user: z.string(), key }),
    subentries: { place: { title: 'Place', fields: z.object({ key }), name: () => ({ title: 'Home' }) } },
    connect: async ({ user }) => {
      if (!accepts) throw new InvalidAuthError()
      return { client: null, uniqueId: user }
    },
  })

describe('a field that becomes a secret', () => {
  it('is no longer shown by the forms of an entry, a sub-entry or an older flow', async () => {
    const host = await makeHost({ integrations: [integrationWith(z.string(), true)] })
    const { flows } = host.latchkey
    const input = { user: 'u', key: 'a plain key' }
    const first = await flows.start({ domain: 'keyed', source: 'user' })
    const { entryId } = await flows.submit(first.flowId, input, first)
    const about = { source: 'subentry', entryId: entryId ?? '' } as const
    const place = await flows.start({ ...about, type: 'place' })
    const { subentry } = await flows.submit(place.flowId, { key: 'a plain key' }, place)
    const subentryId = subentry?.subentryId ?? ''
    expect(await flows.start({ ...about, subentryId })).toMatchObject({ values: { key: 'a plain key' } })
    await host.latchkey.stop()
    const between = await host.again({ integrations: [integrationWith(z.string(), false)] })
    const open = await between.latchkey.flows.start({ domain: 'keyed', source: 'user' })
    const refused = await between.latchkey.flows.submit(open.flowId, { ...input, user: 'v' }, open)
    expect(refused).toMatchObject({ values: { key: 'a plain key' } })
    await between.latchkey.stop()

    const { latchkey } = await host.again({ integrations: [integrationWith(secret(), true)] })
    const shown = [
      await latchkey.flows.get(open.flowId),
      await latchkey.flows.start({ source: 'reconfigure', entryId: entryId ?? '' }),
      await latchkey.flows.start({ ...about, subentryId }),
    ]
    expect(shown.map(({ type }) => type)).toEqual(['form', 'form', 'form'])
    expect(JSON.stringify(shown)).not.toContain('a plain key')
    await latchkey.stop()
  })
})
