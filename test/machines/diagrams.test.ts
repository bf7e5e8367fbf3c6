import { spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { configEntryMachine, configFlowMachine } from '../../machines/index.ts'
import { diagrams, README } from '../../scripts/diagrams.ts'
import { mermaidOf, nodesOf, transitionsOf } from '../../scripts/mermaid.ts'

const root = resolve(import.meta.dirname, '../..')
const check = (folder: string) =>
  spawnSync(process.execPath, ['scripts/diagrams.ts', '--check'], { cwd: folder, encoding: 'utf8' })

describe('machines/README.md', () => {
  it('is what the machines say. If not: npm run diagrams', () => {
    expect(readFileSync(README, 'utf8')).toBe(diagrams())
  })

  it('is found stale by --check, and fresh where it is', () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-diagrams-'))
    try {
      for (const part of ['machines', 'scripts', 'package.json']) {
        cpSync(join(root, part), join(folder, part), { recursive: true })
      }
      symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
      expect(check(folder)).toMatchObject({ status: 0 })
      appendFileSync(join(folder, 'machines/README.md'), 'A line that no machine said.\n')
      expect(check(folder)).toMatchObject({ status: 1, stderr: expect.stringContaining('npm run diagrams') })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('says of every state what it is, and for whom it waits', () => {
    const rows = diagrams().match(/^\| `.*$/gm) ?? []
    expect(rows).toHaveLength(
      nodesOf(configFlowMachine.root).length + nodesOf(configEntryMachine.root).length,
    )
    for (const row of rows) expect(row).toMatch(/^\| `[\w.]+` \| [a-z][^|]+ \| [A-Z][^|]+[.?] \|$/)
  })
})

const id = '[a-z][A-Za-z_]*'
// What may stand in a text: no colon, semicolon, quote, brace or hash, which mean something to Mermaid.
const text = '[^:;"{}#%]+'
const lines = [
  /^stateDiagram-v2$/,
  /^ +classDef [a-z]+ fill:#[0-9a-f]{6},stroke:#[0-9a-f]{6},color:#[0-9a-f]{6}$/,
  new RegExp(`^ +class ${id}(,${id})* [a-z]+$`),
  new RegExp(`^ +${id}$`),
  new RegExp(`^ +state "${text}" as ${id}( \\{)?$`),
  /^ +\}$/,
  new RegExp(`^ +\\[\\*\\] --> ${id}$`),
  new RegExp(`^ +${id} --> (${id}|\\[\\*\\])( : ${text})?$`),
]

describe.each([
  ['configFlow', configFlowMachine],
  ['configEntry', configEntryMachine],
])('mermaidOf(%s)', (_, machine) => {
  const diagram = mermaidOf(machine).split('\n')
  const nodes = nodesOf(machine.root)

  it('writes nothing that Mermaid does not read', () => {
    for (const line of diagram) expect(lines.filter((known) => known.test(line))).toHaveLength(1)
    const depths = diagram.map((line) => (line.endsWith('{') ? 1 : line.trim() === '}' ? -1 : 0))
    expect(depths.reduce<number>((depth, change) => depth + change, 0)).toBe(0)
  })

  it('declares each state once, and draws arrows between states that it declares', () => {
    const declared = diagram.flatMap(
      (line) => /^ +(?:state ".*" as )?([a-z]\w*)(?: \{)?$/i.exec(line)?.[1] ?? [],
    )
    expect([...declared].sort()).toEqual(nodes.map(({ key }) => key).sort())
    const drawn = diagram.flatMap((line) => / (\S+) --> (\S+)/.exec(line)?.slice(1) ?? [])
    expect(drawn.filter((end) => end !== '[*]' && !declared.includes(end))).toEqual([])
  })

  it('joins the arrows that run between the same two states', () => {
    const arrows = diagram.flatMap((line) => / (\S+ --> \S+)/.exec(line)?.[1] ?? [])
    const nested = arrows.filter((arrow) => !arrow.startsWith('[*]'))
    expect(new Set(nested).size).toBe(nested.length)
  })

  it('tells of every transition, every invoke, every tag and every end', () => {
    const shown = diagram
      .filter((line) => line.includes(' --> ') || line.includes('state "'))
      .flatMap((line) => line.split(/ : |<br\/>/).slice(1))
      .filter((part) => !/^(invoke|entry|exit) /.test(part))
    const transitions = nodes.flatMap((node) => transitionsOf(node))
    const silent = transitions.filter(
      ({ event, transition }) =>
        event === 'always' && transition.guard === undefined && transition.actions.length === 0,
    )
    expect(silent.every(({ transition }) => transition.target !== undefined)).toBe(true)
    expect(shown).toHaveLength(transitions.length)
    for (const { key, invoke, type, tags } of nodes) {
      for (const { src } of invoke) {
        expect(diagram.join('\n')).toMatch(new RegExp(`"${key}<br/>invoke ${String(src)}[<"]`))
      }
      const ends = diagram.includes(`  ${key} --> [*]`)
      expect(ends).toBe(type === 'final')
      const marked = diagram.filter((line) => new RegExp(`^ +class .*\\b${key}\\b`).test(line))
      const marks = type === 'final' || tags.includes('working') || tags.includes('committing')
      expect(marked).toHaveLength(marks ? 1 : 0)
    }
  })
})
