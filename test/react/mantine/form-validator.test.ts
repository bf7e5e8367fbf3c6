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
  it('accepts valid input', () => {
    expect(codes(valid)).toEqual({})
    expect(codes({ ...valid, port: 3, mode: 'cloud', mail: 'a@example.org', nested: { deep: 'x' } })).toEqual(
      {},
    )
  })

  it.each([
    ['a missing value', {}, { '.host': 'required', '.password': 'required' }],
    ['a short value', { ...valid, host: 'a' }, { '.host': 'too_small' }],
    ['a long value', { ...valid, host: 'abcdef' }, { '.host': 'too_big' }],
    ['a number that is too small', { ...valid, port: 0 }, { '.port': 'too_small' }],
    ['a number that is too large', { ...valid, port: 10 }, { '.port': 'too_big' }],
    ['another kind of value', { ...valid, port: 'x' }, { '.port': 'invalid_type' }],
    ['a value that is not an option', { ...valid, mode: 'x' }, { '.mode': 'invalid_value' }],
    ['another form', { ...valid, mail: 'x' }, { '.mail': 'invalid_format' }],
    ['a missing nested value', { ...valid, nested: {} }, { '.nested.deep': 'required' }],
    [
      'a list that is too long',
      { ...valid, nested: { deep: 'x', list: [1, 2] } },
      { '.nested.list': 'too_big' },
    ],
  ])('reports %s with the server’s code', (_, data, found) => {
    expect(codes(data)).toEqual(found)
  })

  it('has the limit of a whole number, as a number', () => {
    const seen: unknown[] = []
    const values = formValidator((_, given) => String(seen.push(given)))
    values.validateFormData({ ...valid, port: 0 }, schema as never)
    expect(seen).toEqual([{ type: 'number', limit: 1, example: 'none' }])
  })

  it('reports the text of the code at the field', () => {
    const { errorSchema } = validator.validateFormData({ password: 'p' }, schema as never)
    expect(errorSchema).toEqual({ host: { __errors: ['text of required'] } })
  })

  it('leaves a field to the server whose integration has texts for it, unless its value is missing', () => {
    const own = makeForm('own', { pin: z.string().regex(/^\d+$/, 'Digits, see the sticker') }).schema
    expect(validator.validateFormData({ pin: 'x' }, own as never).errors).toEqual([])
    expect(validator.validateFormData({}, own as never).errors).toMatchObject([{ name: 'required' }])
  })

  it('has a general code for other keywords', () => {
    const odd = { type: 'object' as const, properties: { size: { type: 'number' as const, multipleOf: 5 } } }
    const { errors } = validator.validateFormData({ size: 7 }, odd)
    expect(errors.map(({ name }) => name)).toContain('invalid')
  })

  it('never repeats the input', () => {
    const found = validator.validateFormData({ host: 'hunter2-typed', password: 7 }, schema as never)
    expect(JSON.stringify(found)).not.toContain('hunter2-typed')
  })

  it('accepts schemas that it does not support', () => {
    expect(validator.isValid({ type: 'string', pattern: '(' }, 'x', {})).toBe(true)
  })

  it('finds the matching schema, also by reference', () => {
    const root = { $defs: { word: { type: 'string' as const } } }
    expect(validator.isValid({ $ref: '#/$defs/word' }, 'x', root)).toBe(true)
    expect(validator.isValid({ $ref: '#/$defs/word' }, 7, root)).toBe(false)
    expect(validator.rawValidation(schema as never, valid).errors).toEqual([])
  })
})
