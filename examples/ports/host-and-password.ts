import * as z from 'zod'
import { address, defineIntegration, FormError, readJson, secret } from '../../src/index.ts'

const Session = z.object({ id: z.string(), serial: z.string(), model: z.string() })
const Devices = z.array(z.object({ name: z.string(), online: z.boolean() }))

/** A router in the local network. Its password opens a session. */
export const router = defineIntegration({
  domain: 'router',
  title: 'Example router',
  description: 'The devices in your network',
  category: 'home',
  fields: z.object({
    host: address().meta({ title: 'Host', examples: ['192.168.1.1'] }),
    password: secret().meta({ title: 'Password', description: 'It is on the sticker under the router.' }),
  }),
  texts: { en: { error: { sessions_full: 'All sessions are in use. Sign out in another app.' } } },
  async connect({ host, password }, { fetch, signal }) {
    const url = `http://${host}/session`
    const opened = await fetch(url, { method: 'POST', body: password.reveal(), signal })
    if (opened.status === 409) throw new FormError('sessions_full')
    const { id, serial, model } = await readJson(opened, Session)
    const headers = { authorization: `Bearer ${id}` }
    return {
      client: {
        devices: async () => readJson(await fetch(`http://${host}/devices`, { headers }), Devices),
      },
      uniqueId: serial,
      title: model,
      dispose: async () => void (await fetch(url, { method: 'DELETE', headers })),
    }
  },
})
