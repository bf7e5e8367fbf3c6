import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { StatelyInspectionEvent } from '@statelyai/inspect'
import { until } from '../stories/world.ts'
import { InspectedWorld } from './inspected-host.ts'
import { lineOf } from './viewers.ts'

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

let at: InspectedWorld
beforeEach(async () => {
  at = new InspectedWorld()
  await at.begin()
})
afterEach(() => at.end())

describe('the receiver of Stately', () => {
  const seen: StatelyInspectionEvent[] = []
  const receive = () => {
    seen.length = 0
    protocols = at.inspection.protocols
    createWebSocketReceiver({ server: at.inspection.statelyUrl }).subscribe((message) => seen.push(message))
  }
  beforeEach(async () => {
    receive()
    // Connected once an actor was announced.
    const { flowId } = await at.userFlow()
    await until(() => seen.length > 0)
    await at.home.flows.cancel(flowId)
  })

  it('shows a whole reauthentication with constant ids of the flow and the entry', async () => {
    const { flowId, entryId } = await at.reauthenticate()
    const flow = `flow:${flowId}`
    const entry = `entry:${entryId}`
    await until(() => seen.some((message) => lineOf(message) === `${flow} "abort" done`))
    const lines = seen.map(lineOf)
    expect(lines.filter((line) => line.includes(flow))).toEqual([
      `new ${flow} "findingEntry" active`,
      `new ${flow}/findEntry active`,
      `${flow}/findEntry < xstate.promise.resolve`,
      `${flow}/findEntry done`,
      `${flow} < xstate.done.actor.findEntry`,
      `${flow} {"asking":"reauth_confirm"} active`,
      `${flow} < submit`,
      `${flow} "checkingConnection" active`,
      `new ${flow}/checkConnection active`,
      `${flow}/checkConnection < xstate.promise.resolve`,
      `${flow}/checkConnection done`,
      `${flow} < xstate.done.actor.checkConnection`,
      `${flow} {"asking":"reauth_confirm"} active`,
      `${flow} < submit`,
      `${flow} "checkingConnection" active`,
      `new ${flow}/checkConnection active`,
      `${flow}/checkConnection < xstate.promise.resolve`,
      `${flow}/checkConnection done`,
      `${flow} < xstate.done.actor.checkConnection`,
      `${flow} "updatingEntry" active`,
      `new ${flow}/updateEntry active`,
      `${flow}/updateEntry < xstate.promise.resolve`,
      `${flow}/updateEntry done`,
      `${flow} < xstate.done.actor.updateEntry`,
      `${flow} "reloadingEntry" active`,
      `new ${flow}/reloadEntry active`,
      `${flow}/reloadEntry < xstate.promise.resolve`,
      `${flow}/reloadEntry done`,
      `${flow} < xstate.done.actor.reloadEntry`,
      `${flow} "abort" done`,
    ])
    expect(lines.filter((line) => line.includes(entry))).toEqual([
      `new ${entry} "not_loaded" active`,
      `${entry} < adopt`,
      `${entry} {"loaded":"running"} active`,
      `${entry} < authFailed`,
      `${entry} {"loaded":"probing"} active`,
      `new ${entry}/probeEntry active`,
      `${entry}/probeEntry < xstate.promise.resolve`,
      `${entry}/probeEntry done`,
      `${entry} < xstate.done.actor.probeEntry`,
      `${entry} {"reauth_required":"recordingNeed"} active`,
      `new ${entry}/requireReauth active`,
      `${entry}/requireReauth < xstate.promise.resolve`,
      `${entry}/requireReauth done`,
      `${entry} < xstate.done.actor.requireReauth`,
      `${entry} {"reauth_required":"waiting"} active`,
      `${entry} < adopt`,
      `${entry} {"loaded":"running"} active`,
    ])
  })

  it('receives the chart, the parent and the cause of each state', async () => {
    const { flowId, entryId } = await at.reauthenticate()
    const flow = `flow:${flowId}`
    const of = (line: string) => seen.find((message) => lineOf(message) === line)
    await until(() => of(`${flow} "abort" done`) !== undefined)
    const about = { domain: 'scripted', source: 'reauth', entryId }
    expect(of(`new ${flow} "findingEntry" active`)).toMatchObject({
      name: flow,
      rootId: flow,
      snapshot: { context: { ...about, codes: [] }, tags: ['working'] },
      _version: '0.7.2',
    })
    const { definition } = of(`new ${flow} "findingEntry" active`) as { definition: string }
    expect(JSON.parse(definition)).toMatchObject({ id: 'configFlow', initial: 'start' })
    expect(of(`new ${flow}/checkConnection active`)).toMatchObject({
      name: 'checkConnection',
      parentId: flow,
      rootId: flow,
      definition: '{"id":"checkConnection"}',
    })
    expect(of(`${flow} < xstate.done.actor.checkConnection`)).toMatchObject({
      event: { type: 'xstate.done.actor.checkConnection' },
      sourceId: `${flow}/checkConnection`,
    })
    const refused = seen.filter(
      (message) => lineOf(message) === `${flow} {"asking":"reauth_confirm"} active`,
    )[1]
    expect(refused).toMatchObject({ snapshot: { context: { ...about, codes: ['invalid_auth'] } } })
    expect(of(`${flow} "abort" done`)).toMatchObject({
      snapshot: { context: { ...about, codes: ['reauth_successful'] } },
    })
    expect(of(`entry:${entryId} {"reauth_required":"waiting"} active`)).toMatchObject({
      snapshot: { context: { domain: 'scripted', codes: ['invalid_auth'] } },
    })
  })

  it('shows one actor across restarts of the engine', async () => {
    const entryId = await at.addEntry()
    const form = await at.userFlow()
    await at.inspection.close()
    await at.world.restart()
    await at.inspect()
    receive()
    await until(() => seen.length === 2)
    expect(await at.submit(form, at.wrong)).toMatchObject({ type: 'form' })
    const flow = `flow:${form.flowId}`
    await until(() => seen.length === 9)
    expect(seen.map(lineOf)).toEqual([
      `new entry:${entryId} {"loaded":"running"} active`,
      `new ${flow} {"asking":"user"} active`,
      `${flow} < submit`,
      `${flow} "checkingConnection" active`,
      `new ${flow}/checkConnection active`,
      `${flow}/checkConnection < xstate.promise.resolve`,
      `${flow}/checkConnection done`,
      `${flow} < xstate.done.actor.checkConnection`,
      `${flow} {"asking":"user"} active`,
    ])
    expect(seen[1]).toMatchObject({
      snapshot: { context: { domain: 'scripted', source: 'user', entryId: null, codes: [] } },
    })
  })
})
