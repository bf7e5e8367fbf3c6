import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { statesAround, waysFrom } from '../../web/src/ways-from.ts'

const machines = join(import.meta.dirname, '../../machines')
const picture = readFileSync(join(machines, 'config-entry.svg'), 'utf8').replaceAll(' id="', ' data-id="')

describe('waysFrom', () => {
  it('tells what leads out of a state, and out of the states that it is in', () => {
    const ways = waysFrom(picture, 'loaded.running')
    const names = ways.map(({ on, to }) => [...on, to].join(' '))
    expect(names).toContain('authFailed loaded.probing')
    expect(names.some((name) => name.includes('unload'))).toBe(true)
    expect(waysFrom(picture, 'loaded.probing')).not.toEqual(ways)
  })

  it('has every word as it is read, and none for a state that there is not', () => {
    const texts = waysFrom(picture, 'setup_in_progress').flatMap(({ on }) => on)
    expect(texts.length).toBeGreaterThan(0)
    expect(texts.filter((text) => /&|^\s|\s$/.test(text))).toEqual([])
    expect(waysFrom(picture, 'nowhere')).toEqual([])
  })
})

describe('statesAround', () => {
  it('begins with the outermost', () => {
    expect(statesAround('asking.user')).toEqual(['asking', 'asking.user'])
  })
})
