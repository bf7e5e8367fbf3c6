import { describe, expect, it } from '@jest/globals'
import { latchkeyHandler } from '../../src/http/index.ts'
import { createLatchkey, memoryStore } from '../../src/index.ts'
import { Served } from './served.ts'

const ICON = '<svg xmlns="http://www.w3.org/2000/svg"/></svg>'

describe('GET /page', () => {
  it('has the name and the icon of the host, without a token', async () => {
    await using served = await Served.open({ page: { name: 'Our house', icon: ICON } })
    expect(await served.call('GET', '/page', { token: null })).toMatchObject({
      status: 200,
      body: { name: 'Our house', icon: expect.stringMatching(/^data:image\/svg\+xml,/) },
    })
  })

  it.each([[undefined], [{}], [{ name: 'Our house' }]])(
    'has only the options of the host, %j',
    async (page) => {
      await using served = await Served.open(page === undefined ? {} : { page })
      expect((await served.call('GET', '/page', { token: null })).body).toEqual(page ?? {})
    },
  )

  it.each([
    [{ name: ' ' }, 'Invalid page.name. Use 1 to 100 characters.'],
    [{ name: 'x'.repeat(101) }, 'Invalid page.name. Use 1 to 100 characters.'],
    [{ icon: '<p>' }, 'page.icon is not an <svg> element with xmlns="http://www.w3.org/2000/svg".'],
  ])('is refused at the start with %j', async (page, why) => {
    const latchkey = await createLatchkey({ integrations: [], store: memoryStore() })
    expect(() => latchkeyHandler(latchkey, { page })).toThrow(why)
  })
})
