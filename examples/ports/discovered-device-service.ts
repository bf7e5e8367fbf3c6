import { Hono } from 'hono'
import type { IntegrationWorld } from '../../src/testing/index.ts'
import { LocalService } from './local-service.ts'

/** Two lamps. The address of the second one is another name of this machine. */
export const lampWorld: IntegrationWorld = {
  async start() {
    const streams = new Set<ReadableStreamDefaultController>()
    const routes = new Hono()
    routes.get('/info', (c) => {
      const isFirst = c.req.header('host')?.startsWith('127.')
      return c.json(
        isFirst ? { mac: 'A0:B1:C2:D3:E4:F5', name: 'Desk' } : { mac: 'A0:B1:C2:00:00:00', name: 'Hall' },
      )
    })
    routes.get('/events', () => {
      let stream: ReadableStreamDefaultController
      return new Response(
        new ReadableStream({
          start(controller) {
            stream = controller
            streams.add(stream)
            stream.enqueue(new TextEncoder().encode('on\n'))
          },
          cancel: () => void streams.delete(stream),
        }),
      )
    })
    const service = await LocalService.start(routes)
    return {
      good: { host: service.host },
      fresh: null,
      other: { host: service.host.replace('127.0.0.1', 'localhost') },
      bad: null,
      discovery: { uniqueId: 'a0:b1:c2:d3:e4:f5', values: { host: service.host } },
      async drop() {
        for (const stream of streams) stream.close()
        streams.clear()
      },
      open: () => streams.size,
      ...service.controls,
    }
  },
}
