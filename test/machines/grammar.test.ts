import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import ts from 'typescript'
import type { AnyStateMachine, AnyStateNode } from 'xstate'
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
import { isWritten } from '../../src/diagrams/mermaid.ts'

const folder = resolve(import.meta.dirname, '../../machines')
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))
const sources = files.map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))

const statesOf = (node: AnyStateNode): AnyStateNode[] =>
  Object.values(node.states).flatMap((child) => [child, ...statesOf(child)])
const eventsOf = (node: AnyStateNode): string[] => [
  ...node.transitions.keys(),
  ...(node.parent === undefined ? [] : eventsOf(node.parent)),
]
const nameOf = (action: unknown): unknown =>
  typeof action === 'object' && action !== null && 'type' in action ? action.type : action

/** Home Assistant's names for the states of an entry. */
const homeAssistant = [
  'not_loaded',
  'setup_in_progress',
  'loaded',
  'setup_retry',
  'setup_error',
  'migration_error',
  'unload_in_progress',
  'failed_unload',
]
/** The waiting, resting and final states of the charts of sign-ins, tokens and webhooks. */
const ofGrants: Readonly<Record<string, readonly string[]>> = {
  authorizationCode: ['redirected', 'authorized', 'refused', 'expired'],
  deviceCode: ['waiting', 'showing_code', 'authorized', 'refused', 'expired'],
  token: [
    ...['fresh', 'refreshing', 'waitingForHolder', 'stale', 'waiting', 'overdue', 'ready', 'unsaved'],
    ...['expiring', 'rejected'],
  ],
  webhookReceiver: ['active', 'failing', 'off'],
  webhookDelivery: ['waiting', 'delivered', 'given_up'],
  entryRemoval: ['waiting', 'completed', 'skipped', 'given_up'],
}
/** The number of working states of the charts that have fewer than two. A receiver does nothing: its deliveries do. */
const fewestWorking: Readonly<Record<string, number>> = { webhookReceiver: 0, webhookDelivery: 1 }
/** The states that end by themselves, with their delays. Flows rest in records, so they have none. */
const delays: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  configEntry: {
    running: ['livedLong'],
    probed: ['probeExpiry'],
    setup_retry: ['retryBackoff'],
    draining: ['drainTimeout'],
    disposing: ['disposeTimeout'],
  },
  token: {
    waitingForHolder: ['leasePoll'],
    waiting: ['refreshBackoff'],
    overdue: ['refreshBackoff'],
    unsaved: ['saveRetry'],
    expiring: ['tokenEnd'],
  },
}
/** The states of flows, which share their guards and actions. */
const flowFiles = [
  ...['', '-asking', '-discovery', '-saving', '-rollback', '-ends'].map((part) => `config-flow${part}.ts`),
  'config-flow-choices.ts',
  'finding-entry.ts',
  'finding-saved.ts',
  'page-events.ts',
  'options-flow.ts',
  'subentry-flow.ts',
]
/** The states in which a flow waits for a user, and its final states. */
const ofFlows: Readonly<
  Record<string, { readonly steps: readonly string[]; readonly ends: readonly string[] }>
> = {
  configFlow: {
    steps: [
      'pick_method',
      'user',
      'discovery_confirm',
      'reauth_confirm',
      'reconfigure',
      'replace',
      'replace_confirm',
      'repair_confirm',
      'account_confirm',
      'authorize',
      'device',
      'challenge',
    ],
    ends: ['create_entry', 'abort'],
  },
  optionsFlow: { steps: ['init'], ends: ['abort'] },
  subentryFlow: { steps: ['add_subentry', 'change_subentry'], ends: ['create_entry', 'abort'] },
}
/** The states of each chart. */
const chartFiles: Readonly<Record<string, readonly string[]>> = {
  configFlow: flowFiles,
  optionsFlow: flowFiles,
  subentryFlow: flowFiles,
  configEntry: [
    'config-entry.ts',
    'config-entry-address.ts',
    'config-entry-outcomes.ts',
    'config-entry-unload.ts',
  ],
  authorizationCode: ['authorization-code.ts', 'authorization-ends.ts'],
  deviceCode: ['device-code.ts', 'authorization-ends.ts'],
  token: ['token.ts'],
  webhookReceiver: ['webhook-receiver.ts'],
  webhookDelivery: ['webhook-delivery.ts'],
  entryRemoval: ['entry-removal.ts'],
}
const ours = [
  'migrating',
  'parked',
  'reauth_required',
  'disabled',
  'running',
  'probed',
  'settled',
  'probing',
  'connecting',
  'tryingAddress',
  'savingAddress',
  'discardingAddress',
  'recordingNeed',
  'waiting',
  'restoringOriginal',
  'waitingForCorrection',
  'draining',
  'disposing',
]

describe.each<[string, AnyStateMachine]>([
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
])('%sMachine', (name, machine) => {
  const nodes = statesOf(machine.root)
  const working = nodes.filter(({ tags }) => tags.includes('working'))

  it('names its states by the grammar', () => {
    const names = nodes.map(({ key }) => key)
    if (name === 'configEntry') {
      expect([...names].sort()).toEqual([...homeAssistant, ...ours].sort())
      return
    }
    if (name in ofGrants) {
      for (const { key } of working) expect(key).toMatch(/^[a-z]+ing[A-Z][a-z]+$/)
      expect(names.filter((key) => !working.some((node) => node.key === key))).toEqual(ofGrants[name])
      return
    }
    const { steps = [], ends = [] } = ofFlows[name] ?? {}
    const asking = nodes.filter(({ parent, type }) => parent?.key === 'asking' && type === 'atomic')
    expect(asking.map(({ key }) => key)).toEqual(steps)
    expect(nodes.filter(({ type }) => type === 'final').map(({ key }) => key)).toEqual(ends)
    for (const { key } of working) expect(key).toMatch(/^[a-z]+ing[A-Z][a-z]+$/)
    const rest = ['start', 'asking', 'last', ...ends, ...steps]
    expect(names.filter((key) => !rest.includes(key))).toEqual(working.map(({ key }) => key))
  })

  it('describes every state', () => {
    for (const { key, description } of nodes) expect([key, description]).toEqual([key, expect.any(String)])
  })

  it('gives each step, and no other state, the view that it has', () => {
    const { steps = [] } = ofFlows[name] ?? {}
    const withView = nodes.filter(({ meta }) => meta !== undefined)
    expect(withView.map(({ key }) => key)).toEqual(steps)
    for (const { meta } of withView)
      expect(meta).toEqual({ view: expect.any(String), shows: expect.any(String) })
  })

  it('is tagged working exactly if it invokes, one actor at a time', () => {
    for (const node of nodes) {
      expect([node.key, node.invoke.length]).toEqual([node.key, node.tags.includes('working') ? 1 : 0])
    }
    expect(working.length).toBeGreaterThanOrEqual(fewestWorking[name] ?? 2)
  })

  it('calls each work by the name of its actor: verb and object', () => {
    for (const { invoke } of working) {
      expect(invoke[0]?.id).toBe(invoke[0]?.src)
      expect(invoke[0]?.id).toMatch(/^[a-z]+[A-Z]\w+$|^requireReauth$/)
    }
  })

  it('says of every work what follows, done or failed', () => {
    for (const { key, transitions, invoke } of working) {
      const { id } = invoke[0] ?? {}
      const done = transitions.get(`xstate.done.actor.${id}`) ?? []
      expect([key, done.at(-1)?.guard]).toEqual([key, undefined])
      const failed = transitions.get(`xstate.error.actor.${id}`) ?? []
      expect([key, failed.length > 0, failed.at(-1)?.guard]).toEqual([key, true, undefined])
    }
  })

  it('names the form in each transition that shows one', () => {
    for (const { key, transitions, always } of nodes) {
      const targets = [...transitions.values(), always ?? []].flat().flatMap(({ target }) => target ?? [])
      expect([key, targets.map(({ key: target }) => target)]).toEqual([
        key,
        expect.not.arrayContaining(['asking']),
      ])
    }
  })

  it('has only the kinds of states that are allowed, and no wildcards or completion events', () => {
    const kinds = ['atomic', 'compound', 'final', ...(name in ofFlows ? ['history'] : [])]
    for (const node of [machine.root, ...nodes]) {
      expect([node.key, kinds]).toEqual([node.key, expect.arrayContaining([node.type])])
      expect([node.key, node.after.map(({ delay }) => delay)]).toEqual([
        node.key,
        delays[name]?.[node.key] ?? [],
      ])
      for (const event of node.transitions.keys()) {
        expect(event).toMatch(/^([a-z][A-Za-z]+|xstate\.(done|error|after)\.[A-Za-z_.]+)$/)
      }
    }
  })

  it('has delays that are finite numbers of milliseconds', () => {
    const context = machine.getInitialSnapshot(Object(null), {
      disposeTimeout: 1,
      flowId: 'f',
      source: 'user',
      entryId: 'e',
    }).context
    for (const delay of Object.values(machine.implementations.delays)) {
      const wait = typeof delay === 'function' ? delay({ context } as never, undefined as never) : delay
      expect(wait).toBeGreaterThanOrEqual(0)
      expect(wait).toBeLessThan(Number.POSITIVE_INFINITY)
    }
  })

  it('does nothing in its transitions but the named actions and guards of its setup', () => {
    const { actions, guards, actors } = machine.implementations
    for (const node of [machine.root, ...nodes]) {
      const transitions = [...node.transitions.values()].flat().concat(node.always ?? [])
      const done = [...node.entry, ...node.exit].filter(isWritten)
      const used = [...done, ...transitions.flatMap((each) => each.actions)].map(nameOf)
      for (const action of used) expect(Object.keys(actions)).toContain(action)
      for (const { guard } of transitions) {
        if (guard !== undefined) expect(Object.keys(guards)).toContain(nameOf(guard))
      }
      for (const { src } of node.invoke) expect(Object.keys(actors)).toContain(src)
    }
    for (const actor of Object.values(actors)) expect('root' in Object(actor)).toBe(false)
  })

  it('uses every word of its setup', () => {
    const chart = (chartFiles[name] ?? []).map((file) => readFileSync(join(folder, file), 'utf8')).join()
    const { actions, guards, actors } = machine.implementations
    for (const word of [...Object.keys(actions), ...Object.keys(guards), ...Object.keys(actors)]) {
      expect([word, chart.includes(`'${word}'`)]).toEqual([word, true])
    }
    const named = [...new Set(Object.values(delays[name] ?? {}).flat())]
    expect(Object.keys(machine.implementations.delays).sort()).toEqual(named.sort())
  })

  it('refuses cancel while it commits', () => {
    for (const node of nodes.filter(({ tags }) => tags.includes('committing'))) {
      expect(node.tags).toContain('working')
      expect(eventsOf(node).filter((event) => !event.startsWith('xstate.'))).toEqual([])
    }
  })
})

describe('machines/', () => {
  it('imports nothing but xstate, zod and its neighbors', () => {
    for (const { name, text } of sources) {
      const imported = ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName)
      for (const from of imported) expect([name, from]).toEqual([name, expect.stringMatching(allowed)])
    }
    expect('../src/errors.ts').not.toMatch(allowed)
    expect('node:fs').not.toMatch(allowed)
  })

  it('sends nothing to itself or to others, starts no actor and has no clock', () => {
    const banned =
      /\b(raise|sendTo|sendParent|forwardTo|enqueueActions|spawnChild|spawn|stopChild|cancel|log|delay|self|system|Date|Math\.random|Promise)\b\s*[(:.]/
    for (const { name, text } of sources.filter((source) => source.name !== 'effect.ts')) {
      const code = text
        .replace(/\/\*\*[\s\S]*?\*\/|\/\/.*$/gm, '')
        .replace(/\bcancel: (endWith|abortWith|refuse)\(/g, '')
      expect([name, banned.exec(code)?.[0]]).toEqual([name, undefined])
    }
    for (const bad of ['raise({', 'delay: 5', 'self.send(', 'Date.now()']) expect(bad).toMatch(banned)
  })

  it('keeps guards and actions from looking into the event: they take params', () => {
    const looks = (code: string) =>
      code.match(/^ {4}\w+: (assign\()?\(\{[^)]*\bevent\b[^)]*\}|\bevent\b(?=[.?])/gm) ?? []
    for (const { name, text } of sources.filter((source) => source.name.endsWith('-setup.ts'))) {
      expect([name, looks(text)]).toEqual([name, []])
    }
    expect(looks("    failed: ({ event }) => event.type === 'x',")).not.toEqual([])
  })
})

const allowed = /^(xstate|zod|\.\/[a-z-]+\.ts)$/

describe('machines/tsconfig.json', () => {
  const parsed = ts.getParsedCommandLineOfConfigFile(join(folder, 'tsconfig.json'), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: () => {},
  })
  const errorsOf = (text: string): number[] => {
    const path = join(folder, 'probe.ts')
    const options = { ...parsed?.options, noEmit: true, types: parsed?.options.types ?? [] }
    const host = ts.createCompilerHost(options)
    const { getSourceFile, fileExists, readFile } = host
    host.getSourceFile = (name, target) =>
      name === path ? ts.createSourceFile(name, text, target) : getSourceFile.call(host, name, target)
    host.fileExists = (name) => name === path || fileExists.call(host, name)
    host.readFile = (name) => (name === path ? text : readFile.call(host, name))
    const program = ts.createProgram([path], options, host)
    return ts.getPreEmitDiagnostics(program).map(({ code }) => code)
  }

  it('compiles what a machine needs (the positive control)', () => {
    expect(parsed?.errors).toEqual([])
    const good = "export const names = new Map<string, number>()\nexport const at = names.get('a') ?? 0\n"
    expect(errorsOf(good)).toEqual([])
    expect(errorsOf("import { setup } from 'xstate'\nexport const made = setup({})\n")).toEqual([])
  })

  it.each([
    "export const answer = fetch('https://example.org')",
    'export const timer = setTimeout(() => {}, 1)',
    'export const interval = setInterval(() => {}, 1)',
    'export const home = process.env.HOME',
    "console.log('said')",
    "export const bytes = Buffer.from('a')",
    'export const id = crypto.randomUUID()',
    "import { readFileSync } from 'node:fs'\nexport const text = readFileSync('a')",
    'export const page = document.title',
    'queueMicrotask(() => {})',
  ])('does not compile: %s', (text) => {
    const codes = errorsOf(`${text}\nexport {}\n`)
    // Cannot find: name, module, name (install types), name (change lib), name (did you mean).
    expect(codes).toHaveLength(1)
    expect([2304, 2307, 2552, 2580, 2584, 2591]).toContain(codes[0])
  })
})
