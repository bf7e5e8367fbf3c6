import * as z from 'zod'
import { latchkeyHandler } from '../../src/http/index.ts'
import { createLatchkey, type FormView, memoryStore, type View } from '../../src/index.ts'
import { ScriptedService } from '../../src/testing/index.ts'

/** The ids of the prepared entries and flows. */
export interface Ids {
  /** `loaded` is loaded, `broken` needs a new credential, `edited` is being reconfigured, `off` is disabled. */
  readonly entries: Readonly<Record<'loaded' | 'broken' | 'edited' | 'off', string>>
  readonly flows: Readonly<
    Record<'user' | 'found' | 'reauth' | 'reconfigure' | 'challenged' | 'ended', FormView>
  >
  /** The sub-entry of `loaded`. */
  readonly room: string
  readonly webhook: string
  /** The token of a repair link for `broken`. */
  readonly link: string
}

/** Creates a host with a record for each operation. */
export async function createFixtures() {
  const room = {
    title: 'Room',
    fields: z.object({ name: z.string() }),
    name: ({ name }: Record<string, unknown>) => ({ title: String(name) }),
  }
  const service = new ScriptedService({ subentries: { room } })
  const network = { fetch: async () => new Response(null, { status: 204 }) }
  const latchkey = await createLatchkey({
    integrations: [service.integration],
    store: memoryStore(),
    network,
  })
  const handler = latchkeyHandler(latchkey, { links: { key: new Uint8Array(32).fill(7) } })
  const { flows, entries } = latchkey
  const open = async (): Promise<FormView> => form(await flows.start({ domain: 'scripted', source: 'user' }))
  const submit = ({ flowId, revision }: FormView, input: object) => flows.submit(flowId, input, { revision })
  const link = async (token: string) => {
    service.accounts.set(token, `account of ${token}`)
    const view = await submit(await open(), { host: 'hub', token })
    return view.entryId ?? ''
  }
  const [loaded, broken, edited, off] = [
    await link('one'),
    await link('two'),
    await link('three'),
    await link('four'),
  ]
  const under = form(await flows.start({ source: 'subentry', entryId: loaded, type: 'room' }))
  await submit(under, { name: 'Hall' })
  const [hall] = (await entries.get(loaded)).subentries
  await entries.disable(off)
  service.accounts.delete('two')
  await entries.use(service.integration, broken, (client) => client.ping()).catch(() => {})
  const { items } = await flows.list({ entryId: broken })
  const reauth = form(items[0])
  const reconfigure = form(await flows.start({ source: 'reconfigure', entryId: edited }))
  service.script({ challenge: 'otp' })
  const challenged = form(await submit(await open(), { host: 'hub', token: 'five' }))
  const ended = await open()
  await flows.cancel(ended.flowId)
  const user = await open()
  const discovery = { uniqueId: 'device', values: { host: 'hub' } }
  const found = form(await flows.start({ domain: 'scripted', source: 'discovery', discovery }))
  service.accounts.set('new', 'account of two')
  const response = await handler(
    new Request(`http://localhost/entries/${broken}/links`, {
      method: 'POST',
      headers: { authorization: `Bearer ${handler.startToken}` },
    }),
  )
  const { url } = (await response.json()) as { url: string }
  const { webhook } = await latchkey.webhooks.add({ url: 'https://hooks.example/' })
  const ids: Ids = {
    entries: { loaded, broken, edited, off },
    flows: { user, found, reauth, reconfigure, challenged, ended },
    room: hall?.subentryId ?? '',
    webhook: webhook.webhookId,
    link: url.split('/link/')[1] ?? '',
  }
  const end = async () => {
    handler.close()
    await latchkey.stop()
  }
  return { handler, latchkey, ids, end }
}

export type Fixtures = Awaited<ReturnType<typeof createFixtures>>

function form(view: View | undefined): FormView {
  if (view?.type !== 'form') throw new Error(`A form was expected, not ${JSON.stringify(view)}.`)
  return view
}
