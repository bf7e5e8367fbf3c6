import { describe, expect, it } from '@jest/globals'
import { Served } from './served.ts'

describe('GET /entries/{entryId}/history', () => {
  it('lists the newest rows first, of the kinds that the query names', async () => {
    await using served = await Served.open()
    const { entryId } = await served.latchkey.flows.start({
      source: 'import',
      domain: 'my_hub',
      input: { host: served.service.host, apiToken: 'good' },
    })
    const path = `/entries/${entryId}/history`
    await served.latchkey.entries.disable(entryId ?? '')
    await served.latchkey.entries.enable(entryId ?? '')
    const { body } = await served.call('GET', `${path}?order=newest&limit=1`)
    expect(body).toMatchObject({ items: [{ kind: 'entry_enabled' }], next: expect.any(String) })
    const kinds = 'kinds=entry_created,entry_disabled'
    expect((await served.call('GET', `${path}?${kinds}`)).body).toMatchObject({
      items: [{ kind: 'entry_created' }, { kind: 'entry_disabled' }],
    })
    for (const query of ['order=first', 'kinds=', 'kinds=a,,b', `kinds=${'a'.repeat(2_001)}`])
      expect(await served.call('GET', `${path}?${query}`)).toMatchObject({ status: 422 })
  })
})
