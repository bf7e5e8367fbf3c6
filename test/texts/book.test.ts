import { describe, expect, it } from '@jest/globals'
import { Book } from '../../src/texts/book.ts'
import { en } from '../../src/texts/en.ts'
import { Wording } from '../../src/texts/wording.ts'

describe('Book', () => {
  const book = new Book('de', [new Wording('de', { submit: { last: 'Fertig' } }), new Wording('en', en)])

  it('tells by its best wording, and by the next where that has no words', () => {
    expect(book.tell(['submit.last'])).toBe('Fertig')
    expect(book.tell(['create_entry'], { name: 'Hub' })).toBe('Hub is linked.')
  })

  it('tells the keys themselves where no wording has any: a person sees at least what it is about', () => {
    expect(book.say(['error.odd', 'odd'])).toBeUndefined()
    expect(book.tell(['error.odd', 'odd'])).toBe('error.odd odd')
  })
})
