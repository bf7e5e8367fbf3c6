import { describe, expect, it } from '@jest/globals'
import { requestedLanguages } from '../../src/http/accept-language.ts'

describe('requestedLanguages', () => {
  it.each([
    ['de-AT,de;q=0.9,en;q=0.8', ['de-AT', 'de', 'en']],
    ['en;q=0.5, fr ; q=0.7 ,de', ['de', 'fr', 'en']],
    ['en;q=0, de;Q=0.1', ['de']],
    ['de;q=much', []],
    ['*', ['*']],
    [null, []],
  ])('parses %s', (header, tags) => {
    expect(requestedLanguages(header)).toEqual(tags)
    expect(requestedLanguages(header)).toEqual(tags)
  })

  it('reads at most 20 languages and caches at most 100 headers', () => {
    expect(requestedLanguages(`${'xx,'.repeat(10_000)}de`)).toHaveLength(20)
    for (let index = 0; index < 250; index++) requestedLanguages(`de;q=0.${index}`)
    expect(requestedLanguages('de-CH')).toEqual(['de-CH'])
  })
})
