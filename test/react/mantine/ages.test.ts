import { describe, expect, it } from '@jest/globals'
import { agesOf } from '../../../src/react/mantine/ages.ts'

const now = Date.UTC(2026, 10, 30, 12)
const plain = (text: string | null) => text?.replaceAll(/[\u00a0\u202f]/g, ' ')

describe('agesOf', () => {
  it.each([
    ['en', '8 s ago', 'in 12 s', '3 h ago', '40 s'],
    ['de', 'vor 8 Sek.', 'in 12 Sek.', 'vor 3 Std.', '40 Sek.'],
    ['fr', 'il y a 8 s', 'dans 12 s', 'il y a 3 h', '40 s'],
    ['fr-CA', 'il y a 8 s', 'dans 12 s', 'il y a 3 h', '40 s'],
  ])('reads naturally in %s', (language, ago, ahead, hours, passed) => {
    const ages = agesOf(language)
    expect(plain(ages.relative(now - 8_000, now))).toBe(ago)
    expect(plain(ages.relative(now + 12_000, now))).toBe(ahead)
    expect(plain(ages.relative(now - 3 * 3_600_000, now))).toBe(hours)
    expect(plain(ages.passed(now - 40_000, now))).toBe(passed)
    expect(plain(ages.passed(now, now))).toMatch(/^1 /)
  })

  it('has minutes that do not read as meters', () => {
    const ages = agesOf('en')
    expect(plain(ages.relative(now - 240_000, now))).toBe('4 min ago')
    expect(plain(ages.relative(now + 240_000, now))).toBe('in 4 min')
    expect(plain(ages.passed(now - 240_000, now))).toBe('4 min')
  })

  it.each(['en', 'de', 'fr', 'sv'])('has no signed numbers, which read as temperatures: %s', (language) => {
    expect(agesOf(language).relative(now - 8_000, now)).not.toMatch(/[-−+]\d/)
    expect(agesOf(language).relative(now + 8_000, now)).not.toMatch(/[-−+]\d/)
  })
})
