import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { StatelyInspectionEvent } from '@statelyai/inspect'
import { SimulatedClock } from 'xstate'
import { accountIntegration } from '../../examples/oidc/account.ts'
import { ExampleProvider } from '../../examples/oidc/provider.ts'
import { type Inspection, inspectWith } from '../../src/inspect/index.ts'
import type { Host } from '../engine/host.ts'
import { comeBack, linkAccount, signedInHost, signIn, startBy } from '../engine/signed-in-host.ts'
import { until } from '../stories/world.ts'
import { lineOf, xstate4Receiver } from './viewers.ts'

let protocols: readonly string[] = []
// The browser build of isomorphic-ws: the platform's WebSocket.
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

/** Connects the receiver of Stately. @returns its events, as lines per actor */
async function receive() {
  const seen: StatelyInspectionEvent[] = []
  protocols = inspection.protocols
  createWebSocketReceiver({ server: inspection.statelyUrl }).subscribe((message) => seen.push(message))
  const flow = await startBy(host, 'browser')
  // Connected once an actor was announced.
  await until(() => seen.length > 0)
  await host.latchkey.flows.cancel(flow.flowId)
  return (id: string) =>
    seen.map(lineOf).filter((line) => / (\S+)/.exec(` ${line.replace(/^new /, '')}`)?.[1]?.startsWith(id))
}

/** The lines of successful work. */
const work = (id: string, name: string): string[] => [
  `new ${id}/${name} active`,
  `${id}/${name} < xstate.promise.resolve`,
  `${id}/${name} done`,
  `${id} < xstate.done.actor.${name}`,
]

describe('the receiver of Stately', () => {
  it('shows a sign-in in a browser next to its flow', async () => {
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

  it('shows the end of a restarted sign-in, and of one whose flow is cancelled', async () => {
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

  it('shows a sign-in with a code, and announces one in progress', async () => {
    const { flowId } = await startBy(host, 'device')
    await host.latchkey.flows.poll(flowId)
    await inspection.close()
    inspection = await inspectWith(host.latchkey)
    const linesOf = await receive()
    host.clock.increment(5_000)
    await host.latchkey.flows.poll(flowId)
    const id = `sign-in:${flowId}`
    await until(() => linesOf(id).length === 13)
    expect(linesOf(id)).toEqual([
      `new ${id} "showing_code" active`,
      `${id} < poll`,
      `${id} "claimingPoll" active`,
      ...work(id, 'claimPoll'),
      `${id} "pollingToken" active`,
      ...work(id, 'pollToken'),
      `${id} "showing_code" active`,
    ])
  })

  it('shows the token of an entry while it is refreshed, until the entry is removed', async () => {
    const linesOf = await receive()
    const entryId = await linkAccount(host, 'alice')
    const { entries } = host.latchkey
    const account = accountIntegration(provider.issuer)
    // The token lives for a minute and is refreshed a minute before it expires: at each call.
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
  it('parses the charts of sign-ins and tokens with XState 4', async () => {
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
