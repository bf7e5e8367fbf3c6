import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { type AnyStateMachine, StateMachine } from 'xstate'
import * as machines from '../../machines/index.ts'
import { en } from '../../src/texts/en.ts'

const root = resolve(import.meta.dirname, '../..')

/** The values of all members with this name at any depth of a machine. */
function valuesOf(member: string, node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) =>
    key === member && typeof value === 'string' ? [value] : valuesOf(member, value),
  )
}

/** The strings in single quotes after a pattern in the sources of a folder, such as codes. */
function quotedIn(folder: string, after: RegExp): string[] {
  return readdirSync(join(root, folder), { encoding: 'utf8', recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => [...readFileSync(join(root, folder, name), 'utf8').matchAll(after)])
    .map(([, code]) => code ?? '')
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const all = Object.values(machines).filter(
  (machine): machine is AnyStateMachine => machine instanceof StateMachine,
)
const flows = all.filter(({ states }) => 'abort' in states)
const grants = all.filter(({ states }) => 'authorized' in states)

describe('there is a text for', () => {
  const missing = (codes: readonly string[], texts: object) => codes.filter((code) => !(code in texts))

  it.each(flows.map((machine) => [machine.id, machine] as const))('the ends of %s', (_, { config }) => {
    const reasons = valuesOf('reason', config)
    expect(reasons.length).toBeGreaterThan(3)
    expect(missing(reasons, en.abort)).toEqual([])
  })

  it.each(flows.map((machine) => [machine.id, machine] as const))('the errors of %s', (_, { config }) => {
    expect(missing([...valuesOf('code', config), ...valuesOf('error', config)], en.error)).toEqual([])
  })

  it.each(grants.map((machine) => [machine.id, machine] as const))('the ends of %s', (_, { config, id }) => {
    const setup = readFileSync(join(root, `machines/${kebab(id)}-setup.ts`), 'utf8')
    const explained = [...setup.matchAll(/reason: '(\w+)'/g)].map(([, code]) => code ?? '')
    const reasons = [...valuesOf('reason', config), ...explained]
    expect(reasons).toEqual(expect.arrayContaining(['authorize_expired', 'authorize_rejected']))
    expect(missing(reasons, { ...en.error, ...en.abort })).toEqual([])
  })

  it.each([...flows, ...grants].map((machine) => [machine.id, machine] as const))(
    'the work of %s',
    (_, { states }) => {
      const working = Object.values(states).filter(({ tags }) => tags.includes('working'))
      expect(working.length).toBeGreaterThan(0)
      expect(
        missing(
          working.map(({ key }) => key),
          en.progress,
        ),
      ).toEqual([])
    },
  )

  it('the states of an entry', () => {
    // A parked entry is shown as one that retries.
    const shown = Object.keys(machines.configEntryMachine.states).filter((state) => state !== 'parked')
    expect(missing(shown, en.state)).toEqual([])
  })

  it('the errors of integrations and fields', () => {
    const code = /\b(?:code|error)(?: =|:) '([a-z]+(?:_[a-z]+)*)'/g
    const codes = ['src/errors', 'src/engine', 'src/authoring'].flatMap((folder) => quotedIn(folder, code))
    expect(codes).toEqual(expect.arrayContaining(['invalid_auth', 'rate_limited', 'invalid_address']))
    // These are reasons of entries, and `custom` is a code of zod.
    const others = ['setup_error', 'client_refused', 'custom', 'invalid_values']
    const inForms = codes.filter((found) => !others.includes(found))
    expect(missing(inForms, en.error)).toEqual([])
  })
})
