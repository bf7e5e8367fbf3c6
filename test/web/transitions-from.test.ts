import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { statesAround, transitionsFrom } from '../../web/src/transitions-from.ts'

const machines = join(import.meta.dirname, '../../machines')
const picture = readFileSync(join(machines, 'config-entry.svg'), 'utf8').replaceAll(' id="', ' data-id="')

describe('transitionsFrom', () => {
  it('lists the transitions of a state and its ancestors', () => {
    const transitions = transitionsFrom(picture, 'loaded.running')
    const names = transitions.map(({ on, to }) => [...on, to].join(' '))
    expect(names).toContain('authFailed tokenRejected loaded.probing')
    expect(names.some((name) => name.includes('unload'))).toBe(true)
    expect(transitionsFrom(picture, 'loaded.probing')).not.toEqual(transitions)
  })

  it('decodes the labels, and has no transitions for an unknown state', () => {
    const texts = transitionsFrom(picture, 'setup_in_progress').flatMap(({ on }) => on)
    expect(texts.length).toBeGreaterThan(0)
    expect(texts.filter((text) => /&|^\s|\s$/.test(text))).toEqual([])
    expect(transitionsFrom(picture, 'nowhere')).toEqual([])
  })
})

describe('statesAround', () => {
  it('starts with the outermost state', () => {
    expect(statesAround('asking.user')).toEqual(['asking', 'asking.user'])
  })
})
