import { describe, expect, it } from '@jest/globals'
import { memoryStore } from '../../src/index.ts'
import { Served } from './served.ts'

describe('the health checks', () => {
  it('answer without a token, on any host, below the base path', async () => {
    await using served = await Served.open({ basePath: '/latchkey' })
    for (const origin of ['http://127.0.0.1:8124', 'http://10.1.2.3:8080']) {
      const options = { token: null, origin }
      expect(await served.call('GET', '/latchkey/health/live', options)).toMatchObject({
        status: 200,
        body: { status: 'ok' },
      })
      expect((await served.call('GET', '/health/live', options)).status).toBe(
        origin === 'http://127.0.0.1:8124' ? 404 : 421,
      )
    }
  })

  it('are ready from the start to the stop, and live all the time', async () => {
    await using served = await Served.open()
    const check = async () => {
      const ready = await served.call('GET', '/health/ready', { token: null })
      const live = await served.call('GET', '/health/live', { token: null })
      return [live.status, ready.status, ready.body.code, ready.body.detail]
    }
    expect(await check()).toEqual([
      200,
      503,
      'NOT_READY',
      'This server has not started yet. Try again in a moment.',
    ])
    await served.latchkey.start()
    expect(await check()).toEqual([200, 200, undefined, undefined])
    await served.latchkey.stop()
    expect(await check()).toEqual([
      200,
      503,
      'NOT_READY',
      'This server is stopping. Send the request to another one.',
    ])
  })

  it('are not ready while the store fails', async () => {
    const store = Object.assign(memoryStore(), {
      getEntryRow: async () => {
        throw new Error('The connection is lost.')
      },
    })
    await using served = await Served.open({}, [], store)
    await served.latchkey.start()
    const answer = await served.call('GET', '/health/ready', { token: null })
    expect([answer.status, answer.body.code]).toEqual([503, 'NOT_READY'])
  })
})
