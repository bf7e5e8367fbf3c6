import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { isSecretField } from '../../src/authoring/secret.ts'
import { token } from '../../src/authoring/token.ts'
import { formErrors, makeForm } from '../../src/form.ts'

const revealed = (text: string, field = token()) => field.parse(text).reveal()
const errorOf = (text: string, field = token()) => {
  const schema = z.object({ key: field })
  const { error } = schema.safeParse({ key: text })
  return formErrors(makeForm('hub', schema.shape), error?.issues ?? [], { key: text })
}

describe('token', () => {
  it('is a secret with a label', () => {
    expect(isSecretField(token().optional())).toBe(true)
    expect(makeForm('hub', { key: token().meta({ title: 'Key' }) }).schema.properties.key).toEqual({
      type: 'string',
      title: 'Key',
      minLength: 1,
      maxLength: 16_384,
      format: 'password',
      writeOnly: true,
    })
  })

  it.each([
    'tok-1\n',
    '\r\n\ttok-1 ',
    '\ufefftok-1',
    '\u200btok-1\u200d\u2060',
    '\u00a0tok-1\u3000',
    '\u00adtok-1\u202c',
    '\0tok-1\u007f',
  ])('removes what surrounds a pasted token: %j', (text) => {
    expect(revealed(text)).toBe('tok-1')
  })

  it.each([
    'tok-1…',
    'tok••••1',
    '“tok-1”',
    '‘tok-1’',
    '«tok-1»',
    'tok\r\n-1',
    'tok -1',
    'tok\u200b-1',
    'tok\u2011-1',
    'tök-1',
    'tok\u0000-1',
    'тok-1',
    'ｔｏｋ',
    '😀',
    'tok-1😀',
  ])('shows an error at the field for a character that no token has: %j', (text) => {
    expect(errorOf(text)).toEqual({ '/key': { code: 'invalid_characters' } })
  })

  it.each(["!#$%&'()*+,-./:;<=>?@[]^_`{|}~", '"quoted"', 'eyJhbGciOiJIUzI1NiJ9.e30.c2ln=='])(
    'accepts visible ASCII: %s',
    (text) => {
      expect(revealed(text)).toBe(text)
    },
  )

  it('rejects a token without visible characters or of more than 16,384 of them', () => {
    expect(errorOf(' \u200b\n')).toMatchObject({ '/key': { code: 'too_small' } })
    expect(errorOf('x'.repeat(16_385))).toMatchObject({ '/key': { code: 'too_big' } })
    expect(revealed(` ${'x'.repeat(16_384)} `)).toHaveLength(16_384)
  })

  it('validates the token without what surrounds it', () => {
    const key = token(z.string().startsWith('AKIA'))
    expect(revealed(' AKIA1\n', key)).toBe('AKIA1')
    expect(errorOf('BKIA1', key)).toEqual({ '/key': { code: 'invalid_format' } })
  })

  it('takes a time that grows with the length of the text', () => {
    const before = performance.now()
    expect(token().safeParse(`x${' '.repeat(60_000)}x`).success).toBe(false)
    expect(performance.now() - before).toBeLessThan(1_000)
  })
})
