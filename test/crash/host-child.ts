/** A host in a process of its own, on a database that others have open as well: `node host-child.ts <path>`. */
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey } from '../../src/index.ts'
import type { Answer } from '../../src/testing/scripted-service.ts'
import { answerCalls } from './answer-calls.ts'
import { mendedService } from './mended-service.ts'

const service = mendedService()
const { integration } = service
const store = sqliteStore(process.argv[2] ?? '')
const latchkey = await createLatchkey({ integrations: [integration], store })

const ping = (entryId: string, waitForReauth = false) =>
  latchkey.entries.use(integration, entryId, (client) => client.ping(), { waitForReauth })

/** What the test may ask for; each answers with JSON. */
const calls = {
  load: () => latchkey.start(),
  stop: () => latchkey.stop(),
  list: async () => (await latchkey.entries.list()).items,
  start: (source: 'user' | 'reauth' | 'reconfigure', entryId: string) =>
    latchkey.flows.start(source === 'user' ? { domain: integration.domain, source } : { source, entryId }),
  cancel: (flowId: string) => latchkey.flows.cancel(flowId),
  submit: (flowId: string, input: unknown, revision: number) =>
    latchkey.flows.submit(flowId, input, { revision }),
  use: (entryId: string) => ping(entryId),
  /** So many calls at once, each waiting for a person where one is needed. */
  wait: (entryId: string, count: number) =>
    Promise.all(Array.from({ length: count }, () => ping(entryId, true))),
  /** So many calls at once; how many ended how. */
  fail: async (entryId: string, count: number) => {
    const calls = await Promise.allSettled(Array.from({ length: count }, () => ping(entryId)))
    const endings: Record<string, number> = {}
    for (const call of calls) {
      const ending = call.status === 'fulfilled' ? 'ok' : JSON.stringify(call.reason)
      endings[ending] = (endings[ending] ?? 0) + 1
    }
    return endings
  },
  /** The service takes these tokens of the account from now on, and answers by this script first. */
  accept: async (tokens: readonly string[], ...script: readonly Answer[]) => {
    service.accounts.clear()
    for (const token of tokens) service.accounts.set(token, 'account')
    service.script(...script)
  },
  release: async () => service.release(),
  tokens: async () => service.connects.splice(0).map(({ token }) => token),
  open: async () => service.open,
}

/** The calls of a host that runs elsewhere. */
export type HostCalls = typeof calls

answerCalls(calls)
