import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type LatchkeyEvents, memoryStore, type ScopedLatchkey } from '../../src/index.ts'
import { Inspector } from '../../src/inspect/inspector.ts'
import type { ShownActor } from '../../src/inspect/shown-actor.ts'
import { until, World } from '../stories/world.ts'

let world: World
const inspectors: Inspector[] = []
beforeEach(async () => {
  const store = memoryStore()
  world = new World(() => store)
  world.service.accounts.set('right', 'me')
  await world.begin()
})
afterEach(async () => {
  for (const inspector of inspectors.splice(0)) inspector.stop()
  await world.stop()
})

const flows = () => world.scope('home').flows
const userFlow = () => flows().start({ domain: 'scripted', source: 'user' })

async function inspect(latchkey: ScopedLatchkey = world.scope('home')) {
  const lines: string[] = []
  const line = ({ id, state, status, event }: ShownActor) => lines.push(`${id} ${state} ${status} ${event}`)
  const inspector = new Inspector(line)
  inspectors.push(inspector)
  await inspector.start(latchkey)
  return { inspector, lines }
}

describe('Inspector', () => {
  it('announces a flow that is working, and reports the cancelled work', async () => {
    const form = await userFlow()
    world.service.script({ hangs: true })
    const submitted = flows().submit(form.flowId, { host: 'hub', token: 'right' }, form)
    await until(() => world.service.connects.length === 1)
    const { lines } = await inspect()
    await flows().cancel(form.flowId)
    await submitted
    const flow = `flow:${form.flowId}`
    expect(lines).toEqual([
      `${flow} checkingConnection active xstate.init`,
      `${flow}/checkConnection active active xstate.init`,
      `${flow}/checkConnection stopped stopped xstate.stop`,
      `${flow} abort done cancel`,
    ])
  })

  it('reports failed work without its message', async () => {
    const form = await userFlow()
    const { lines } = await inspect()
    world.store.before('apply', 1, () => {
      throw new Error('a message')
    })
    await flows().submit(form.flowId, { host: 'hub', token: 'right' }, form)
    const flow = `flow:${form.flowId}`
    expect(lines).toContain(`${flow}/createEntry error error xstate.promise.reject`)
    expect(lines).toContain(`${flow} asking.user active xstate.error.actor.createEntry`)
    expect(lines.join()).not.toContain('word')
  })

  it('announces all flows over several pages', async () => {
    const ids = await Promise.all(
      Array.from({ length: 205 }, async () => `flow:${(await userFlow()).flowId}`),
    )
    const { inspector } = await inspect()
    expect([...inspector.actors.keys()].sort()).toEqual(ids.sort())
  })

  it('does not announce a flow that ended while the list was read', async () => {
    const { flowId } = await userFlow()
    const scope = world.scope('home')
    const list: typeof scope.flows.list = async (query) => {
      const page = await scope.flows.list(query)
      await scope.flows.cancel(flowId)
      return page
    }
    const { inspector, lines } = await inspect({ ...scope, flows: { ...scope.flows, list } })
    expect(lines).toEqual([])
    expect(inspector.actors.size).toBe(0)
  })

  it('announces a flow of another process at its first transition in this one, unless it is the last', async () => {
    const { inspector, lines } = await inspect()
    const ids: string[] = []
    await world.rival('home', async (rival) => {
      for (const _ of [1, 2])
        ids.push((await rival.flows.start({ domain: 'scripted', source: 'user' })).flowId)
    })
    const [first = '', second = ''] = ids
    await flows().cancel(first)
    await flows().submit(second, { host: '', token: 'right' }, await flows().get(second))
    expect(lines).toEqual([`flow:${second} asking.user active reject`])
    expect(inspector.actors.size).toBe(1)
  })

  it('does not announce a flow that is never stored', async () => {
    const { flowId, revision } = await userFlow()
    const { entryId } = await flows().submit(flowId, { host: 'hub', token: 'right' }, { revision })
    await world.scope('home').entries.disable(entryId as string)
    const { lines } = await inspect()
    const view = await flows().start({ source: 'reauth', entryId: entryId as string })
    expect(view).toMatchObject({ type: 'abort', reason: 'entry_disabled' })
    expect(lines).toEqual([`entry:${entryId} disabled active xstate.init`])
  })

  it('drops the oldest buffered flows that were never stored', async () => {
    const listeners = new Map<string, (event: never) => void>()
    const on = ((type: string, listener: (event: never) => void) => {
      listeners.set(type, listener)
      return () => listeners.delete(type)
    }) as ScopedLatchkey['on']
    const { inspector } = await inspect({ ...world.scope('home'), on })
    const emit = <Type extends keyof LatchkeyEvents>(type: Type, event: LatchkeyEvents[Type]) =>
      listeners.get(type)?.(event as never)
    const ids = Array.from({ length: 1_001 }, (_, index) => `f${index}`)
    const begins = { scope: 'home', machine: 'configFlow', from: null, to: 'asking.user' } as const
    for (const id of ids) emit('transition', { ...begins, id, event: 'init', codes: [] })
    const about = { scope: 'home', domain: 'scripted', source: 'user', entryId: null }
    for (const flowId of ids.slice(0, 3)) emit('flow_started', { ...about, flowId })
    expect([...inspector.actors.keys()]).toEqual(['flow:f1', 'flow:f2'])
  })

  it('ignores events after it was stopped', async () => {
    const { inspector, lines } = await inspect()
    inspector.stop()
    await userFlow()
    expect(lines).toEqual([])
  })
})
