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

/** The errors of a form for some input. */
function errorsOf(input: { readonly [field: string]: Json }, schema: z.ZodObject = whole, shown = form) {
  const { values } = readInput(shown, input)
  return formErrors(shown, issuesOf(schema, values), values)
}

describe('makeForm', () => {
  it('returns the JSON Schema of the input with its order and required fields', () => {
    expect(form.schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      required: ['host', 'pin'],
      additionalProperties: false,
      properties: { host: { type: 'string', title: 'Host' }, mode: { enum: ['a', 'b'], default: 'a' } },
    })
    expect(form.order).toEqual(['host', 'port', 'mode', 'tags', 'pin', 'spare'])
    expect([...form.secrets]).toEqual(['pin', 'spare'])
    expect(JSON.parse(JSON.stringify(form.schema))).toEqual(form.schema)
  })

  it('publishes the title of a secret that another schema is piped into', () => {
    const piped = z
      .string()
      .trim()
      .pipe(secret().meta({ title: 'Key' }))
    expect(makeForm('piped', { pin: piped }).schema.properties.pin).toEqual({
      type: 'string',
      title: 'Key',
      minLength: 1,
      maxLength: 16_384,
      format: 'password',
      writeOnly: true,
    })
  })

  it.each([
    [/^\d{6}$/, 'numeric'],
    [/^[0-9]{4,8}$/, 'numeric'],
    [/^\d+$/, 'numeric'],
    [/^\d*$/, 'numeric'],
    [/^\d{6,}$/, 'numeric'],
    [/^\d{3}-\d{3}$/, undefined],
    [/^\w{6}$/, undefined],
    [/\d{6}/, undefined],
  ])('publishes whether %s allows only digits', (pattern, inputMode) => {
    const text = z.string().regex(pattern)
    const { properties } = makeForm('digits', {
      plain: text,
      pin: secret(text),
      optional: secret(text).optional(),
    }).schema
    expect(Object.values(properties).map((schema) => schema.inputMode)).toEqual([
      inputMode,
      inputMode,
      inputMode,
    ])
    expect(
      makeForm('lines', { key: secret().meta({ multiline: true }) }).schema.properties.key,
    ).toMatchObject({
      multiline: true,
    })
  })

  it('refuses a secret whose input is not text', () => {
    const piped = z.number().transform(String).pipe(secret())
    expect(() => makeForm('piped', { pin: piped })).toThrow('the input of the secret "pin" is not text')
  })

  it('publishes the examples of an address, also of one that is optional', () => {
    const host = address().meta({ examples: ['192.168.1.2'] })
    const { properties } = makeForm('odd', { host, other: host.optional(), tags: z.array(z.string()) }).schema
    const examples = ['192.168.1.2']
    expect(properties).toMatchObject({ host: { examples }, other: { examples } })
    expect(properties.tags).not.toHaveProperty('examples')
  })

  it('publishes no pattern, example, default or enum of a secret', () => {
    expect(form.schema.properties).toMatchObject({
      pin: { type: 'string', format: 'password', writeOnly: true },
      spare: { type: 'string', format: 'password', writeOnly: true },
    })
    expect(JSON.stringify(form.schema)).not.toMatch(/1234|\\\\d|pattern|examples/)
    const hinting = makeForm('odd', { pin: secret().prefault('hush') })
    expect([...hinting.secrets]).toEqual(['pin'])
    expect(JSON.stringify(hinting.schema)).not.toContain('hush')
  })

  it('freezes the schema recursively', () => {
    const { properties } = form.schema
    expect([form.schema, properties, (properties as { mode: object }).mode].every(Object.isFrozen)).toBe(true)
  })

  it.each(['a/b', 'a b', '__proto__', '1st', '', 'constructor', 'toString'])(
    'rejects a field with the name "%s"',
    (field) => {
      expect(() => makeForm('odd', Object.fromEntries([[field, z.string()]]))).toThrow(
        `Integration "odd": invalid field name ${JSON.stringify(field)}.`,
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
      /^Integration "odd": the field "since" cannot be shown in a form: \S/,
    )
  })
})

describe('readInput', () => {
  it('copies the fields and separates secrets from the rest', () => {
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
    ['a number that JSON cannot represent', { port: Number.NaN }],
    ['an infinite number', { port: Number.POSITIVE_INFINITY }],
    ['a Date', { host: new Date(0) }],
    ['a Map', { tags: [new Map()] }],
  ])('rejects %s', (_, input) => {
    expect(() => readInput(form, input)).toThrow('The input contains a value that is not JSON.')
  })

  it.each([
    ['too deeply nested', { tags: JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`) }],
    ['circular', circular()],
    ['too many values', { tags: new Array(2_001).fill(1) }],
  ])('rejects %s without exhausting the stack', (_, input) => {
    expect(() => readInput(form, input)).toThrow('The input is too large or too deeply nested.')
  })

  it('rejects too many characters, including those of names', () => {
    expect(() => readInput(form, { host: 'x'.repeat(65_537) })).toThrow('The input is too large.')
    expect(() => readInput(form, { tags: [{ ['x'.repeat(65_537)]: 1 }] })).toThrow('The input is too large.')
  })

  it('does not name the field in its error', () => {
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
    ['invalid_type', { host: 7, pin: '1234' }, '/host', { type: 'string' }],
    ['address_scheme', { host: 'javascript:alert(1)', pin: '1234' }, '/host'],
    ['address_has_credentials', { host: 'https://me:pw@h', pin: '1234' }, '/host'],
    ['invalid_address', { host: 'a b', pin: '1234' }, '/host'],
    ['too_small', { host: 'h', pin: '1234', port: 0 }, '/port', { type: 'number', limit: 1 }],
    ['too_big', { host: 'h', pin: '1234', port: 65_536 }, '/port', { type: 'number', limit: 65_535 }],
    ['invalid_type', { host: 'h', pin: '1234', port: 1.5 }, '/port', { type: 'integer' }],
    ['invalid_value', { host: 'h', pin: '1234', mode: 'c' }, '/mode'],
    ['invalid_format', { host: 'h', pin: 'secret-pin' }, '/pin'],
    ['invalid_type', { host: 'h', pin: '1234', tags: [7] }, '/tags/0', { type: 'string' }],
  ] as const)('are %s for %j', (code, input, pointer, ...[params]: readonly object[]) => {
    const errors = errorsOf(input)
    expect(errors[pointer]).toEqual(params === undefined ? { code } : { code, params })
    expect(JSON.stringify(errors)).not.toMatch(/secret-pin|alert|me:pw/)
  })

  it('keep the first error of a field, and are empty for valid input', () => {
    const twice = { name: z.string().min(5).regex(/^x/) }
    expect(errorsOf({ name: 'a' }, z.object(twice), makeForm('odd', twice))).toEqual({
      '/name': { code: 'too_small', params: { type: 'string', limit: 5 } },
    })
    expect(errorsOf({ host: 'https://h', pin: '1234' })).toEqual({})
  })

  it('use "base" for issues outside the fields', () => {
    const refined = whole.refine(() => false)
    expect(errorsOf({ host: 'h', pin: '1234' }, refined)).toEqual({ base: { code: 'invalid' } })
    const shown = makeForm('odd', { host: shape.host })
    expect(errorsOf({ host: 'h' }, whole, shown)).toEqual({ base: { code: 'invalid_type' } })
  })

  it('use an integration’s code if it is well-formed', () => {
    const coded = (code: unknown) => whole.refine(() => false, { path: ['host'], params: { code } })
    const input = { host: 'h', pin: '1234' }
    expect(errorsOf(input, coded('bad_host'))).toEqual({ '/host': { code: 'bad_host' } })
    for (const code of ['My secret', 7, undefined]) {
      expect(errorsOf(input, coded(code))).toEqual({ '/host': { code: 'invalid' } })
    }
  })

  it('use "invalid" for all other issues of zod', () => {
    const union = { either: z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]) }
    const shown = makeForm('odd', union)
    expect(errorsOf({ either: {} }, z.object(union), shown)).toEqual({ '/either': { code: 'invalid' } })
  })
})

describe('address', () => {
  it('accepts only names and addresses without a scheme by default', () => {
    const bare = address()
    expect([bare.parse(' hub.local '), bare.parse('10.0.0.7:1883'), bare.parse('::1')]).toEqual([
      'hub.local',
      '10.0.0.7:1883',
      '[::1]',
    ])
    expect(bare.safeParse('https://hub.local').success).toBe(false)
  })
})

function circular(): object {
  const list: unknown[] = []
  list.push(list)
  return { tags: list }
}
