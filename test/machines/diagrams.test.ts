import { spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import {
  authorizationCodeMachine,
  configEntryMachine,
  configFlowMachine,
  deviceCodeMachine,
  entryRemovalMachine,
  optionsFlowMachine,
  subentryFlowMachine,
  tokenMachine,
  webhookDeliveryMachine,
  webhookReceiverMachine,
} from '../../machines/index.ts'
import { diagrams, generated, staleFiles } from '../../scripts/diagrams.ts'
import { svgOf } from '../../scripts/svg.ts'
import { mermaidOf, nodesOf, transitionsOf } from '../../src/diagrams/mermaid.ts'

const root = resolve(import.meta.dirname, '../..')
const files = await generated()
const names = [...files.keys()].map((path) => relative(root, path))
const check = (folder: string) =>
  spawnSync(process.execPath, ['scripts/diagrams.ts', '--check'], { cwd: folder, encoding: 'utf8' })

describe('machines/README.md', () => {
  it('and its pictures are what the machines say. If not: npm run diagrams', () => {
    expect(names).toEqual([
      'machines/README.md',
      'machines/config-flow.svg',
      'machines/options-flow.svg',
      'machines/subentry-flow.svg',
      'machines/config-entry.svg',
      'machines/authorization-code.svg',
      'machines/device-code.svg',
      'machines/token.svg',
      'machines/webhook-receiver.svg',
      'machines/webhook-delivery.svg',
      'machines/entry-removal.svg',
      'web/src/charts/entry.svg',
      'web/src/charts/user.svg',
      'web/src/charts/reauth.svg',
      'web/src/charts/reconfigure.svg',
      'web/src/charts/replace.svg',
      'web/src/charts/discovery.svg',
      'web/src/charts/import.svg',
    ])
    for (const [path, text] of files) expect(readFileSync(path, 'utf8')).toBe(text)
  })

  it.each([...names])('finds a stale %s', (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-diagrams-'))
    try {
      for (const file of names) {
        mkdirSync(dirname(join(folder, file)), { recursive: true })
        cpSync(join(root, file), join(folder, file))
      }
      expect(staleFiles(files, folder)).toEqual([])
      appendFileSync(join(folder, name), 'A line that no machine said.\n')
      expect(staleFiles(files, folder)).toEqual([name])
      rmSync(join(folder, name))
      expect(staleFiles(files, folder)).toEqual([name])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('fails with --check if a file is stale', () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-diagrams-'))
    try {
      for (const part of ['machines', 'scripts', 'src', 'web/src', 'package.json']) {
        cpSync(join(root, part), join(folder, part), { recursive: true })
      }
      symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
      appendFileSync(join(folder, 'machines/README.md'), 'A line that no machine said.\n')
      expect(check(folder)).toMatchObject({
        status: 1,
        // Graphviz writes warnings about its layout to the same stream.
        stderr: expect.stringMatching(/^machines\/README\.md is stale\. Run: npm run diagrams$/m),
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('describes every state and its events', () => {
    const rows = diagrams().match(/^\| `.*$/gm) ?? []
    const machines = [
      configFlowMachine,
      optionsFlowMachine,
      subentryFlowMachine,
      configEntryMachine,
      authorizationCodeMachine,
      deviceCodeMachine,
      tokenMachine,
      webhookReceiverMachine,
      webhookDeliveryMachine,
      entryRemovalMachine,
    ]
    expect(rows).toHaveLength(machines.flatMap(({ root }) => nodesOf(root)).length)
    for (const row of rows) expect(row).toMatch(/^\| `[\w.]+` \| [a-z][^|]+ \| [A-Z][^|]+[.?] \|$/)
  })
})

describe('the pictures of the page', () => {
  const picture = (name: string) => files.get(join(root, `web/src/charts/${name}.svg`)) ?? ''
  const states = (svg: string) => svg.match(/<g id="state-/g)?.length ?? 0
  const ways = (svg: string) => svg.match(/<g id="way-/g)?.length ?? 0

  it.each(['user', 'reauth', 'reconfigure', 'replace', 'discovery', 'import'])(
    'of the source %s has only its states and arrows, with labels of at least 12 pixels',
    (source) => {
      const whole = files.get(join(root, 'machines/config-flow.svg')) ?? ''
      const svg = picture(source)
      expect(states(svg)).toBeGreaterThan(4)
      expect(states(svg)).toBeLessThanOrEqual(16)
      expect(ways(svg)).toBeLessThan(ways(whole) / 2)
      const sizes = [...svg.matchAll(/font(?:-size)?: (\d+)px/g)].map(([, size]) => Number(size))
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(12)
    },
  )

  it('of an entry stands for states of its machine', () => {
    const paths = nodesOf(configEntryMachine.root).map(({ path }) => path.join('.'))
    const shown = [...picture('entry').matchAll(/ at-([\w.]+)/g)].map(([, path]) => path)
    expect(shown).toEqual(
      expect.arrayContaining(['loaded.running', 'loaded.probing', 'reauth_required.waiting']),
    )
    expect(shown.filter((path) => !paths.includes(path ?? ''))).toEqual([])
  })
})

describe('the diagrams of the sources', () => {
  const part = diagrams().split('## All sources')[0] ?? ''
  const sections = part.split('### Source ').slice(1)

  it('come before the whole chart, one for each source', () => {
    const sources = sections.map((section) => /^`(\w+)`/.exec(section)?.[1])
    expect(sources).toEqual(['user', 'reauth', 'reconfigure', 'replace', 'discovery', 'import'])
  })

  it.each(sections.map((section) => [section.split('\n')[0] ?? '', section] as const))(
    'fit a screen, and draw arrows between states that they declare: %s',
    (_, section) => {
      const states = section
        .split('\n')
        .flatMap((line) => /^ +(?:state ".*" as )?([a-z]\w*)(?: \{)?$/i.exec(line)?.[1] ?? [])
      const ends = section.split('\n').flatMap((line) => / (\S+) --> (\S+)/.exec(line)?.slice(1) ?? [])
      expect(states.length).toBeLessThanOrEqual(16)
      expect(ends.filter((end) => end !== '[*]' && !states.includes(end))).toEqual([])
    },
  )
})

const id = '[a-z][A-Za-z_]*'
// The characters of a text: no colon, semicolon, quote, brace or hash, which are syntax of Mermaid.
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
  ['optionsFlow', optionsFlowMachine],
  ['subentryFlow', subentryFlowMachine],
  ['configEntry', configEntryMachine],
  ['authorizationCode', authorizationCodeMachine],
  ['deviceCode', deviceCodeMachine],
  ['token', tokenMachine],
  ['webhookReceiver', webhookReceiverMachine],
  ['webhookDelivery', webhookDeliveryMachine],
  ['entryRemoval', entryRemovalMachine],
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

  it('lists every transition, invoke, tag and final state', () => {
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

describe.each([
  ['configFlow', configFlowMachine],
  ['optionsFlow', optionsFlowMachine],
  ['subentryFlow', subentryFlowMachine],
  ['configEntry', configEntryMachine],
  ['authorizationCode', authorizationCodeMachine],
  ['deviceCode', deviceCodeMachine],
  ['token', tokenMachine],
  ['webhookReceiver', webhookReceiverMachine],
  ['webhookDelivery', webhookDeliveryMachine],
  ['entryRemoval', entryRemovalMachine],
])('svgOf(%s)', (name, machine) => {
  const nodes = nodesOf(machine.root)
  let svg = ''
  beforeAll(async () => {
    svg = await svgOf(machine)
  })

  it('has each state once, by its path, with what kind it is', () => {
    const groups = [...svg.matchAll(/<g id="state-([^"]*)" class="(node|cluster) (state[^"]*)"/g)]
    expect(groups.map(([, path]) => path).sort()).toEqual(nodes.map(({ path }) => path.join('.')).sort())
    for (const { path, type, tags, states } of nodes) {
      const [, , shape, kind] = groups.find(([, drawn]) => drawn === path.join('.')) ?? []
      expect(shape).toBe(Object.keys(states).length > 0 ? 'cluster' : 'node')
      const expected =
        type === 'final' ? 'ending' : ['committing', 'working'].find((tag) => tags.includes(tag))
      expect(kind).toBe(['state', expected].filter(Boolean).join(' '))
    }
  })

  it('draws every event and guard of a transition, and no action', () => {
    const texts = [...svg.matchAll(/<text[^>]*>(.*?)<\/text>/g)].map(([, text]) => text?.trim())
    const events = nodes.flatMap((node) => transitionsOf(node)).map(({ event }) => event)
    for (const event of new Set(events)) {
      if (event !== 'always') expect(texts.some((text) => text?.startsWith(event))).toBe(true)
    }
    expect(texts.filter((text) => text?.includes(' / '))).toEqual([])
  })

  it('says its colours in one style that knows light and dark, and is called by its name', () => {
    expect(svg).toContain(`<title>${name}</title>`)
    expect(svg.replace(/<style>[\s\S]*<\/style>/, '')).not.toMatch(/fill=|stroke=|font-family=|#[0-9a-f]{3}/)
    expect(svg).toContain('light-dark(')
  })
})
