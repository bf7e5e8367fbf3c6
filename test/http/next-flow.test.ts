import { describe, expect, it } from '@jest/globals'
import { View } from '../../src/http/schemas.ts'
import { followUpHub } from '../cli/follow-up-hub.ts'
import { Served } from './served.ts'

describe('a follow-up flow over HTTP', () => {
  it('is named in the result of the previous flow, as documented', async () => {
    await using served = await Served.open({}, [followUpHub])
    const submit = async ({ flowId, revision }: { flowId: string; revision: number }, input: object) => {
      const headers = { 'if-match': `"${revision}"` }
      const { body } = await served.call('POST', `/flows/${flowId}`, { body: { input }, headers })
      expect(View.parse(body)).toEqual(body)
      return body
    }
    const body = { domain: 'follow_up_hub', source: 'user' }
    const end = await submit((await served.call('POST', '/flows', { body })).body, { name: 'zoe' })
    expect(end).toMatchObject({ success: true, nextFlow: { domain: 'follow_up_hub', source: 'options' } })
    const { body: next } = await served.call('GET', `/flows/${end.nextFlow.flowId}`)
    expect(next).toMatchObject({ type: 'form', source: 'options', entryId: end.entryId })
    expect(await submit(next, { interval: 5 })).toMatchObject({ reason: 'options_successful' })
  })
})
