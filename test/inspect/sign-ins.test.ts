import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { StatelyInspectionEvent } from '@statelyai/inspect'
import { SimulatedClock } from 'xstate'
import { accountIntegration } from '../../examples/oidc/account.ts'
import { ExampleProvider } from '../../examples/oidc/provider.ts'
import { type Inspection, inspectWith } from '../../src/inspect/index.ts'
import type { Host } from '../engine/host.ts'
import { comeBack, linkAccount, signedInHost, signIn, startBy } from '../engine/signed-in-host.ts'
import { until } from '../stories/world.ts'
import { told, xstate4Receiver } from './viewers.ts'

let protocols: readonly string[] = []
// What a browser's build of isomorphic-ws is: the socket of the platform.
jest.unstable_mockModule('isomorphic-ws', () => ({
  default: class extends WebSocket {
    constructor(url: string) {
      super(url, [...protocols])
    }
  },
}))
const { createWebSocketReceiver } = await import('@statelyai/inspect')

let provider: ExampleProvider
let host: Host
let inspection: Inspection
beforeAll(async () => {
  provider = await ExampleProvider.start()
})
afterAll(() => provider.stop())
beforeEach(async () => {
  const clock = new SimulatedClock()
  clock.set(Date.now())
  host = await signedInHost(provider, { clock })
  inspection = await inspectWith(host.latchkey)
})
afterEach(async () => {
  await inspection.close()
  await host.latchkey.stop()
})

/** The receiver of Stately, once it listens; what it is told, as lines of one actor. */
async function receive() {
  const seen: StatelyInspectionEvent[] = []
  protocols = inspection.protocols
  createWebSocketReceiver({ server: inspection.statelyUrl }).subscribe((message) => seen.push(message))
  const flow = await startBy(host, 'browser')
  // It is there once it has been introduced to somebody.
  await until(() => seen.length > 0)
  await host.latchkey.flows.cancel(flow.flowId)
  return (id: string) =>
    seen.map(told).filter((line) => / (\S+)/.exec(` ${line.replace(/^new /, '')}`)?.[1]?.startsWith(id))
}

/** What a piece of work looks like that is done well. */
const work = (id: string, name: string): string[] => [
  `new ${id}/${name} active`,
  `${id}/${name} < xstate.promise.resolve`,
  `${id}/${name} done`,
  `${id} < xstate.done.actor.${name}`,
]

describe('the receiver of Stately', () => {
  it('shows a sign-in in a browser, beside its flow', async () => {
    const linesOf = await receive()
    const view = await startBy(host, 'browser')
    const begun = await signIn(host, view, 'alice')
    await comeBack(host, begun)
    const id = `sign-in:${view.flowId}`
    await until(() => linesOf(`flow:${view.flowId}`).at(-1)?.endsWith('"create_entry" done') === true)
    expect(linesOf(id)).toEqual([
      `new ${id} "beginningAuthorization" active`,
      ...work(id, 'beginAuthorization'),
      `${id} "redirected" active`,
      `${id} < callback`,
      `${id} "exchangingCode" active`,
      ...work(id, 'exchangeCode'),
      `${id} "authorized" done`,
    ])
  })

  it('shows one that is begun anew, and one whose flow is cancelled, as over', async () => {
    const linesOf = await receive()
    const view = await startBy(host, 'browser')
    await signIn(host, view, 'alice')
    await signIn(host, await host.latchkey.flows.get(view.flowId), 'alice')
    await host.latchkey.flows.cancel(view.flowId)
    const id = `sign-in:${view.flowId}`
    await until(() => linesOf(`flow:${view.flowId}`).at(-1)?.endsWith('"abort" done') === true)
    const begun = [
      `new ${id} "beginningAuthorization" active`,
      ...work(id, 'beginAuthorization'),
      `${id} "redirected" active`,
      `${id} < xstate.stop`,
      `${id} "redirected" stopped`,
    ]
    expect(linesOf(id)).toEqual([...begun, ...begun])
  })

  it('shows a sign-in by a code, and meets one that is under way', async () => {
    const { flowId } = await startBy(host, 'device')
    await host.latchkey.flows.poll(flowId)
    await inspection.close()
    inspection = await inspectWith(host.latchkey)
    const linesOf = await receive()
    host.clock.increment(5_000)
    await host.latchkey.flows.poll(flowId)
    const id = `sign-in:${flowId}`
    await until(() => linesOf(id).length === 8)
    expect(linesOf(id)).toEqual([
      `new ${id} "showing_code" active`,
      `${id} < poll`,
      `${id} "pollingToken" active`,
      ...work(id, 'pollToken'),
      `${id} "showing_code" active`,
    ])
  })

  it('shows the token of an entry as it is renewed, until the entry is removed', async () => {
    const linesOf = await receive()
    const entryId = await linkAccount(host, 'alice')
    const { entries } = host.latchkey
    const account = accountIntegration(provider.issuer)
    // Its token lives for a minute, and is renewed a minute before it ends: at each call.
    host.clock.increment(1_000)
    await entries.use(account, entryId, (client) => client.profile())
    await entries.remove(entryId)
    const id = `token:${entryId}`
    await until(() => linesOf(id).at(-1)?.endsWith('stopped') === true)
    const lines = linesOf(id)
    expect(lines.slice(0, 18)).toEqual([
      `new ${id} "fresh" active`,
      `${id} < due`,
      `${id} {"refreshing":"claimingLease"} active`,
      ...work(id, 'claimLease'),
      `${id} {"refreshing":"askingService"} active`,
      ...work(id, 'refreshToken'),
      `${id} {"refreshing":"savingToken"} active`,
      ...work(id, 'saveToken'),
      `${id} "fresh" active`,
    ])
    expect(lines.slice(-2)).toEqual([`${id} < xstate.stop`, `${id} "fresh" stopped`])
  })
})

describe('the receiver of @xstate/inspect', () => {
  it('parses the charts of sign-ins and tokens, on XState 4', async () => {
    const { messages, begun, stop } = xstate4Receiver(inspection)
    try {
      const device = await startBy(host, 'device')
      await begun()
      await host.latchkey.flows.poll(device.flowId)
      const entryId = await linkAccount(host, 'alice')
      await host.latchkey.entries.use(accountIntegration(provider.issuer), entryId, (client) =>
        client.profile(),
      )
      await until(() => messages.some(({ sessionId }) => sessionId === `token:${entryId}`))
      const states = messages.filter(({ value }) => value !== undefined)
      for (const { value, isState, resolved } of states) {
        expect({ isState, resolved }).toEqual({ isState: true, resolved: value })
      }
      const shown = messages.flatMap(({ machine }) => machine ?? [])
      expect(shown).toEqual(expect.arrayContaining(['authorizationCode', 'deviceCode', 'token']))
    } finally {
      await stop()
    }
  })
})
