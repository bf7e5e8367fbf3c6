import { describe, expect, it } from '@jest/globals'
import { isTitle, titleFrom } from '../../src/authoring/title.ts'

/** Titles whose characters are joined by ones that users do not see. */
const JOINED = [
  'می\u200cخواهم',
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
  'Robotique \u{1f469}\u200d\u{1f4bb}',
  'क्\u200dष',
  '❤\ufe0f hub',
  '1\ufe0f\u20e3',
  '\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
  '\u{1f3f3}\ufe0f\u200d\u{1f308}',
]

describe('isTitle', () => {
  it.each([
    'Attic',
    'Küche 2',
    '台所',
    'a'.repeat(200),
    '👍',
    ...JOINED,
    'Co\u00adop',
    '\u05d0\u200f (2)',
    '\uf8ff',
  ])('accepts %j', (title) => {
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
    'a\u2069b',
    'a\u206ab',
    'a\u0085b',
    'a\u{e0041}\u{e0042}',
    '\u{1f3f4}\u{e0067}',
    '\ufeffa',
    ' \u200b ',
    '\u200d\u200d',
    '\u00ad',
    '\u3164',
    '\u2800',
    '\ufe0f',
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

  it.each(JOINED)('keeps %j as it is', (title) => {
    expect(titleFrom(title, 'Fallback')).toBe(title)
  })

  it.each([
    ['EPSON\u0000', 'EPSON'],
    ['\ufeffHub', 'Hub'],
    ['Hub\r\nin the attic', 'Hub in the attic'],
    ['Hub\u2028\u2028attic', 'Hub attic'],
    ['\u202eevil', 'evil'],
    ['a\u{e0041}\u{e0042}b', 'ab'],
    ['a\ud800b', 'a\ufffdb'],
  ])('cleans %j', (text, title) => {
    expect(titleFrom(text, 'Fallback')).toBe(title)
  })

  it('cuts a long name before the character that exceeds the limit', () => {
    expect(titleFrom('x'.repeat(230), '')).toBe('x'.repeat(200))
    expect(titleFrom(`${'x'.repeat(195)}${JOINED[1]}`, '')).toBe('x'.repeat(195))
    expect(titleFrom(`${'x'.repeat(192)}${JOINED[1]}y`, '')).toBe(`${'x'.repeat(192)}${JOINED[1]}`)
    expect(titleFrom(`${'x'.repeat(199)} ${'y'.repeat(50)}`, '')).toBe('x'.repeat(199))
    expect(titleFrom(`a${'\u0301'.repeat(500)}`, '')).toHaveLength(200)
    expect(titleFrom(`${'x'.repeat(3_999)}👍`, '')).toHaveLength(200)
    // A family of four, a flag and a letter with its accent: of each, only a part would fit.
    for (const end of ['👨‍👩‍👧‍👦', '🇩🇪', 'e\u0301'])
      expect(titleFrom(`${'x'.repeat(201 - end.length)}${end}`, '')).toBe('x'.repeat(201 - end.length))
    // The limit is inside a surrogate pair of a single character that does not fit.
    expect(titleFrom(`☝🏽${'\u200d👩'.repeat(100)}`, '').isWellFormed()).toBe(true)
  })

  it('handles a very long name in constant time', () => {
    const before = performance.now()
    for (let time = 0; time < 20; time++) titleFrom('👩\u200d💻\u0000'.repeat(1_000_000), '')
    expect(performance.now() - before).toBeLessThan(2_000)
  })

  it('does not split characters', () => {
    expect(titleFrom(`${'x'.repeat(199)}👍`, 'Fallback').isWellFormed()).toBe(true)
  })

  it.each([undefined, null, 7, '', ' \u0000 ', '\u200d', ' \u200b\u3164 '])(
    'falls back if nothing is visible, as for %j',
    (text) => {
      expect(titleFrom(text, 'Fallback')).toBe('Fallback')
    },
  )
})
