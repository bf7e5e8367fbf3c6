import * as z from 'zod'
import {
  CannotConnectError,
  createLatchkey,
  defineIntegration,
  InvalidAuthError,
  type Latchkey,
  memoryStore,
  secret,
} from '../../src/index.ts'

/** Hosts that reject the credential, or do not respond. The others accept it. */
type Answers = Map<string, 'rejected' | 'down'>

const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="#3b5bdb"/><path d="M6 15l6-6 6 6M8.5 13.5V19h7v-5.5" fill="none" stroke="#fff" stroke-width="1.8"/></svg>',
)}`

/**
 * Starts Latchkey with connections of several services in memory. Of the second service every fourth connection needs a sign-in, of
 * the third every fourth does not respond, and of the fourth one is disabled.
 */
export async function manyConnections(services: readonly string[], count: number): Promise<Latchkey> {
  const answers: Answers = new Map()
  const fields = z.object({ host: z.string(), token: secret() })
  const integrations = services.map((title, at) =>
    defineIntegration({
      domain: `service_${at}`,
      title,
      fields,
      ...(at === 0 && { icon: ICON }),
      connect: async ({ host }) => {
        if (answers.get(host) === 'rejected') throw new InvalidAuthError()
        if (answers.get(host) === 'down') throw new CannotConnectError()
        return { client: {}, uniqueId: host, title: `Connection ${host}`, address: host }
      },
    }),
  )
  const latchkey = await createLatchkey({ integrations, store: memoryStore() })
  for (let at = 0; at < count; at++) {
    const service = at % services.length
    const host = `192.168.${at >> 8}.${at & 255}`
    const form = await latchkey.flows.start({ domain: `service_${service}`, source: 'user' })
    const end = await latchkey.flows.submit(
      form.flowId,
      { host, token: 'token' },
      { revision: form.revision },
    )
    const { entryId } = end
    if (entryId === null || Math.floor(at / services.length) % 4 !== 1) continue
    if (service === 1 || service === 2) {
      answers.set(host, service === 1 ? 'rejected' : 'down')
      await latchkey.entries.reload(entryId)
    } else if (service === 3) await latchkey.entries.disable(entryId)
  }
  return latchkey
}
