import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { address } from '../src/authoring/field.ts'
import { secret } from '../src/authoring/secret.ts'
import { issuesOf } from '../src/engine/flows/submitted-input.ts'
import { InvalidInputError } from '../src/errors.ts'
import { formErrors, makeForm, readInput } from '../src/form.ts'
import type { Json } from '../src/ports/json.ts'

const shape = {
  host: address({ schemes: ['https'] }).meta({ title: 'Host' }),
  port: z.number().int().min(1).max(65_535).optional(),
  mode: z.enum(['a', 'b']).default('a'),
  tags: z.array(z.string()).nullable().optional(),
  pin: secret(
    z
      .string()
      .regex(/^\d{4}$/)
      .meta({ title: 'PIN', examples: ['1234'] }),
  ),
  spare: secret().optional(),
}
const form = makeForm('odd', shape)
const whole = z.object(shape)

/** What a form shows for an input. */
function errorsOf(input: { readonly [field: string]: Json }, schema: z.ZodObject = whole, shown = form) {
  const { values } = readInput(shown, input)
  return formErrors(shown, issuesOf(schema, values), values)
}

describe('makeForm', () => {
  it('shows JSON Schema of the input, in order, with what is required', () => {
    expect(form.schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      ...{ type: 'object', required: ['host', 'pin'], additionalProperties: false },
      properties: { host: { type: 'string', title: 'Host' }, mode: { enum: ['a', 'b'], default: 'a' } },
    })
    expect(form.order).toEqual(['host', 'port', 'mode', 'tags', 'pin', 'spare'])
    expect([...form.secrets]).toEqual(['pin', 'spare'])
    expect(JSON.parse(JSON.stringify(form.schema))).toEqual(form.schema)
  })

  it('tells of a secret no pattern, example, default or enum', () => {
    expect(form.schema.properties).toMatchObject({
      pin: { type: 'string', format: 'password', writeOnly: true },
      spare: { type: 'string', format: 'password', writeOnly: true },
    })
    expect(JSON.stringify(form.schema)).not.toMatch(/1234|\\\\d|pattern|examples/)
    const hinting = makeForm('odd', { pin: secret().prefault('hush') })
    expect([...hinting.secrets]).toEqual(['pin'])
    expect(JSON.stringify(hinting.schema)).not.toContain('hush')
  })

  it('freezes the schema at every depth', () => {
    const { properties } = form.schema
    expect([form.schema, properties, (properties as { mode: object }).mode].every(Object.isFrozen)).toBe(true)
  })

  it.each(['a/b', 'a b', '__proto__', '1st', '', 'constructor', 'toString'])(
    'refuses a field called "%s"',
    (field) => {
      expect(() => makeForm('odd', Object.fromEntries([[field, z.string()]]))).toThrow(
        `The integration odd has a field called ${JSON.stringify(field)}: a name is a plain word, and none that every object has.`,
      )
    },
  )

  it.each([
    ['a date', z.date()],
    ['a bigint', z.bigint()],
    ['a map', z.map(z.string(), z.string())],
    ['a transform without an input', z.transform(() => 1)],
  ])('names a field that is %s', (_, type: z.core.$ZodType) => {
    expect(() => makeForm('odd', { since: type })).toThrow(
      /^The field since of the integration odd cannot be a form field: \S/,
    )
  })
})

describe('readInput', () => {
  it('takes a copy of the fields, and tells secrets from the rest', () => {
    const tags = ['a']
    const { values, clear } = readInput(form, { host: 'h', tags, pin: '1234', port: undefined })
    tags.push('b')
    expect(values).toEqual({ host: 'h', tags: ['a'], pin: '1234' })
    expect(clear).toEqual({ host: 'h', tags: ['a'] })
    expect(readInput(form, Object.assign(Object.create(null), { tags: null })).values).toEqual({ tags: null })
  })

  it.each([
    ['a bigint', { host: 7n }],
    ['a function', { host: () => 'h' }],
    ['a symbol', { host: Symbol('h') }],
    ['a number that JSON has not', { port: Number.NaN }],
    ['an infinite number', { port: Number.POSITIVE_INFINITY }],
    ['a Date', { host: new Date(0) }],
    ['a Map', { tags: [new Map()] }],
  ])('refuses %s', (_, input) => {
    expect(() => readInput(form, input)).toThrow('The input holds something that JSON cannot carry.')
  })

  it.each([
    ['too deep', { tags: JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`) }],
    ['circular', circular()],
    ['too many', { tags: new Array(2_001).fill(1) }],
  ])('refuses what is %s, without running out of stack', (_, input) => {
    expect(() => readInput(form, input)).toThrow('The input is too large or too deep.')
  })

  it('refuses too many characters, of names too', () => {
    expect(() => readInput(form, { host: 'x'.repeat(65_537) })).toThrow('The input is too large.')
    expect(() => readInput(form, { tags: [{ ['x'.repeat(65_537)]: 1 }] })).toThrow('The input is too large.')
  })

  it('names no field in what it throws', () => {
    const thrown = (() => {
      try {
        return readInput(form, { 'my-secret-token': 1 })
      } catch (error) {
        return error
      }
    })()
    expect(thrown).toBeInstanceOf(InvalidInputError)
    expect(thrown).toMatchObject({ pointers: [], message: expect.not.stringContaining('my-secret-token') })
  })
})

describe('formErrors', () => {
  it.each([
    ['required', {}, '/host'],
    ['required', { host: 'h' }, '/pin'],
    ['invalid_type', { host: 7, pin: '1234' }, '/host'],
    ['address_scheme', { host: 'javascript:alert(1)', pin: '1234' }, '/host'],
    ['address_has_credentials', { host: 'https://me:pw@h', pin: '1234' }, '/host'],
    ['invalid_address', { host: 'a b', pin: '1234' }, '/host'],
    ['too_small', { host: 'h', pin: '1234', port: 0 }, '/port'],
    ['too_big', { host: 'h', pin: '1234', port: 65_536 }, '/port'],
    ['invalid_value', { host: 'h', pin: '1234', mode: 'c' }, '/mode'],
    ['invalid_format', { host: 'h', pin: 'secret-pin' }, '/pin'],
    ['invalid_type', { host: 'h', pin: '1234', tags: [7] }, '/tags'],
  ])('is %s for %j', (code, input, pointer) => {
    const errors = errorsOf(input)
    expect(errors[pointer]).toEqual({ code })
    expect(JSON.stringify(errors)).not.toMatch(/secret-pin|alert|me:pw/)
  })

  it('is the first of a field, and none where all is well', () => {
    const twice = { name: z.string().min(5).regex(/^x/) }
    expect(errorsOf({ name: 'a' }, z.object(twice), makeForm('odd', twice))).toEqual({
      '/name': { code: 'too_small' },
    })
    expect(errorsOf({ host: 'https://h', pin: '1234' })).toEqual({})
  })

  it('is of the form as a whole where no field of it is at fault', () => {
    const refined = whole.refine(() => false)
    expect(errorsOf({ host: 'h', pin: '1234' }, refined)).toEqual({ base: { code: 'invalid' } })
    const shown = makeForm('odd', { host: shape.host })
    expect(errorsOf({ host: 'h' }, whole, shown)).toEqual({ base: { code: 'invalid_type' } })
  })

  it('takes an integration’s own code where it is a plain one', () => {
    const coded = (code: unknown) => whole.refine(() => false, { path: ['host'], params: { code } })
    const input = { host: 'h', pin: '1234' }
    expect(errorsOf(input, coded('bad_host'))).toEqual({ '/host': { code: 'bad_host' } })
    for (const code of ['My secret', 7, undefined]) {
      expect(errorsOf(input, coded(code))).toEqual({ '/host': { code: 'invalid' } })
    }
  })

  it('calls every other issue of zod invalid', () => {
    const union = { either: z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]) }
    const shown = makeForm('odd', union)
    expect(errorsOf({ either: {} }, z.object(union), shown)).toEqual({ '/either': { code: 'invalid' } })
  })
})

describe('address', () => {
  it('takes names and addresses without a scheme, where none is named', () => {
    const bare = address()
    expect([bare.parse(' hub.local '), bare.parse('10.0.0.7:1883'), bare.parse('::1')]).toEqual([
      ...['hub.local', '10.0.0.7:1883', '::1'],
    ])
    expect(bare.safeParse('https://hub.local').success).toBe(false)
  })
})

function circular(): object {
  const list: unknown[] = []
  list.push(list)
  return { tags: list }
}
