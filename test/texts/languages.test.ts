import { describe, expect, it } from '@jest/globals'
import { canonical, lookup, widened } from '../../src/texts/languages.ts'

describe('lookup', () => {
  const available = new Set(['en', 'de', 'zh-Hant', 'de-CH'])

  it.each([
    ['de', 'de'],
    ['de-AT', 'de'],
    ['de-ch', 'de-CH'],
    ['de-CH-1996', 'de-CH'],
    ['zh-Hant-TW', 'zh-Hant'],
    ['zh', null],
    ['fr', null],
    ['*', null],
    ['no tag', null],
    ['', null],
  ])('finds for %s: %s', (wanted, found) => {
    expect(lookup(wanted, available)).toBe(found)
  })

  it('returns the first available language', () => {
    expect(lookup(['fr-CA', 'de-AT', 'en'], available)).toBe('de')
    expect(lookup([], available)).toBeNull()
  })
})

describe('widened', () => {
  it('removes an introducing letter together with its part (RFC 4647, 3.4)', () => {
    expect(widened('zh-Hant-CN-x-private1-private2')).toEqual([
      'zh-Hant-CN-x-private1-private2',
      'zh-Hant-CN-x-private1',
      'zh-Hant-CN',
      'zh-Hant',
      'zh',
    ])
  })
})

describe('canonical', () => {
  it('returns the canonical spelling, or null', () => {
    expect(canonical('DE-at')).toBe('de-AT')
    expect(canonical('de_DE')).toBeNull()
  })
})
