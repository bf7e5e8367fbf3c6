import { describe, expect, it } from '@jest/globals'
import { isAhead, isBelievable } from '../../../src/engine/lib/stored-time.ts'

const NOW = 1_800_000_000_000

describe('a stored time', () => {
  it.each([
    ['within its maximum', NOW + 15_000, true],
    ['of a clock that is a little ahead', NOW + 19_000, true],
    ['of a clock that was a minute ahead', NOW + 75_000, false],
    ['of a clock that was a year ahead', NOW + 365 * 86_400_000, false],
    ['of a damaged row', Number.NaN, false],
  ])('%s is ahead: %s → %s', (_, time, expected) => {
    expect(isAhead(time, NOW, 15_000)).toBe(expected)
  })

  it.each([null, undefined, NOW, NOW - 1])('that has passed or is not set is not ahead: %s', (time) => {
    expect(isAhead(time, NOW, 15_000)).toBe(false)
  })

  it('without a maximum is always believable', () => {
    expect(isBelievable(NOW * 2, NOW, Number.POSITIVE_INFINITY)).toBe(true)
  })
})
