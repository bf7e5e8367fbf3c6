import { describe, expect, it } from '@jest/globals'
import { Catalogue } from '../../src/texts/catalogue.ts'
import { en } from '../../src/texts/en.ts'
import { Translator } from '../../src/texts/translator.ts'

describe('Translator', () => {
  const translator = new Translator('de', [
    new Catalogue('de', { submit: { last: 'Fertig' } }),
    new Catalogue('en', en),
  ])

  it('falls back to the next catalogue for missing texts', () => {
    expect(translator.text(['submit.last'])).toBe('Fertig')
    expect(translator.text(['create_entry'], { name: 'Hub' })).toBe('Hub is connected.')
  })

  it('returns the keys if no catalogue has a text', () => {
    expect(translator.find(['error.odd', 'odd'])).toBeUndefined()
    expect(translator.text(['error.odd', 'odd'])).toBe('error.odd odd')
  })
})
