import { describe, expect, it } from '@jest/globals'
import { parseMessage } from '../../src/texts/message.ts'

describe('parseMessage', () => {
  const format = (text: string, values = {}, language = 'en') => parseMessage(text, language).format(values)

  it('inserts the values of placeholders', () => {
    expect(format('It is linked.')).toBe('It is linked.')
    expect(format('It’s {name}, isn’t it? {name}!', { name: 'the hub' })).toBe(
      'It’s the hub, isn’t it? the hub!',
    )
  })

  it('supports plurals and selects of its language', () => {
    const german = '{count, plural, =0 {Keine} one {# Zeile} other {# Zeilen}} von {name}'
    expect(format(german, { count: '0', name: 'a' }, 'de')).toBe('Keine von a')
    expect(format(german, { count: '1', name: 'a' }, 'de')).toBe('1 Zeile von a')
    expect(format(german, { count: '1234', name: 'a' }, 'de')).toBe('1.234 Zeilen von a')
    expect(format('{kind, select, hub {a hub} other {a device}}', { kind: 'hub' })).toBe('a hub')
  })

  it('leaves placeholders without a value empty', () => {
    expect(format('To {name}.')).toBe('To .')
    expect(format('To {name}: {count, plural, other {#}}.', { count: '2' })).toBe('To : 2.')
  })

  it('inserts values literally', () => {
    const name = "{name} <b>{count, plural, other {#}}</b> '{'"
    expect(format('To {name}.', { name })).toBe(`To ${name}.`)
    expect(format('To {name}, {count, plural, other {#}}.', { name, count: '2' })).toBe(`To ${name}, 2.`)
  })

  it('lists its placeholders and its literal text', () => {
    const { placeholders, literals } = parseMessage(
      "{a} {n, plural, one {one {b}} other {# <i>x</i>}} '{c}'",
      'en',
    )
    expect([...placeholders].sort()).toEqual(['a', 'b', 'n'])
    expect(literals).toContain('<i>x</i>')
    expect(literals).toContain('{c}')
  })

  it.each(['{', '{name', '{n, plural, one {x}}', '{at, date, short}', '{at, time}'])('rejects %s', (text) => {
    expect(() => parseMessage(text, 'en')).toThrow()
  })
})
