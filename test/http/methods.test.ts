import { describe, expect, it } from '@jest/globals'
import { Served } from './served.ts'

const page = async () => undefined

describe('a method that the path does not support', () => {
  it.each([
    ['PUT', '/flows', 'GET, HEAD, POST'],
    ['OPTIONS', '/flows', 'GET, HEAD, POST'],
    ['PATCH', '/flows/some', 'DELETE, GET, HEAD, POST'],
    ['PUT', '/entries/some', 'DELETE, GET, HEAD, PATCH'],
    ['DELETE', '/entries/some/reload', 'POST'],
    ['POST', '/health/live', 'GET, HEAD'],
    ['GET', '/entries/some/reload', 'POST'],
  ])('is rejected with the supported methods: %s %s', async (method, path, allow) => {
    for (const options of [{}, { page }, { basePath: '/latchkey' }]) {
      await using served = await Served.open(options)
      const { status, headers, body } = await served.call(method, `${options.basePath ?? ''}${path}`)
      expect({ status, allow: headers.get('allow') }).toEqual({ status: 405, allow })
      expect(body).toMatchObject({ code: 'METHOD_NOT_ALLOWED' })
    }
  })

  it('is answered with 404 on an unknown path', async () => {
    await using served = await Served.open({ page })
    for (const path of ['/nothing', '/flows/', '/entries//reload', '/entries/a/b/reload', '/flowsX']) {
      expect((await served.call('PUT', path)).status).toBe(404)
    }
  })
})
