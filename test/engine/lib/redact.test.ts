import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { inspect } from 'node:util'
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
    expect(loggedError(new Error('abcd abcdef'), ['abcd', '', 'abcdef']).message).toBe('[secret] [secret]')
  })

  it('strikes secrets that are long, or no well-formed text', () => {
    const long = '€'.repeat(65_536)
    expect(loggedError(new Error(`refused ${long}.`), [long]).message).toBe('refused [secret].')
    expect(loggedError(new Error('refused \ud800xyz.'), ['\ud800xyz']).message).toBe('refused [secret].')
  })

  it.each([['hush'], [{ message: 'hush' }], [undefined], [() => 'hush']])(
    'never shows a thrown value that is not an error: %p',
    (thrown) => {
      expect(loggedError(thrown)).toEqual({
        name: 'Thrown',
        message: `A value of the type ${typeof thrown} was thrown. Throw an Error.`,
      })
    },
  )
})

const messageOf = (text: string, ...secrets: string[]) => loggedError(new Error(text), secrets).message

/** Returns the parts of a secret with 8 characters that a logged error contains in any property. */
function partsIn(error: unknown, secret: string): string[] {
  const shown = JSON.stringify(loggedError(error, [secret]))
  const parts = Array.from({ length: secret.length - 7 }, (_, at) => secret.slice(at, at + 8))
  return parts.filter((part) => shown.includes(part))
}

function thrown(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('Nothing was thrown.')
}

const html = (text: string, mark: (point: number) => string) =>
  Array.from(text, (letter) => mark(letter.codePointAt(0) ?? 0)).join('')
const named: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' }
const xml = (text: string) => text.replace(/[&<>"']/g, (mark) => `&${named[mark]};`)
const bytesOf = (text: string) => [...Buffer.from(text)]
const pairsOf = (text: string) => bytesOf(text).map((byte) => byte.toString(16).padStart(2, '0'))

/** The spellings of a text in the errors and responses of services. */
const spellings: Readonly<Record<string, (text: string) => string>> = {
  'in XML': xml,
  'in XML within JSON': (text) => JSON.stringify({ fault: xml(text) }),
  'in XML within XML': (text) => xml(xml(text)),
  'with named marks in HTML': (text) =>
    text
      .replaceAll('ä', '&auml;')
      .replaceAll('ß', '&szlig;')
      .replaceAll('<', '&lt;')
      .replaceAll('/', '&sol;'),
  'as decimal entities': (text) => html(text, (point) => `&#${point};`),
  'as decimal entities without their end': (text) => html(text, (point) => `&#${point}`),
  'as hexadecimal entities': (text) => html(text, (point) => `&#x${point.toString(16).padStart(4, '0')};`),
  'in upper case': (text) => text.toUpperCase(),
  'in lower case': (text) => text.toLowerCase(),
  'in hexadecimal': (text) => pairsOf(text).join(''),
  'in upper-case hexadecimal': (text) => pairsOf(text).join('').toUpperCase(),
  'in hexadecimal after half a byte': (text) => `0${pairsOf(text).join('')}`,
  'in hexadecimal with colons': (text) => pairsOf(text).join(':'),
  'as a buffer': (text) => `<Buffer ${pairsOf(text).join(' ')}>`,
  'as a buffer in JSON': (text) => JSON.stringify(Buffer.from(text)),
  'as an inspected array of bytes': (text) => inspect(Uint8Array.from(Buffer.from(text))),
  'with every byte in percent form': (text) =>
    pairsOf(text)
      .map((pair) => `%${pair}`)
      .join(''),
  'with every byte in escapes': (text) =>
    pairsOf(text)
      .map((pair) => `\\x${pair}`)
      .join(''),
  'with escaped code points': (text) => html(text, (point) => `\\u{${point.toString(16)}}`),
  'as the old function escape() writes it': (text) => escape(text),
  'with escaped code units': (text) =>
    Array.from(
      { length: text.length },
      (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  'in percent form within percent form': (text) => encodeURIComponent(encodeURIComponent(text)),
  'in JSON within JSON within JSON': (text) => JSON.stringify(JSON.stringify(JSON.stringify(text))),
  'in base64 within a URL': (text) => encodeURIComponent(Buffer.from(text).toString('base64')),
  'in JSON within base64': (text) => Buffer.from(JSON.stringify({ text })).toString('base64'),
  'in percent form within base64url': (text) => Buffer.from(encodeURIComponent(text)).toString('base64url'),
}

describe('a part of a secret', () => {
  const secret = 'Tom&Jerry<3 läuft/ß"7\'\n€ 🔑 end'
  const parts = [secret, secret.slice(0, 12), secret.slice(2, 20), secret.slice(9), secret.slice(-8)]

  it.each(Object.entries(spellings))('is redacted %s', (_, spell) => {
    for (const part of parts) {
      for (const around of ['', 'x', 'value: ', 'a+/']) {
        const quoted = spell(part)
        const shown = messageOf(`${around}${quoted}, was refused`, secret)
        expect(shown).toContain('[secret]')
        expect(shown).not.toContain(quoted)
        // Nothing but the marks of an encoding is left.
        expect(shown.replaceAll('[secret]', '').length).toBeLessThan(around.length + 70)
        for (let at = 0; at + 8 <= part.length; at++)
          expect(shown.toLowerCase()).not.toContain(part.slice(at, at + 8).toLowerCase())
      }
    }
  })

  it('is redacted if Node quotes it', () => {
    const password = 'correct horse battery'
    expect(
      partsIn(
        thrown(() => JSON.parse(password)),
        password,
      ),
    ).toEqual([])
    const token = 'ghp_CANARYtokenABCDEFGHIJKLMNOP0123456789'
    for (const work of [
      () => connect({ port: token as never }),
      () => readFileSync(`${token}\0`),
      () => Buffer.alloc(token as never),
      () => new URL(token),
      () => new Headers({ a: `${token}\n${token}` }),
      () => structuredClone({ token, work: () => {} }),
      () => new Intl.NumberFormat(token),
      () => Buffer.from('x').toString(token as never),
    ]) {
      expect(partsIn(thrown(work), token)).toEqual([])
    }
  })

  it('is redacted between entities and escapes without a meaning', () => {
    const text = '&unknown;%zz\\u12&#9999999;&amp;Tom&amp;Jerry&lt;3&amp;'
    expect(messageOf(text, 'Tom&Jerry<3')).toBe('&unknown;%zz\\u12&#9999999;&amp;[secret]&amp;')
  })

  it('is redacted if it contains escapes of another syntax itself', () => {
    const own = 'a\\0b%41c&lt;d\\n'
    const json = JSON.stringify(own).slice(1, -1)
    for (const quoted of [own, json, xml(own), encodeURIComponent(own), xml(json), encodeURIComponent(json)])
      expect(messageOf(`refused ${quoted}.`, own)).toBe('refused [secret].')
  })

  it('is redacted in upper case, also if a letter becomes two', () => {
    expect(messageOf('refused GROSSE STRASSE', 'große straße')).toBe('refused [secret]')
  })

  it('is redacted if the integration joins its groups', () => {
    expect(messageOf('rejected abcdefghijklmnop', 'abcd efgh ijkl mnop')).toBe('rejected [secret]')
    expect(messageOf('rejected abc', 'a b c')).toBe('rejected abc')
  })

  it('is shown if it has only blanks', () => {
    expect(messageOf('at         once', 'one         two')).toBe('at         once')
  })

  it('is shown if it has fewer than 8 characters', () => {
    expect(messageOf('correct, but no JSON', 'correct horse battery')).toBe('correct, but no JSON')
  })
})

describe('a secret that is a word of the message', () => {
  it.each([
    ['secret', 'no secret', 'no [secret]'],
    ['[secret', 'a [secret] of no secret', 'a [secret] of no secret'],
    ['cret] wrong', '[secret] wrong', '[se[secret]'],
    ['secret', 'wrong: [secret]', 'wrong: [secret]'],
    ['draft', '[draft] draft', '[draft] [secret]'],
  ])('is redacted once: %s', (secret, text, shown) => {
    expect(messageOf(text, secret)).toBe(shown)
  })

  it('is not redacted again in the replacement of another secret', () => {
    expect(messageOf('abcdefgh secret', 'abcdefgh', 'secret', 'cret')).toBe('[secret] [secret]')
  })

  it.each(['invalid_scope', 'invalid_grant', 'access_token', 'expires_in'])(
    'explains the error: %s',
    (word) => {
      const text = `The service answered: ${word} `
      expect(messageOf(text, word, `openid ${word}`, `${word}  email`)).toBe(text)
      expect(messageOf(`refused ${word}-0815`, `${word}-0815`)).toBe('refused [secret]')
      expect(messageOf(`refused openid ${word}`, `openid ${word}`)).toBe('refused [secret]')
    },
  )
})

describe('a secret of fewer than 4 characters', () => {
  it('withholds the message and the stack, and keeps name and code', () => {
    const cause = Object.assign(new Error('The PIN is not 7.'), { name: 'PIN 7', code: 'PIN-7' })
    const error = Object.assign(new TypeError('The PIN 007 is wrong.', { cause }), { code: 'EAUTH' })
    const withheld = expect.stringContaining('withheld')
    expect(loggedError(error, ['long enough', '7'])).toEqual({
      name: 'TypeError',
      message: withheld,
      code: 'EAUTH',
      cause: { name: 'Error', message: withheld },
    })
    expect(loggedError(Object.assign(error, { code: 'invalid_grant' }), ['ab'])).toMatchObject({
      code: 'invalid_grant',
    })
  })

  it('withholds no message without it', () => {
    const error = new SyntaxError('The response has no access_token.')
    expect(loggedError(error, ['7'])).toMatchObject({ message: 'The response has no access_token.' })
    error.stack = 'at pin-7.ts'
    expect(loggedError(error, ['7'])).toEqual({
      name: 'SyntaxError',
      message: 'The response has no access_token.',
    })
  })

  it.each(['%37', '&#55;', '\\u0037', '37', 'a7'])('is found as %s', (spelled) => {
    const error = new Error(`The PIN ${spelled} is wrong.`)
    expect(loggedError(error, ['7', 'A7'])).toMatchObject({ message: expect.stringContaining('withheld') })
  })
})

describe('a long message', () => {
  it.each([
    ['of a secret', 'k'.repeat(8)],
    ['of backslashes', '\\'],
    ['of percent signs', '%41'],
    ['of digits', '7, '],
    ['of hexadecimal', 'ab:'],
    ['of entities', '&amp;'],
    ['of ampersands', '&aaaaaaaaaaaaaaaa'],
    ['of blanks', ' '],
  ])('takes a time that grows with its length: %s', (_, unit) => {
    const time = (length: number) => {
      const error = new Error(unit.repeat(Math.ceil(length / unit.length)))
      error.stack = ''
      const before = performance.now()
      loggedError(error, ['k'.repeat(20), 'Tom&Jerry<3'])
      return performance.now() - before
    }
    time(1_000)
    // A quadratic search takes minutes.
    expect(time(200_000)).toBeLessThan(5_000)
  })
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
