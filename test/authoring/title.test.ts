import { describe, expect, it } from '@jest/globals'
import { isTitle, titleFrom } from '../../src/authoring/title.ts'

describe('isTitle', () => {
  it.each(['Attic', 'Küche 2', '台所', 'a'.repeat(200), '👍'])('accepts %j', (title) => {
    expect(isTitle(title)).toBe(true)
  })

  it.each([
    '',
    '  ',
    'a'.repeat(201),
    'a\u0000b',
    'a\u001b[31m',
    'a\u202eb',
    'a\u2066b',
    'a\u2028b',
    'a\nb',
    'a\ud800b',
    7,
    null,
  ])('rejects %j', (title) => {
    expect(isTitle(title)).toBe(false)
  })
})

describe('titleFrom', () => {
  it('removes unsafe characters from a service’s text', () => {
    expect(titleFrom(' \u001b[1mHub\u0007\u202e ', 'Fallback')).toBe('[1mHub')
    expect(titleFrom('x'.repeat(300), 'Fallback')).toHaveLength(200)
  })

  it('does not split characters', () => {
    expect(titleFrom(`${'x'.repeat(199)}👍`, 'Fallback').isWellFormed()).toBe(true)
  })

  it.each([undefined, null, 7, '', ' \u0000 '])('falls back if nothing is visible, as for %j', (text) => {
    expect(titleFrom(text, 'Fallback')).toBe('Fallback')
  })
})
