import { inspect } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { isSecretField, Secret, secret, secretsWithin } from '../../src/authoring/secret.ts'

describe('Secret', () => {
  const hidden = new Secret('hush')

  it('shows itself only by reveal()', () => {
    expect(hidden.reveal()).toBe('hush')
    for (const shown of [
      JSON.stringify({ hidden }),
      `${hidden}`,
      String(hidden),
      inspect(hidden, { showHidden: true, depth: 9 }),
      inspect({ deep: [hidden] }),
      JSON.stringify(Object.entries(hidden)),
      JSON.stringify({ ...hidden }),
    ]) {
      expect(shown).not.toContain('hush')
    }
    expect([`${hidden}`, JSON.stringify([hidden]), inspect(hidden)]).toEqual([
      '[secret]',
      '["[secret]"]',
      '[secret]',
    ])
  })
})

describe('secret', () => {
  it('turns a string into a Secret', () => {
    expect(secret().parse('hush')).toBeInstanceOf(Secret)
    expect(secret(z.string().trim()).parse(' hush ').reveal()).toBe('hush')
  })

  it('describes the error without the text', () => {
    const { error } = secret(z.string().regex(/^\d+$/)).safeParse('hush')
    expect(error).toBeDefined()
    expect(JSON.stringify(error?.issues)).not.toContain('hush')
    expect(secret().safeParse('').success).toBe(false)
    expect(secret().safeParse('x'.repeat(16_385)).success).toBe(false)
  })
})

describe('isSecretField', () => {
  it('detects a secret, also in optional() and other wrappers', () => {
    const plain = z.string()
    expect([secret(), secret().optional(), secret().nullable().default(null)].every(isSecretField)).toBe(true)
    expect(
      [plain, plain.optional(), plain.transform((text) => text), z.array(secret())].some(isSecretField),
    ).toBe(false)
  })
})

describe('secretsWithin', () => {
  it('returns the secrets in objects, arrays, maps, sets and instances, also if the value is circular', () => {
    class Credentials {
      readonly key = new Secret('e')
    }
    const value: Record<string, unknown> = {
      a: new Secret('a'),
      list: [undefined, [new Secret('b')], 'no secret', new Uint8Array(3)],
      map: new Map([[new Secret('c'), new Secret('d')]]),
      set: new Set([new Credentials()]),
      get broken() {
        throw new Error('A getter was called.')
      },
    }
    value.self = value
    expect(
      secretsWithin(value)
        .map((one) => one.reveal())
        .sort(),
    ).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect([secretsWithin(undefined), secretsWithin('text')]).toEqual([[], []])
  })
})
