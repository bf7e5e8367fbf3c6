import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { relabeled } from '../../web/src/relabeled.ts'
import { activeIn, shows, transitionsFrom, waysAlong } from '../../web/src/transitions-from.ts'

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

  it('does not take a state for an ancestor whose name begins like it', () => {
    expect([...activeIn(picture, 'loaded.running')].sort()).toEqual(['loaded', 'loaded.running'])
  })

  it('decodes the labels, and has no transitions for an unknown state', () => {
    const texts = transitionsFrom(picture, 'setup_in_progress').flatMap(({ on }) => on)
    expect(texts.length).toBeGreaterThan(0)
    expect(texts.filter((text) => /&|^\s|\s$/.test(text))).toEqual([])
    expect(transitionsFrom(picture, 'nowhere')).toEqual([])
  })
})

const story = readFileSync(join(import.meta.dirname, '../../web/src/charts/entry.svg'), 'utf8').replaceAll(
  ' id="',
  ' data-id="',
)

describe('the picture of an entry', () => {
  it('marks one state for several of the machine, and the group around it', () => {
    for (const state of ['loaded.running', 'loaded.probed', 'loaded.settled'])
      expect([...activeIn(story, state)].sort()).toEqual(['connected', 'running'])
    expect([...activeIn(story, 'setup_in_progress.connecting')]).toEqual(['connecting'])
  })

  it('does not tell every state', () => {
    expect(shows(story, 'loaded.probing')).toBe(true)
    expect(shows(story, 'migration_error.waitingForCorrection')).toBe(false)
    expect(shows(picture, 'migration_error.waitingForCorrection')).toBe(true)
  })

  it('marks the arrows along the passed states', () => {
    const trail = [
      'loaded.settled',
      'loaded.probing',
      'reauth_required.recordingNeed',
      'reauth_required.waiting',
    ]
    expect([...waysAlong(story, trail)]).toEqual(
      expect.arrayContaining(['running-checking', 'checking-waiting']),
    )
    expect(waysAlong(story, ['loaded.running']).size).toBe(0)
  })

  it('is labeled in another language, without markup in its texts', () => {
    const shown = relabeled(story, (name) => (name === 'running.checking' ? '<b>$1' : null))
    expect(transitionsFrom(shown, 'loaded.running')).toContainEqual({
      on: ['<b>$1'],
      to: expect.any(String),
    })
    expect(shown).not.toContain('<b>')
  })
})
