import * as z from 'zod'
import { defineIntegration } from '../../src/authoring/integration.ts'
import { secret } from '../../src/authoring/secret.ts'
import type { ScriptedClient } from '../../src/testing/scripted-service.ts'
import type { FormView, View } from '../../src/view.ts'
import { addEntry, asForm, type HostOptions, makeHost } from './host.ts'

const room = z.object({ name: z.string().min(1).meta({ title: 'Name' }), floor: z.int().optional() })
const feed = z.object({ url: z.string().meta({ title: 'Address' }), key: secret().meta({ title: 'Key' }) })

/**
 * A host with a loaded entry. Its integration has rooms, named by their input, and feeds, checked on the entry's
 * connection. `seen` lists the sub-entries that each connect received.
 */
export async function withSubentries(more: HostOptions = {}) {
  const host = await makeHost(more)
  const seen: unknown[][] = []
  const { domain, title, fields, challenges, connect } = host.service.integration
  const checks: ((client: ScriptedClient, url: string) => unknown)[] = []
  const withThem = defineIntegration({
    domain,
    title,
    fields,
    ...(challenges && { challenges }),
    connect: (values, context) => {
      seen.push(
        context.subentries.map((under) =>
          under.type === 'feed'
            ? { ...under, values: { ...under.values, key: under.values.key.reveal() } }
            : under,
        ),
      )
      return connect(values, { ...context, subentries: [] })
    },
    subentries: {
      room: {
        title: 'Room',
        fields: room,
        reconfigure: ['name'],
        name: ({ name }) => ({ title: name, uniqueId: name.toLowerCase() }),
      },
      feed: {
        title: 'Feed',
        fields: feed,
        check: async ({ url }, { client }) => {
          const scripted = await checks.shift()?.(client, url)
          if (scripted !== undefined) return scripted as { error: string }
          await client.ping()
          return { title: `Feed of ${url}`, uniqueId: url }
        },
      },
    },
  })
  const own = await host.again({ integrations: [withThem] })
  const entryId = await addEntry(own)
  const { flows, entries } = own.latchkey
  const add = async (type: string, input: object): Promise<View> => {
    const form = asForm(await flows.start({ source: 'subentry', entryId, type }))
    return flows.submit(form.flowId, input, form)
  }
  const openChange = async (subentryId: string): Promise<FormView> =>
    asForm(await flows.start({ source: 'subentry', entryId, subentryId }))
  const change = async (subentryId: string, input: object): Promise<View> => {
    const form = await openChange(subentryId)
    return flows.submit(form.flowId, input, form)
  }
  const listed = async () => (await entries.get(entryId)).subentries
  const idOf = async (title: string) =>
    (await listed()).find((under) => under.title === title)?.subentryId ?? 'none'
  return { ...own, withThem, seen, checks, entryId, add, change, openChange, listed, idOf }
}
