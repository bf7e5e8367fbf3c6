import type { AnyStateNode } from 'xstate'
import { configEntryMachine } from '../machines/index.ts'
import { nodesOf, transitionsOf } from '../src/diagrams/mermaid.ts'
import { en } from '../web/src/texts/en.ts'
import { translations } from '../web/src/texts/translations.ts'
import { drawn, quoted } from './svg.ts'

interface StoryState {
  /** The states of the machine that it stands for, without those in them. */
  readonly of: readonly string[]
  /** The group that it is drawn in. */
  readonly in?: keyof typeof groups
  /** The color while it is the current state. Defaults to that of a state in which all is well. */
  readonly tone?: 'attention' | 'warn'
}

const groups = {
  connected: { path: 'loaded', tone: '' },
  signIn: { path: 'reauth_required', tone: 'attention' },
} as const

/** The states of an entry that a user notices. */
const states = {
  connecting: { of: ['migrating', 'setup_in_progress'] },
  running: { of: ['loaded.running', 'loaded.probed', 'loaded.settled'], in: 'connected' },
  checking: { of: ['loaded.probing'], in: 'connected' },
  retrying: { of: ['setup_retry', 'parked'], tone: 'warn' },
  waiting: {
    of: ['reauth_required.recordingNeed', 'reauth_required.waiting'],
    in: 'signIn',
    tone: 'attention',
  },
  off: { of: ['not_loaded'] },
  disabled: { of: ['disabled'] },
} as const satisfies Readonly<Record<string, StoryState>>

type Name = keyof typeof states

/** The transitions between them that tell the story. */
const ways: readonly (readonly [from: Name, to: Name])[] = [
  ['off', 'connecting'],
  ['connecting', 'running'],
  ['connecting', 'retrying'],
  ['retrying', 'connecting'],
  ['running', 'checking'],
  ['checking', 'running'],
  ['running', 'retrying'],
  ['checking', 'waiting'],
  ['waiting', 'running'],
  ['off', 'disabled'],
]

/** The texts of the page in all languages. The page replaces those of the picture by those of its language. */
const texts = async (): Promise<Readonly<Record<string, string>>[]> => [
  en,
  ...(await Promise.all(Object.values(translations).map((load) => load()))).map(({ page }) => page),
]

/**
 * Renders the life of an entry as a user notices it. A state has the class `at-<path>` for each state of the machine that
 * it stands for.
 *
 * @throws Error if the machine does not have the state or transition
 */
export async function entryStory(): Promise<string> {
  const all = await texts()
  // The longest text needs the most room.
  const longest = (key: string): string =>
    all.map((each) => each[key] ?? '').reduce((a, b) => (b.length > a.length ? b : a))
  for (const [from, to] of ways) {
    if (!leads(from, to)) throw new Error(`The machine does not lead from ${from} to ${to}.`)
  }
  const node = ([name, { of, tone }]: [string, StoryState]) => {
    const classes = ['state', ...of.map((path) => `at-${path}`), ...(tone ? [tone] : [])].join(' ')
    return `${name} [id="state-${name}", class=${quoted(classes)}, label=${quoted(longest(`story.${name}`))}]`
  }
  const stories = Object.entries<StoryState>(states)
  const grouped = Object.entries(groups).map(
    ([group, { path, tone }]) =>
      `subgraph cluster_${group} { graph [style=rounded, margin=22, labeljust=l, labelloc=${group === 'signIn' ? 'b' : 't'}, id="state-${group}", class=${quoted(`state at-${path} ${tone}`.trim())}, label=${quoted(`${longest(`story.${group}`)}\\l`)}] ${stories
        .filter(([, state]) => state.in === group)
        .map(node)
        .join(' ')} }`,
  )
  return drawn(
    [
      'digraph {',
      'graph [rankdir=TB, nodesep=0.5, ranksep=0.32, newrank=true, fontname="Helvetica-Bold", fontsize=13, margin=0, pad=0.15]',
      'node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=13, height=0.42, margin="0.2,0.06"]',
      'edge [fontname="Helvetica", fontsize=12, arrowsize=0.7]',
      ...stories.filter(([, state]) => state.in === undefined).map(node),
      ...grouped,
      ...ways.map(
        ([from, to]) =>
          `${from} -> ${to} [id="way-${from}-${to}", label=${quoted(longest(`story.${from}.${to}`))}]`,
      ),
      '{ rank=same; running; retrying }',
      '}',
    ].join('\n'),
    configEntryMachine.id,
  )
}

/** Whether the machine leads from a state of the story to another one. */
function leads(from: Name, to: Name): boolean {
  return membersOf(from).some((node) =>
    [node, ...ancestorsOf(node)].some((each) =>
      transitionsOf(each).some(({ transition }) =>
        transition.target?.some((target) => membersOf(to).includes(enteredBy(target))),
      ),
    ),
  )
}

/** The states of the machine that a state of the story stands for, with those in them. */
function membersOf(name: Name): AnyStateNode[] {
  return states[name].of.flatMap((path) => {
    const found = nodesOf(configEntryMachine.root).find((node) => node.path.join('.') === path)
    if (found === undefined) throw new Error(`The machine has no state ${path}.`)
    return [found, ...nodesOf(found)]
  })
}

const ancestorsOf = ({ parent }: AnyStateNode): AnyStateNode[] =>
  parent === undefined ? [] : [parent, ...ancestorsOf(parent)]

/** The innermost state that is entered with a state. */
function enteredBy(node: AnyStateNode): AnyStateNode {
  const [initial] = node.initial?.target ?? []
  return initial === undefined || initial === node ? node : enteredBy(initial)
}
