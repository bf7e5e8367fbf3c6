import { describe, expect, it } from '@jest/globals'
import { wantedLanguages } from '../../src/http/wanted-languages.ts'

describe('wantedLanguages', () => {
  it.each([
    ['de-AT,de;q=0.9,en;q=0.8', ['de-AT', 'de', 'en']],
    ['en;q=0.5, fr ; q=0.7 ,de', ['de', 'fr', 'en']],
    ['en;q=0, de;Q=0.1', ['de']],
    ['de;q=much', []],
    ['*', ['*']],
    [null, []],
  ])('reads %s', (header, tags) => {
    expect(wantedLanguages(header)).toEqual(tags)
    expect(wantedLanguages(header)).toEqual(tags)
  })

  it('does not read on for ever, and keeps no more than some', () => {
    expect(wantedLanguages(`${'xx,'.repeat(10_000)}de`)).toHaveLength(20)
    for (let index = 0; index < 250; index++) wantedLanguages(`de;q=0.${index}`)
    expect(wantedLanguages('de-CH')).toEqual(['de-CH'])
  })
})
