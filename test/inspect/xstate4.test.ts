import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { until } from '../stories/world.ts'
import { InspectedWorld } from './inspected-host.ts'
import { xstate4Receiver } from './viewers.ts'

let at: InspectedWorld
beforeEach(async () => {
  at = new InspectedWorld()
  await at.begin()
})
afterEach(() => at.end())

describe('the receiver of @xstate/inspect', () => {
  it('parses all charts and states of a whole reauthentication with XState 4', async () => {
    const { messages, begun, stop } = xstate4Receiver(at.inspection)
    at.atEnd(stop)
    // Connected once an actor was announced.
    await at.userFlow()
    await begun()
    const { flowId, entryId } = await at.reauthenticate()
    const flow = `flow:${flowId}`
    const of = (id: string) => messages.filter(({ sessionId }) => sessionId === id)
    await until(() => of(flow).some(({ type }) => type === 'service.stop'))
    const states = messages.filter(({ value }) => value !== undefined)
    expect(states.length).toBeGreaterThan(30)
    for (const { value, isState, resolved } of states) {
      expect({ isState, resolved }).toEqual({ isState: true, resolved: value })
    }
    expect(of(flow)[0]).toMatchObject({
      type: 'service.register',
      id: flow,
      machine: 'configFlow',
      value: 'findingEntry',
      tags: ['working'],
      next: ['cancel', 'entryRemoved', 'entryDisabled', 'done.invoke.findEntry', 'error.platform.findEntry'],
    })
    expect(of(flow)[0]?.states).toContain('checkingConnection')
    expect(of(flow).flatMap(({ event = [] }) => event)).toEqual([
      'done.invoke.findEntry',
      'submit',
      'done.invoke.checkConnection',
      'submit',
      'done.invoke.checkConnection',
      'done.invoke.updateEntry',
      'done.invoke.reloadEntry',
    ])
    expect(of(flow).flatMap(({ type, value }) => (type === 'service.state' ? [value] : []))).toEqual([
      { asking: 'reauth_confirm' },
      'checkingConnection',
      { asking: 'reauth_confirm' },
      'checkingConnection',
      'updatingEntry',
      'reloadingEntry',
      'abort',
    ])
    expect(of(flow).at(-1)?.type).toBe('service.stop')
    expect(of(`${flow}/checkConnection`).map(({ type, parent, value }) => [type, parent, value])).toEqual(
      [1, 2].flatMap(() => [
        ['service.register', flow, 'active'],
        ['service.event', undefined, undefined],
        ['service.state', undefined, 'done'],
        ['service.stop', undefined, undefined],
      ]),
    )
    expect(of(`entry:${entryId}`).some(({ type }) => type === 'service.stop')).toBe(false)
    expect(of(`entry:${entryId}`)[0]).toMatchObject({ machine: 'configEntry' })
  })
})
