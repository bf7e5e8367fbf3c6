import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { formValues } from '../../src/client/index.ts'
import { makeForm } from '../../src/form.ts'
import { secret } from '../../src/index.ts'

const form = makeForm('hub', {
  host: z.string(),
  port: z.int().optional(),
  share: z.number().optional(),
  secure: z.boolean(),
  rooms: z.array(z.string()),
  floors: z.array(z.int()).optional(),
  size: z.union([z.literal(1), z.literal(2)]).optional(),
  token: secret(),
})

const valuesOf = (...pairs: readonly [string, string][]) => {
  const data = new FormData()
  for (const [name, value] of pairs) data.append(name, value)
  return formValues(form, data)
}

describe('formValues', () => {
  it('has the types of the fields', () => {
    const values = valuesOf(
      ['host', '7'],
      ['port', '8080'],
      ['share', '0.5'],
      ['secure', 'on'],
      ['rooms', 'hall'],
      ['rooms', 'attic'],
      ['floors', '1'],
      ['token', 'secret'],
    )
    expect(values).toEqual({
      host: '7',
      port: 8080,
      share: 0.5,
      secure: true,
      rooms: ['hall', 'attic'],
      floors: [1],
      token: 'secret',
    })
  })

  it('leaves out empty inputs and other fields, and counts a missing box as false', () => {
    expect(valuesOf(['host', ''], ['port', ''], ['csrf', 'x'])).toEqual({
      secure: false,
      rooms: [],
      floors: [],
    })
    expect(valuesOf(['secure', 'false'], ['rooms', ''])).toMatchObject({ secure: false, rooms: [] })
  })

  it('keeps a text that does not fit, for the server to refuse', () => {
    expect(valuesOf(['port', 'http'], ['share', ' '])).toMatchObject({ port: 'http', share: ' ' })
  })

  it('leaves out a boolean whose choices were left alone, and has the one that was chosen', () => {
    const field = {
      type: 'boolean',
      oneOf: [true, false].map((value) => ({ const: value, title: `${value}` })),
    }
    const chosen = { order: ['local'], schema: { ...form.schema, properties: { local: field } } }
    const inputs = [[], [''], ['true'], ['false'], ['maybe']].map((texts) => {
      const data = new FormData()
      for (const text of texts) data.append('local', text)
      return formValues(chosen, data)
    })
    expect(inputs).toEqual([{}, {}, { local: true }, { local: false }, { local: 'maybe' }])
  })

  it('takes the option with the same text', () => {
    const chosen = makeForm('hub', { size: z.literal([1, 2]) })
    const data = new FormData()
    data.append('size', '2')
    expect(formValues(chosen, data)).toEqual({ size: 2 })
  })
})
