import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { AnyStateMachine, AnyStateNode } from 'xstate'
import {
  authorizationCodeMachine,
  configEntryMachine,
  configFlowMachine,
  deviceCodeMachine,
  optionsFlowMachine,
  subentryFlowMachine,
  tokenMachine,
} from '../machines/index.ts'
import { mermaidOf, nodesOf, transitionsOf } from '../src/diagrams/mermaid.ts'
import { svgOf } from './svg.ts'

const folder = join(import.meta.dirname, '../machines')

/** Where the diagrams are kept. */
export const README = join(folder, 'README.md')

/** Who sends each event. */
const senders: Readonly<Record<string, string>> = {
  submit: 'a person',
  reject: 'a person',
  pick: 'a person',
  choose: 'a person',
  back: 'a person',
  authorized: 'the service',
  refused: 'the service',
  cancel: 'a person',
  expire: 'the clock',
  expireDraft: 'the clock',
  supersede: 'another flow',
  accountConfigured: 'another flow',
  ignore: 'a person',
  entryRepaired: 'the entry',
  entryRemoved: 'the entry',
  entryDisabled: 'the entry',
  setup: 'the host',
  retry: 'the clock',
  adopt: 'a flow',
  authFailed: 'a call',
  lost: 'the service',
  unload: 'the host',
  forceUnload: 'the host',
  disable: 'the host',
  enable: 'the host',
  callback: 'a browser',
  poll: 'whoever watches',
  due: 'a call',
  replaced: 'whoever saved another',
  lookAgain: 'the clock',
  arrived: 'an answer that came late',
}

const intro = `# The statecharts

Six machines decide everything; the engine in \`src/engine\` drives them and adapters do the work. They are pure:
no I/O, no clock, no prose, and this folder's \`tsconfig.json\` does not compile any. \`npm run diagrams\` writes this
file from the machines themselves, and a test fails when it is stale.

How to read the diagrams: an arrow says \`event [guard] / actions\`. \`done\` and \`error\` are what came of the state's
\`invoke\`. **Blue** states are at work, **yellow** ones are saving and refuse to be called back, **grey** ones are ends;
all others wait. An event with no arrow from a state, nor from a state around it, is refused.
`

/** The whole file, from the machines as they are. */
export function diagrams(): string {
  return [
    intro,
    section('The config flow', 'One conversation with a person about one entry.', configFlowMachine),
    section(
      'The options flow',
      'One conversation with a person about the options of an entry.',
      optionsFlowMachine,
    ),
    section(
      'The sub-entry flow',
      'One conversation with a person about something under an entry.',
      subentryFlowMachine,
    ),
    section('The config entry', 'The life of one config entry in one process.', configEntryMachine),
    section(
      'The authorization code',
      "One request for access through the service's own page; part of a config flow's record.",
      authorizationCodeMachine,
    ),
    section(
      'The device code',
      "One request for access by a code entered elsewhere; part of a config flow's record.",
      deviceCodeMachine,
    ),
    section('The token', 'The short-lived token of one entry in one process.', tokenMachine),
  ].join('\n')
}

function section(title: string, about: string, machine: AnyStateMachine): string {
  const rows = nodesOf(machine.root).map(
    (node) => `| \`${node.path.join('.')}\` | ${waitsFor(node)} | ${node.description ?? ''} |`,
  )
  const diagram = `\`\`\`mermaid\n${mermaidOf(machine)}\n\`\`\``
  const table = ['| state | waits for | what it is |', '| --- | --- | --- |', ...rows].join('\n')
  return `## ${title}\n\n${about} \`${machine.id}\`\n\n${diagram}\n\n${table}\n`
}

/** Whom a state waits for, from what it takes. */
function waitsFor(node: AnyStateNode): string {
  if (node.type === 'final') return 'nobody, it has ended'
  if (Object.keys(node.states).length > 0) return 'one of its states'
  if (transitionsOf(node).some(({ event }) => event === 'always')) return 'nobody, it passes on at once'
  const work = node.invoke.map(({ id }) => `the work \`${id}\``)
  const heard = [...new Set(eventsOf(node).map((event) => senders[event] ?? event))]
  if (work.length === 0) return heard.join(', ')
  return heard.length === 0 ? work.join(', ') : `${work.join(', ')}; hears ${heard.join(', ')}`
}

/** The events that a state takes, by itself or through a state around it. */
function eventsOf(node: AnyStateNode): string[] {
  const own = transitionsOf(node).map(({ event }) => event)
  const around = node.parent === undefined ? [] : eventsOf(node.parent)
  return [...own, ...around].filter((event) => !['done', 'error', 'always'].includes(event))
}

/** What is generated, by the file that it is kept in. */
export async function generated(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    [README, diagrams()],
    [join(folder, 'config-flow.svg'), await svgOf(configFlowMachine)],
    [join(folder, 'options-flow.svg'), await svgOf(optionsFlowMachine)],
    [join(folder, 'subentry-flow.svg'), await svgOf(subentryFlowMachine)],
    [join(folder, 'config-entry.svg'), await svgOf(configEntryMachine)],
    [join(folder, 'authorization-code.svg'), await svgOf(authorizationCodeMachine)],
    [join(folder, 'device-code.svg'), await svgOf(deviceCodeMachine)],
    [join(folder, 'token.svg'), await svgOf(tokenMachine)],
  ])
}

if (process.argv[1] === import.meta.filename) {
  for (const [path, text] of await generated()) {
    if (!process.argv.includes('--check')) writeFileSync(path, text)
    else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
      console.error(`machines/${basename(path)} is stale. Run: npm run diagrams`)
      process.exitCode = 1
    }
  }
}
