import { describe, expect, it } from '@jest/globals'
import { home, type Level, parseRoute, type Route, stepTo, urlOf } from '../../web/src/route.ts'

const of = (url: string): Route => parseRoute(new URL(url, 'http://127.0.0.1/'))

describe('the address of the page', () => {
  it.each<readonly [string, Partial<Route>]>([
    ['/', {}],
    [
      '/?q=b%C3%B6b%40&state=attention&domain=my_hub&group=none',
      { q: 'böb@', state: 'attention', domain: 'my_hub', group: 'none' },
    ],
    ['/?entry=e1', { entryId: 'e1' }],
    ['/?entry=e1&tab=history', { entryId: 'e1', tab: 'history' }],
    ['/?add', { picker: true }],
    ['/?webhooks', { webhooks: true }],
    ['/?add#flow=f-1', { picker: true, flowId: 'f-1' }],
    ['/?entry=e1&tab=developer#flow=f-1', { entryId: 'e1', tab: 'developer', flowId: 'f-1' }],
  ])('%s is read and written', (url, route) => {
    expect(of(url)).toEqual({ ...home, ...route })
    expect(`/${urlOf({ ...home, ...route })}`).toBe(url)
  })

  it.each([
    '/?state=no-such-state',
    '/?state=all&state=offline',
    '/?group=__proto__',
    '/?tab=%00',
    '/?entry=',
    '/?entry=%20',
    '/?callback=x',
    '/#flow=',
    '/#flow=../../x',
    '/#flow=%3Cscript%3E',
    '/#anything',
    '/?q=',
    '/?constructor=1',
  ])('opens the plain list for %s', (url) => {
    expect(of(url)).toEqual(home)
  })

  it.each([').', '%3E', '%22', '%E2%80%8B', '%0A', '%20…'])('reads an address that ends with %s', (end) => {
    expect(of(`/?entry=e-1${end}`)).toEqual({ ...home, entryId: 'e-1' })
    expect(of(`/#flow=f-1${end}`)).toEqual({ ...home, flowId: 'f-1' })
  })

  it('cuts a search that is too long, and replaces control characters', () => {
    expect(of(`/?q=${'x'.repeat(10_000)}`).q).toHaveLength(200)
    expect(of('/?q=a%00%0Ab').q).toBe('a b')
  })
})

describe('the steps of the history', () => {
  const list = home
  const entry = { ...home, entryId: 'e1' }
  const flow = { ...home, flowId: 'f1' }
  const both = { ...home, entryId: 'e1', flowId: 'f1' }
  const picked = { ...home, picker: true, flowId: 'f1' }
  it.each<readonly [string, Route, Route, readonly Level[], ReturnType<typeof stepTo>]>([
    ['opening a flow is a step', list, flow, [], { type: 'push', levels: ['flow'] }],
    ['closing it goes back', flow, list, ['flow'], { type: 'back', by: 1 }],
    [
      'closing one that was opened by its address adds no step',
      flow,
      list,
      [],
      { type: 'replace', levels: [] },
    ],
    [
      'a flow over an entry is another step',
      entry,
      both,
      ['entry'],
      { type: 'push', levels: ['entry', 'flow'] },
    ],
    ['closing both goes back twice', both, list, ['entry', 'flow'], { type: 'back', by: 2 }],
    [
      'closing the picker and its flow goes back twice',
      picked,
      list,
      ['picker', 'flow'],
      { type: 'back', by: 2 },
    ],
    [
      'closing both if only one was a step adds no step',
      both,
      list,
      ['flow'],
      { type: 'replace', levels: [] },
    ],
    ['a filter adds no step', list, { ...list, q: 'x' }, [], { type: 'replace', levels: [] }],
    [
      'a tab adds no step',
      entry,
      { ...entry, tab: 'history' },
      ['entry'],
      { type: 'replace', levels: ['entry'] },
    ],
    [
      'an entry takes the step of the flow that led to it',
      flow,
      entry,
      ['flow'],
      { type: 'replace', levels: ['entry'] },
    ],
  ])('%s', (_, from, to, pushed, step) => {
    expect(stepTo(from, to, pushed)).toEqual(step)
  })
})
