import { SimulatedClock } from 'xstate'
import { type NodeNetwork, nodeNetwork } from '../../../src/adapters/node/node-network.ts'
import type { WebhookDelivery } from '../../../src/engine/api/webhooks.ts'
import type { Lookup } from '../../../src/ports/network.ts'
import { type Host, type HostOptions, makeHost } from '../host.ts'
import { HookServer, until } from './hook-server.ts'

/** A host with a server that receives its webhooks. */
export interface WebhookHost extends Host {
  readonly server: HookServer
  readonly network: NodeNetwork
  /** Adds a webhook to the server, with its secret. */
  hook(changes?: object): Promise<{ readonly id: string; readonly secret: string }>
  /** Lets the engine queue and deliver, until nothing is under way. */
  deliver(): Promise<void>
  deliveries(id: string): Promise<readonly WebhookDelivery[]>
  close(): Promise<void>
}

const open: WebhookHost[] = []

/** Closes all hosts of the test. */
export async function closeHosts(): Promise<void> {
  for (const host of open.splice(0)) await host.close()
}

/** Makes a host whose time starts now: receivers compare the time of a signature with their own. */
export async function makeWebhookHost({
  resolve,
  ...options
}: HostOptions & { readonly resolve?: Lookup } = {}): Promise<WebhookHost> {
  const server = await new HookServer().open()
  const clock = new SimulatedClock()
  clock.set(Date.now())
  const network = nodeNetwork({ allow: 'any', plainHttp: true, ...(resolve !== undefined && { resolve }) })
  const host = await makeHost({ network, clock, ...options })
  await host.latchkey.start()
  const { webhooks } = host.latchkey
  const deliveries = async (id: string) => (await webhooks.deliveries(id, { limit: 1_000 })).items
  const made: WebhookHost = {
    ...host,
    server,
    network,
    deliveries,
    hook: async (changes = {}) => {
      const { webhook, secret } = await webhooks.add({ url: server.url, ...changes })
      return { id: webhook.webhookId, secret }
    },
    deliver: async () => {
      // One turn of the tasks queues, and the next one sends.
      for (let turn = 0; turn < 3; turn++) {
        await host.pass(2_000)
        await until(async () => {
          const { items } = await webhooks.list()
          const all = await Promise.all(items.map(({ webhookId }) => deliveries(webhookId)))
          return !all.flat().some(({ state }) => state === 'sending')
        })
        await host.pass(0)
      }
    },
    close: async () => {
      await host.latchkey.stop()
      await network.close()
      await server.close()
    },
  }
  open.push(made)
  return made
}
