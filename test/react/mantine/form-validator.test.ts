import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { makeForm } from '../../../src/form.ts'
import { secret } from '../../../src/index.ts'
import { formValidator } from '../../../src/react/mantine/form-validator.ts'

const validator = formValidator((code) => `text of ${code}`)
const { schema } = makeForm('hub', {
  host: z.string().min(3).max(5),
  port: z.number().int().min(1).max(9).optional(),
  mode: z.enum(['local', 'cloud']).optional(),
  mail: z.email().optional(),
  nested: z.object({ deep: z.string(), list: z.array(z.number()).max(1).optional() }).optional(),
  password: secret(),
})
const valid = { host: 'abc', password: 'p' }

const codes = (data: object): Record<string, string> =>
  Object.fromEntries(
    validator.validateFormData(data, schema as never).errors.map(({ property, name }) => [property, name]),
  )

describe('formValidator', () => {
  it('finds nothing in what the server would take', () => {
    expect(codes(valid)).toEqual({})
    expect(codes({ ...valid, port: 3, mode: 'cloud', mail: 'a@example.org', nested: { deep: 'x' } })).toEqual(
      {},
    )
  })

  it.each([
    ['what is missing', {}, { '.host': 'required', '.password': 'required' }],
    ['what is too short', { ...valid, host: 'a' }, { '.host': 'too_small' }],
    ['what is too long', { ...valid, host: 'abcdef' }, { '.host': 'too_big' }],
    ['a number that is too small', { ...valid, port: 0 }, { '.port': 'too_small' }],
    ['a number that is too large', { ...valid, port: 10 }, { '.port': 'too_big' }],
    ['another kind of value', { ...valid, port: 'x' }, { '.port': 'invalid_type' }],
    ['what is none of a choice', { ...valid, mode: 'x' }, { '.mode': 'invalid_value' }],
    ['another form', { ...valid, mail: 'x' }, { '.mail': 'invalid_format' }],
    ['what is missing further down', { ...valid, nested: {} }, { '.nested.deep': 'required' }],
    [
      'a list that is too long',
      { ...valid, nested: { deep: 'x', list: [1, 2] } },
      { '.nested.list': 'too_big' },
    ],
  ])('tells %s by the server’s own codes', (_, data, found) => {
    expect(codes(data)).toEqual(found)
  })

  it('puts the sentence for the code at the field', () => {
    const { errorSchema } = validator.validateFormData({ password: 'p' }, schema as never)
    expect(errorSchema).toEqual({ host: { __errors: ['text of required'] } })
  })

  it('tells of a fault that has no code of its own', () => {
    const odd = { type: 'object' as const, properties: { size: { type: 'number' as const, multipleOf: 5 } } }
    const { errors } = validator.validateFormData({ size: 7 }, odd)
    expect(errors.map(({ name }) => name)).toContain('invalid')
  })

  it('never repeats what was typed', () => {
    const found = validator.validateFormData({ host: 'hunter2-typed', password: 7 }, schema as never)
    expect(JSON.stringify(found)).not.toContain('hunter2-typed')
  })

  it('leaves to the server what this browser cannot check', () => {
    expect(validator.isValid({ type: 'string', pattern: '(' }, 'x', {})).toBe(true)
  })

  it('tells which of several schemas fits, also by reference', () => {
    const root = { $defs: { word: { type: 'string' as const } } }
    expect(validator.isValid({ $ref: '#/$defs/word' }, 'x', root)).toBe(true)
    expect(validator.isValid({ $ref: '#/$defs/word' }, 7, root)).toBe(false)
    expect(validator.rawValidation(schema as never, valid).errors).toEqual([])
  })
})
