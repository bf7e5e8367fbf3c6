import { describe, expect, it } from '@jest/globals'
import { jsonText } from '../../src/http/json-text.ts'

const schema = Object.freeze({ type: 'object', properties: Object.freeze({ host: 'a "quoted" text' }) })

describe('jsonText', () => {
  it.each([
    {},
    { items: [{ schema }] },
    { type: 'form', schema, values: { host: '}' }, skipped: undefined },
    { schema },
    { schema: { type: 'object' } },
    { schema: null },
    { schema: 'text' },
  ])('returns the same as JSON.stringify for %j', (body) => {
    for (const text of [jsonText(body), jsonText(body)]) {
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(body)))
    }
  })

  it('does not cache the text of a schema that can change', () => {
    const body = { title: 'Form', schema: { type: 'object' } }
    jsonText(body)
    body.schema.type = 'string'
    expect(jsonText(body)).toBe('{"title":"Form","schema":{"type":"string"}}')
  })
})
