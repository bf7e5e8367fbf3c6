/**
 * A host in a separate process, on a database that other processes have open: `node host-child.ts <store>`. With `later`
 * as the second argument, the leases of the others have lapsed for it.
 */
import { createLatchkey, ReauthRequiredError } from '../../src/index.ts'
import type { Answer } from '../../src/testing/scripted-service.ts'
import { answerCalls } from './answer-calls.ts'
import { laterClock } from './later-clock.ts'
import { mendedService } from './mended-service.ts'
import { openStoreAt } from './store-at.ts'

const service = mendedService()
const { integration } = service
const store = openStoreAt(process.argv[2] ?? '')
const clock = process.argv[3] === 'later' ? { clock: laterClock } : {}
const latchkey = await createLatchkey({ integrations: [integration], store, ...clock })

const ping = (entryId: string, waitForReauth = false) =>
  latchkey.entries.use(integration, entryId, (client) => client.ping(), { waitForReauth })

/** The calls of the test. Each answers with JSON. */
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
  /** This many parallel calls, each waiting for a user if one is needed. */
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
  /** One call of each entry, all at once. Returns the reauthentication flow of each, or the error. */
  failEach: async (entryIds: readonly string[]) => {
    const calls = await Promise.allSettled(entryIds.map((entryId) => ping(entryId)))
    return calls.map((call) => {
      if (call.status === 'fulfilled') return call.value
      return call.reason instanceof ReauthRequiredError ? call.reason.flowId : String(call.reason)
    })
  },
  unload: (entryId: string) => latchkey.entries.unload(entryId),
  get: (flowId: string) => latchkey.flows.get(flowId),
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

/** The calls of a host in another process. */
export type HostCalls = typeof calls

answerCalls(calls)
