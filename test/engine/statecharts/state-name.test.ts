import { describe, expect, it } from '@jest/globals'
import { eventName, stateName } from '../../../src/engine/statecharts/state-name.ts'

describe('stateName', () => {
  it.each([
    ['loaded', 'loaded'],
    [{ asking: 'user' }, 'asking.user'],
    [{ a: { b: 'c' } }, 'a.b.c'],
    [{ a: 'b', c: undefined }, 'a.b c'],
  ])('names %j as %s', (value, name) => {
    expect(stateName(value)).toBe(name)
  })
})

describe('eventName', () => {
  it.each([
    ['submit', 'submit'],
    ['xstate.init', 'init'],
    ['xstate.done.actor.checkConnection', 'done checkConnection'],
    ['xstate.error.actor.checkConnection', 'error checkConnection'],
    ['xstate.after.livedLong.configEntry.loaded.running', 'after livedLong'],
  ])('names %s as %s', (type, name) => {
    expect(eventName(type)).toBe(name)
  })
})
