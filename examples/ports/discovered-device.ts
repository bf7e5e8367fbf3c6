import * as z from 'zod'
import { address, assertOk, defineIntegration, readJson } from '../../src/index.ts'

const Info = z.object({ mac: z.string(), name: z.string() })

/** A lamp in the local network. It needs no sign-in, announces itself, and pushes its changes. */
export const lamp = defineIntegration({
  domain: 'lamp',
  title: 'Example lamp',
  description: 'Light in the local network',
  category: 'home',
  fields: z.object({ host: address().meta({ title: 'Host' }) }),
  stayConnected: true,
  discovery: { followAddress: true }, // there is no secret that a wrong device could receive
  async connect({ host }, { fetch, signal, lost }) {
    const { mac, name } = await readJson(await fetch(`http://${host}/info`, { signal }), Info)
    const closed = new AbortController()
    const ended = AbortSignal.any([signal, closed.signal])
    const events = assertOk(await fetch(`http://${host}/events`, { signal: ended }))
    let isOn = false
    const listen = async () => {
      for await (const bytes of events.body ?? []) isOn = new TextDecoder().decode(bytes).endsWith('on\n')
    }
    listen().then(lost, lost)
    return {
      client: { isOn: () => isOn },
      uniqueId: mac.toLowerCase(),
      title: name,
      dispose: () => closed.abort(),
    }
  },
})
