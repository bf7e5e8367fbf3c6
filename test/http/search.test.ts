import { describe, expect, it } from '@jest/globals'
import { Served } from './served.ts'

describe('GET /entries', () => {
  it('searches, filters by state and integration, and counts on the first page', async () => {
    await using served = await Served.open()
    const first = await served.link()
    served.service.tokens.set('other', { id: 'account-2', name: 'Zoë' })
    const second = await served.link('other')
    await served.latchkey.entries.disable(second)
    const found = async (query: string) =>
      (await served.call('GET', `/entries?${query}`)).body.items.map(
        ({ entryId }: { entryId: string }) => entryId,
      )
    expect(await found('q=ZOE')).toEqual([second])
    expect(await found('q=my+hub+ada')).toEqual([first])
    expect(await found(`q=${first.slice(0, 13)}`)).toEqual([first])
    expect(await found('q=nothing')).toEqual([])
    expect(await found('state=disabled')).toEqual([second])
    expect(await found('state=connected&domain=my_hub&limit=1')).toEqual([first])
    expect(await found('state=connected&domain=other')).toEqual([])
    await served.breakToken(first)
    expect(await found('state=attention')).toEqual([first])
    const page = (await served.call('GET', '/entries?limit=1')).body
    expect(page.counts).toEqual({ all: 2, attention: 1, offline: 0, connected: 0, disabled: 1 })
    expect((await served.call('GET', `/entries?after=${page.next}`)).body).not.toHaveProperty('counts')
  })

  it.each([
    'state=broken',
    'state=',
    'state=toString',
    `q=${'x'.repeat(201)}`,
    `domain=${'x'.repeat(65)}`,
    'limit=0',
    'limit=1001',
    'limit=many',
    'ignored=maybe',
    `after=${'x'.repeat(201)}`,
  ])('refuses %s', async (query) => {
    await using served = await Served.open()
    const answer = await served.call('GET', `/entries?${query}`)
    const pointers = [`/${query.split('=')[0]}`]
    expect(answer).toMatchObject({ status: 422, body: { code: 'INVALID_INPUT', pointers } })
  })

  it.each(['q=%00', 'q=%F0%9F%94%91', 'q=%25_%27%22', 'q=', 'domain=__proto__', 'after=zzz'])(
    'answers %s with a page',
    async (query) => {
      await using served = await Served.open()
      await served.link()
      expect((await served.call('GET', `/entries?${query}`)).status).toBe(200)
    },
  )
})
