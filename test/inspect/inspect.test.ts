import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { until } from '../stories/world.ts'
import { InspectedWorld, secrets } from './inspected-host.ts'
import { lineOf, read } from './viewers.ts'

let at: InspectedWorld
beforeEach(async () => {
  at = new InspectedWorld()
  await at.begin()
})
afterEach(() => at.end())

describe('the messages to viewers', () => {
  it('contain the flow, but no secret', async () => {
    const viewers = [await at.watch(at.inspection.statelyUrl), await at.watch(at.inspection.xstate4Url)]
    const { flowId } = await at.reauthenticate()
    for (const { messages } of viewers) {
      await until(() =>
        messages.some(
          (text) => text.includes(`"flow:${flowId}"`) && /done\\*":true|"status":"done"/.test(text),
        ),
      )
      const bytes = messages.join('\n')
      expect(bytes).toContain(flowId)
      expect(bytes).not.toMatch(/canary|Xq7Zwk|hub/)
      for (const secret of [...secrets, ...at.inspection.protocols.slice(1)]) {
        expect(bytes).not.toContain(Buffer.from(secret).toString('base64').slice(0, -4))
        expect(bytes).not.toContain(secret)
      }
    }
  })

  it('announce all live actors in their current state to a late viewer', async () => {
    const entryId = await at.addEntry()
    const form = await at.userFlow()
    await at.submit(form, { host: '' })
    const { messages } = await at.watch(at.inspection.statelyUrl)
    await until(() => messages.length === 2)
    expect(messages.map((text) => lineOf(JSON.parse(text)))).toEqual([
      `new entry:${entryId} {"loaded":"running"} active`,
      `new flow:${form.flowId} {"asking":"user"} active`,
    ])
    expect(messages[1]).toContain('"codes":["too_small"]')
  })

  it('contain the end of a parked flow, and of a removed entry', async () => {
    const { messages } = await at.watch(at.inspection.xstate4Url)
    const entryId = await at.addEntry()
    const { flowId } = await at.userFlow()
    await at.home.flows.cancel(flowId)
    await at.home.entries.remove(entryId)
    const stopped = () =>
      messages
        .map((text) => JSON.parse(text))
        .flatMap((message) => (message.type === 'service.stop' ? message.sessionId : []))
    await until(() => stopped().includes(`entry:${entryId}`))
    expect(stopped()).toContain(`flow:${flowId}`)
    const late = await at.watch(at.inspection.xstate4Url)
    const { flowId: next } = await at.userFlow()
    await until(() => late.messages.length > 0)
    expect(late.messages.map((text) => JSON.parse(text).sessionId)).toEqual([`flow:${next}`])
  })

  it('contain only one scope', async () => {
    const { messages } = await at.watch(at.inspection.statelyUrl)
    await at.world.scope('away').flows.start({ domain: 'scripted', source: 'user' })
    const { flowId } = await at.userFlow()
    await until(() => messages.length > 0)
    expect(messages.map((text) => JSON.parse(text).sessionId)).toEqual([`flow:${flowId}`])
  })
})

describe('a viewer that sends messages', () => {
  it('has no effect', async () => {
    const form = await at.userFlow()
    const { socket, messages } = await at.watch(at.inspection.xstate4Url)
    const service = `flow:${form.flowId}`
    const cancel = JSON.stringify({ type: 'cancel' })
    for (const text of [
      JSON.stringify({ type: 'xstate.inspecting' }),
      JSON.stringify({ type: 'xstate.event', event: cancel, service }),
      JSON.stringify({ type: '@xstate.event', event: { type: 'cancel' }, sessionId: service }),
      cancel,
      'not JSON',
    ])
      socket.send(text)
    // The response means that all messages before it were read.
    await read(socket)
    expect(messages).toHaveLength(1)
    expect(await at.home.flows.get(form.flowId)).toEqual(form)
    expect(await at.submit(form)).toMatchObject({ type: 'create_entry' })
  })

  it('is disconnected after a message that is too large', async () => {
    const { socket } = await at.watch(at.inspection.statelyUrl)
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.on('error', () => {})
    socket.send('x'.repeat(65_537))
    expect(await closed).toBe(1009)
  })
})
