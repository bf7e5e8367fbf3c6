import { describe, expect, it } from '@jest/globals'
import { jsonEqual } from '../../../src/engine/lib/json.ts'
import type { Json } from '../../../src/ports/json.ts'

const read = (text: string) => JSON.parse(text) as Json

describe('sameJson', () => {
  it.each([
    ['null', 'null'],
    ['"a"', '"a"'],
    ['[1,[2]]', '[1,[2]]'],
    ['{"a":1,"b":{"c":null}}', '{"b":{"c":null},"a":1}'],
  ])('finds %s and %s the same', (one, other) => {
    expect(jsonEqual(read(one), read(other))).toBe(true)
    expect(jsonEqual(read(other), read(one))).toBe(true)
  })

  it.each([
    ['null', '{}'],
    ['1', '"1"'],
    ['[]', '{}'],
    ['[1,2]', '[2,1]'],
    ['[1]', '[1,2]'],
    ['{"a":1}', '{"a":2}'],
    ['{"a":1}', '{"b":1}'],
    ['{"a":{"b":1}}', '{"a":{"b":1,"c":2}}'],
    ['{"__proto__":{}}', '{"a":{}}'],
    ['{"toString":null}', '{"a":null}'],
  ])('finds %s and %s different', (one, other) => {
    expect(jsonEqual(read(one), read(other))).toBe(false)
    expect(jsonEqual(read(other), read(one))).toBe(false)
  })

  it('takes a member that is undefined for none', () => {
    const until = { code: 'unknown' }
    Object.assign(until, { until: undefined })
    expect(jsonEqual(until, { code: 'unknown' })).toBe(true)
    expect(jsonEqual({ code: 'unknown' }, until)).toBe(true)
    expect(jsonEqual(undefined, null)).toBe(false)
    expect(jsonEqual(undefined, undefined)).toBe(true)
  })
})
