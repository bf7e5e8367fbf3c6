import { inspect } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { Connection, Draft } from '../../machines/draft.ts'

describe.each([
  ['[draft]', new Draft({ values: { token: 'hunter2' } })],
  ['[connection]', new Connection('hunter2')],
])('%s', (label, opaque) => {
  it('shows only its name in any inspection', () => {
    const { token } = { token: opaque }
    expect([`${token}`, inspect(token), JSON.parse(JSON.stringify(token))]).toEqual([label, label, label])
    expect(inspect({ token }, { showHidden: true, depth: 9 })).not.toContain('hunter2')
    expect(Object.keys(token)).toEqual([])
  })

  it('reveals its content', () => {
    expect(JSON.stringify(opaque.reveal())).toContain('hunter2')
  })
})
