import { describe, expect, it } from '@jest/globals'
import { flowShownTo } from '../../src/http/details.ts'
import type { View } from '../../src/view.ts'

const end: View = {
  type: 'abort',
  flowId: 'f1',
  machine: 'configFlow',
  domain: 'hub',
  source: 'reauth',
  entryId: 'e1',
  revision: 3,
  title: 'Reconnect Hub',
  language: 'en',
  placeholders: { name: 'Hub' },
  reason: 'wrong_account',
  text: 'You signed in as bob. This connection belongs to ada.',
  success: false,
  advice: 'Nothing was changed. Sign in as ada, or switch this connection to bob.',
  accounts: {
    expected: { title: 'ada', account: 'ada', entryId: 'e1' },
    found: { title: 'bob', account: 'bob', entryId: 'e2' },
  },
  replaceable: true,
}
const access = (right: 'repair' | 'manage') => ({ scope: 'home', principal: 'p', rights: [right] })

describe('the result of a wrong account', () => {
  it('offers the switch to callers that can manage', () => {
    expect(flowShownTo(access('manage'), end)).toBe(end)
  })

  it('names no other entry and offers no switch to all others, such as a repair link', () => {
    const shown = flowShownTo(access('repair'), end)
    expect(JSON.stringify(shown)).not.toMatch(/e2|switch|replaceable/)
    expect(shown).toMatchObject({ accounts: { found: { title: 'bob', account: 'bob' } } })
  })

  it('keeps advice without a switch', () => {
    const { replaceable: _, ...other } = end
    expect(flowShownTo(access('repair'), other)).toMatchObject({ advice: end.advice })
    const { advice: __, ...silent } = end
    expect(flowShownTo(access('repair'), silent)).not.toHaveProperty('advice')
    const { accounts: ___, ...plain } = end
    expect(flowShownTo(access('repair'), plain)).toBe(plain)
  })
})
