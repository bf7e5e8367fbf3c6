import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
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
} from '../machines/index.ts'
import { mermaidOf, nodesOf, transitionsOf } from '../src/diagrams/mermaid.ts'
import { discoveryModel, importModel, repairModel, replaceModel } from '../src/testing/flow-stories.ts'
import { configFlowModel } from '../src/testing/stories.ts'
import type { StoryModel } from '../src/testing/story-graph.ts'
import { entryStory } from './entry-story.ts'
import { partOf } from './part-of-stories.ts'
import { svgOf } from './svg.ts'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'machines')
/** The folder of the pictures that only the page shows. */
const charts = join(root, 'web/src/charts')

/** The file with the diagrams. */
export const README = join(folder, 'README.md')

/** The sender of each event. */
const senders: Readonly<Record<string, string>> = {
  submit: 'the user',
  reject: 'the user',
  pick: 'the user',
  choose: 'the user',
  back: 'the user',
  authorized: 'the service',
  refused: 'the service',
  cancel: 'the user',
  expire: 'the clock',
  expireDraft: 'the clock',
  supersede: 'another flow',
  accountConfigured: 'another flow',
  ignore: 'the user',
  entryRepaired: 'the entry',
  entryRemoved: 'the entry',
  entryDisabled: 'the entry',
  setup: 'the host',
  retry: 'the engine',
  adopt: 'a flow',
  authFailed: 'a call',
  callRefused: 'a call',
  callPassed: 'a call',
  tokenRejected: 'the token',
  lost: 'the service',
  unload: 'the host',
  forceUnload: 'the host',
  disable: 'the host',
  enable: 'the host',
  callback: 'a browser',
  poll: 'a client',
  due: 'a call',
  replaced: 'another writer',
  arrived: 'a late result',
  defer: 'the engine',
  drop: 'the receiver',
  accepted: 'a delivery',
  failed: 'a delivery',
  gaveUp: 'a delivery',
  gone: 'a delivery',
  turnOn: 'the host',
  turnOff: 'the host',
}

const intro = `# The statecharts

The machines make all decisions. The engine in \`src/engine\` steps them with XState and performs the work that they
request. They have no side effects: no I/O, no clock and no user-facing texts. This folder's \`tsconfig.json\` has no types
of a browser or of Node. \`npm run diagrams\` generates this file from the machines, and a test fails if it is stale.

How to read the diagrams: an arrow is labeled \`event [guard] / actions\`. \`done\` and \`error\` are the result of the
state's \`invoke\`. **Blue** states work. **Yellow** states save and refuse to be cancelled. **Grey** states are results.
All others wait. \`abort\` can also be a success: the reason and \`success\` tell. An event without an arrow from a state, or from a state around it, is refused.
`

/** The content of machines/README.md. */
export function diagrams(): string {
  return [
    intro,
    section(
      'The config flow',
      'Sets up, reauthenticates, reconfigures or replaces one entry.',
      configFlowMachine,
      flowsBySource(),
    ),
    section('The options flow', 'Changes the options of an entry.', optionsFlowMachine),
    section('The sub-entry flow', 'Adds or changes a sub-entry.', subentryFlowMachine),
    section('The config entry', 'The lifecycle of one config entry in one process.', configEntryMachine),
    section(
      'The authorization code',
      "One sign-in through the service's page. Part of a config flow's record.",
      authorizationCodeMachine,
    ),
    section(
      'The device code',
      "One sign-in with a code on another device. Part of a config flow's record.",
      deviceCodeMachine,
    ),
    section('The token', 'The short-lived token of one entry in one process.', tokenMachine),
    section(
      'The webhook receiver',
      'An address that receives the events of a scope.',
      webhookReceiverMachine,
    ),
    section('The webhook delivery', 'One event for one webhook receiver.', webhookDeliveryMachine),
    section('The removal', 'The service of a removed entry is informed.', entryRemovalMachine),
  ].join('\n')
}

/** The stories of each source. They have one form, and neither pages nor a sign-in at the service. */
const stories = (): Readonly<Record<string, readonly StoryModel[]>> => ({
  user: [configFlowModel('user', 'abort'), repairModel('user')],
  reauth: [configFlowModel('reauth', 'abort'), configFlowModel('reauth', 'retry')],
  reconfigure: [configFlowModel('reconfigure', 'abort'), configFlowModel('reconfigure', 'retry')],
  replace: [replaceModel()],
  discovery: [discoveryModel()],
  import: [importModel(), repairModel('import')],
})

/** The part of the config flow for each source. */
function flowsBySource(): string {
  const parts = Object.entries(stories()).map(
    ([source, used]) =>
      `### Source \`${source}\`\n\n${fenced(mermaidOf(configFlowMachine, partOf(configFlowMachine, used)))}\n`,
  )
  const about =
    'The diagram of a source shows the states and transitions of its stories, for an integration with one form.'
  return `${about}\n\n${parts.join('\n')}\n### All sources\n\n`
}

/** The pictures of the page: the life of an entry, and the part of the config flow for each source. */
async function pictures(): Promise<ReadonlyMap<string, string>> {
  const files = new Map([[join(charts, 'entry.svg'), await entryStory()]])
  for (const [source, used] of Object.entries(stories())) {
    const part = partOf(configFlowMachine, used)
    files.set(join(charts, `${source}.svg`), await svgOf(configFlowMachine, part))
  }
  return files
}

const fenced = (diagram: string): string => `\`\`\`mermaid\n${diagram}\n\`\`\``

function section(title: string, about: string, machine: AnyStateMachine, bySource = ''): string {
  const rows = nodesOf(machine.root).map(
    (node) => `| \`${node.path.join('.')}\` | ${waitsFor(node)} | ${node.description ?? ''} |`,
  )
  const table = ['| state | waits for | description |', '| --- | --- | --- |', ...rows].join('\n')
  return `## ${title}\n\n${about} \`${machine.id}\`\n\n${bySource}${fenced(mermaidOf(machine))}\n\n${table}\n`
}

/** The senders of the events that a state accepts. */
function waitsFor(node: AnyStateNode): string {
  if (node.type === 'final') return 'nothing, it is final'
  if (Object.keys(node.states).length > 0) return 'one of its states'
  if (node.type === 'history' || transitionsOf(node).some(({ event }) => event === 'always'))
    return 'nothing, it continues immediately'
  const work = node.invoke.map(({ id }) => `the work \`${id}\``)
  const heard = [
    ...new Set(
      eventsOf(node).map((event) => (event.startsWith('after ') ? 'the clock' : (senders[event] ?? event))),
    ),
  ]
  if (work.length === 0) return heard.join(', ')
  return heard.length === 0 ? work.join(', ') : `${work.join(', ')}; accepts events of ${heard.join(', ')}`
}

/** The events that a state accepts, itself or through a state around it. */
function eventsOf(node: AnyStateNode): string[] {
  const own = transitionsOf(node).map(({ event }) => event)
  const around = node.parent === undefined ? [] : eventsOf(node.parent)
  return [...own, ...around].filter((event) => !['done', 'error', 'always'].includes(event))
}

/** The generated texts by file. */
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
    [join(folder, 'webhook-receiver.svg'), await svgOf(webhookReceiverMachine)],
    [join(folder, 'webhook-delivery.svg'), await svgOf(webhookDeliveryMachine)],
    [join(folder, 'entry-removal.svg'), await svgOf(entryRemovalMachine)],
    ...(await pictures()),
  ])
}

/** Returns the generated files that are missing or stale in a copy of the repository. */
export function staleFiles(files: ReadonlyMap<string, string>, at = root): readonly string[] {
  return [...files].flatMap(([path, text]) => {
    const name = relative(root, path)
    const found = join(at, name)
    return existsSync(found) && readFileSync(found, 'utf8') === text ? [] : [name]
  })
}

if (process.argv[1] === import.meta.filename) {
  const files = await generated()
  if (process.argv.includes('--check')) {
    for (const name of staleFiles(files)) {
      console.error(`${name} is stale. Run: npm run diagrams`)
      process.exitCode = 1
    }
  } else for (const [path, text] of files) writeFileSync(path, text)
}
