import { describe, expect, it } from '@jest/globals'
import { stateName } from '../../src/engine/state-name.ts'

describe('stateName', () => {
  it.each([
    ['loaded', 'loaded'],
    [{ asking: 'user' }, 'asking.user'],
    [{ a: { b: 'c' } }, 'a.b.c'],
    [{ a: 'b', c: undefined }, 'a.b c'],
  ])('names %j as %s', (value, name) => {
    expect(stateName(value)).toBe(name)
  })
})
