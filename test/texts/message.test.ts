import { describe, expect, it } from '@jest/globals'
import { parseMessage } from '../../src/texts/message.ts'

describe('parseMessage', () => {
  const say = (text: string, values = {}, language = 'en') => parseMessage(text, language).format(values)

  it('says what is plain, and puts in what is named', () => {
    expect(say('It is linked.')).toBe('It is linked.')
    expect(say('It’s {name}, isn’t it? {name}!', { name: 'the hub' })).toBe(
      'It’s the hub, isn’t it? the hub!',
    )
  })

  it('counts and chooses as its language does', () => {
    const german = '{count, plural, =0 {Keine} one {# Zeile} other {# Zeilen}} von {name}'
    expect(say(german, { count: '0', name: 'a' }, 'de')).toBe('Keine von a')
    expect(say(german, { count: '1', name: 'a' }, 'de')).toBe('1 Zeile von a')
    expect(say(german, { count: '1234', name: 'a' }, 'de')).toBe('1.234 Zeilen von a')
    expect(say('{kind, select, hub {a hub} other {a device}}', { kind: 'hub' })).toBe('a hub')
  })

  it('leaves empty what nothing is given for', () => {
    expect(say('To {name}.')).toBe('To .')
    expect(say('To {name}: {count, plural, other {#}}.', { count: '2' })).toBe('To : 2.')
  })

  it('reads no message in what it puts in', () => {
    const name = "{name} <b>{count, plural, other {#}}</b> '{'"
    expect(say('To {name}.', { name })).toBe(`To ${name}.`)
    expect(say('To {name}, {count, plural, other {#}}.', { name, count: '2' })).toBe(`To ${name}, 2.`)
  })

  it('tells its placeholders, and what it says besides', () => {
    const { placeholders, literals } = parseMessage(
      "{a} {n, plural, one {one {b}} other {# <i>x</i>}} '{c}'",
      'en',
    )
    expect([...placeholders].sort()).toEqual(['a', 'b', 'n'])
    expect(literals).toContain('<i>x</i>')
    expect(literals).toContain('{c}')
  })

  it.each(['{', '{name', '{n, plural, one {x}}', '{at, date, short}', '{at, time}'])('refuses %s', (text) => {
    expect(() => parseMessage(text, 'en')).toThrow()
  })
})
