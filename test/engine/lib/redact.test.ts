import { describe, expect, it } from '@jest/globals'
import { loggedError } from '../../../src/engine/lib/redact.ts'

const secret = 'p"ä ss\nwör\'d+/=%'

describe('loggedError', () => {
  it('tells name, code, message, stack and cause', () => {
    const error = Object.assign(new RangeError('outer', { cause: new TypeError('inner') }), { code: 'E_OUT' })
    expect(loggedError(error)).toMatchObject({
      name: 'RangeError',
      code: 'E_OUT',
      message: 'outer',
      stack: expect.stringContaining('outer'),
      cause: { name: 'TypeError', message: 'inner' },
    })
    expect(loggedError(error)).not.toHaveProperty('password')
    expect(loggedError(Object.assign(new Error('odd'), { code: 7, stack: 7 }))).toEqual({
      name: 'Error',
      message: 'odd',
    })
  })

  it.each([
    ['plain', secret],
    ['as JSON', JSON.stringify({ secret })],
    ['in percent form', encodeURIComponent(secret)],
    [
      'in lower-case percent form',
      encodeURIComponent(secret).replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()),
    ],
    ['as a form encodes it', encodeURIComponent(secret).replaceAll('%20', '+')],
    ...[0, 1, 2].map((offset) => {
      const text = `${'u'.repeat(offset)}${secret}`
      return [`in base64 behind ${offset} characters`, Buffer.from(text).toString('base64')] as const
    }),
    ['as a strict URI encodes it', encodeURIComponent(secret).replaceAll("'", '%27')],
    ['in base64url', Buffer.from(secret).toString('base64url')],
  ])('strikes a secret that is quoted %s', (_, quoted) => {
    const error = new Error(`refused ${quoted}`)
    error.name = `Refused${quoted}`
    const shown = JSON.stringify(loggedError(Object.assign(error, { code: quoted }), [secret]))
    expect(JSON.stringify(loggedError(error))).toContain(JSON.stringify(quoted).slice(5, -5))
    for (const form of [quoted, JSON.stringify(quoted).slice(1, -1), quoted.slice(3, -3)]) {
      expect(shown).not.toContain(form)
    }
    expect(shown).toContain('[secret]')
  })

  it('strikes a secret of a cause, however deep, and follows five of them', () => {
    let error = new Error('hush 0')
    for (let depth = 1; depth < 9; depth++) error = new Error(`hush ${depth}`, { cause: error })
    let shown: ReturnType<typeof loggedError> | undefined = loggedError(error, ['hush'])
    let depth = 0
    for (; shown !== undefined; shown = shown.cause) {
      expect(shown.message).toMatch(/^\[secret\] \d$/)
      depth++
    }
    expect(depth).toBe(6)
  })

  it('strikes the longer of two secrets first, and nothing for an empty one', () => {
    expect(loggedError(new Error('abc abcdef'), ['abc', '', 'abcdef']).message).toBe('[secret] [secret]')
  })

  it('strikes secrets that are long, or no well-formed text', () => {
    const long = '€'.repeat(65_536)
    expect(loggedError(new Error(`refused ${long}.`), [long]).message).toBe('refused [secret].')
    expect(loggedError(new Error('refused \ud800x.'), ['\ud800x']).message).toBe('refused [secret].')
  })

  it.each([['hush'], [{ message: 'hush' }], [undefined], [() => 'hush']])(
    'never shows a thrown value that is not an error: %p',
    (thrown) => {
      expect(loggedError(thrown)).toEqual({ name: 'Thrown', message: `a ${typeof thrown} was thrown` })
    },
  )
})

describe('an error that cannot be read', () => {
  it.each(['name', 'message', 'code', 'stack', 'cause'])('is logged without its %s', (property) => {
    const error = new TypeError('closed')
    Object.defineProperty(error, property, {
      get: () => {
        throw new Error('no')
      },
    })
    const { name, message } = loggedError(error)
    expect([name, message]).toEqual([
      property === 'name' ? 'Error' : 'TypeError',
      property === 'message' ? '' : 'closed',
    ])
  })

  it('is logged without members that are not text', () => {
    const error = Object.assign(new Error('closed'), { name: Object.create(null), code: 7, stack: {} })
    expect(loggedError(error)).toEqual({ name: 'Error', message: 'closed' })
  })

  it('is logged as a thrown value if its type cannot be read', () => {
    const thrown = new Proxy(
      {},
      {
        getPrototypeOf: () => {
          throw new Error('no')
        },
      },
    )
    expect(loggedError(thrown).name).toBe('Thrown')
  })
})
