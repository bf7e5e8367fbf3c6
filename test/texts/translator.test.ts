import { describe, expect, it } from '@jest/globals'
import { Catalogue } from '../../src/texts/catalogue.ts'
import { en } from '../../src/texts/en.ts'
import { Translator } from '../../src/texts/translator.ts'

describe('Translator', () => {
  const translator = new Translator('de', [
    new Catalogue('de', { submit: { last: 'Fertig' } }),
    new Catalogue('en', en),
  ])

  it('tells by its best wording, and by the next where that has no words', () => {
    expect(translator.text(['submit.last'])).toBe('Fertig')
    expect(translator.text(['create_entry'], { name: 'Hub' })).toBe('Hub is connected.')
  })

  it('tells the keys themselves where no wording has any: a person sees at least what it is about', () => {
    expect(translator.find(['error.odd', 'odd'])).toBeUndefined()
    expect(translator.text(['error.odd', 'odd'])).toBe('error.odd odd')
  })
})
