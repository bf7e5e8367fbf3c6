import { instance } from '@viz-js/viz'
import type { AnyStateMachine, AnyStateNode } from 'xstate'
import {
  classOf,
  drawnTarget,
  type Filter,
  labelOf,
  nodesOf,
  staysIn,
  titleOf,
  transitionsOf,
} from '../src/diagrams/mermaid.ts'

/**
 * The style of a picture, standalone or in a page, in light and dark mode. A page gives the current state and the arrows from it
 * the class `active`, and the path to it `passed`.
 */
const style = `
svg.statechart:root { color-scheme: light dark }
.statechart { color: light-dark(#1f2937, #e5e7eb); font: 13px Helvetica, Arial, sans-serif }
.statechart text { fill: currentColor }
.statechart .state > path, .statechart .start > ellipse { fill: light-dark(#fff, #2e2e2e); stroke: light-dark(#6b7280, #9ca3af) }
.statechart .cluster > path { fill: light-dark(#f3f4f6, #1f1f1f); stroke: light-dark(#9ca3af, #6b7280); stroke-dasharray: 4 3 }
.statechart .start > ellipse { fill: currentColor; stroke: none }
.statechart .edge > path { fill: none; stroke: light-dark(#6b7280, #9ca3af) }
.statechart .edge > polygon { fill: light-dark(#6b7280, #9ca3af) }
.statechart .edge > text { font-size: 12px; paint-order: stroke; stroke: var(--statechart-ground, Canvas); stroke-width: 3px }
.statechart .working > path { fill: light-dark(#dbeafe, #1e3a5f); stroke: light-dark(#1d4ed8, #60a5fa) }
.statechart .committing > path { fill: light-dark(#fde68a, #54400e); stroke: light-dark(#b45309, #fbbf24) }
.statechart .ending > path { fill: light-dark(#e5e7eb, #3f3f46); stroke: light-dark(#374151, #a1a1aa) }
.statechart .edge.active > path { stroke: currentColor; stroke-width: 1.5 }
.statechart .edge.active > polygon { fill: currentColor; stroke: currentColor }
.statechart .edge.passed > path { stroke: light-dark(#1971c2, #4dabf7); stroke-width: 2 }
.statechart .edge.passed > polygon { fill: light-dark(#1971c2, #4dabf7); stroke: light-dark(#1971c2, #4dabf7) }
.statechart .edge.passed > text { fill: light-dark(#1864ab, #74c0fc) }
.statechart .state.passed > path { stroke: light-dark(#1971c2, #4dabf7); stroke-dasharray: none }
.statechart .state.active > path { stroke: light-dark(#2f9e44, #40c057); stroke-width: 2; stroke-dasharray: none }
.statechart .node.active > path { fill: light-dark(#d3f9d8, #14532d) }
.statechart .node.active > text { font-weight: 600 }
.statechart .attention.active > path { stroke: light-dark(#e8590c, #fd7e14); fill: light-dark(#fff1e6, #33221a) }
.statechart .warn.active > path { stroke: light-dark(#e08600, #fab005); fill: light-dark(#fff5e0, #34290f) }
.statechart:has(.active) .edge:not(.active, .passed) > :not(text) { opacity: 0.45 }
.statechart:has(.active) .edge:not(.active, .passed) > text { fill: light-dark(#5a6168, #a6abb2) }
`

/** The whole of any statechart. */
const WHOLE: Filter = { states: { has: () => true }, transitions: { has: () => true } }

/**
 * Renders a statechart, or a part of it, as SVG. The id of a state's group contains its path, `state-asking.user`; the id of an arrow
 * both ends, `way-asking.user-checkingConnection`.
 */
export const svgOf = (machine: AnyStateMachine, part: Filter = WHOLE): Promise<string> =>
  drawn(dotOf(machine, part), machine.id)

/** Renders a graph in Graphviz's language as a picture with this title. */
export async function drawn(dot: string, title: string): Promise<string> {
  const viz = await instance()
  return `${tidy(viz.renderString(dot, { format: 'svg' }), title)}\n`
}

function dotOf({ root }: AnyStateMachine, part: Filter): string {
  return [
    'digraph {',
    '  graph [compound=true, rankdir=TB, nodesep=0.25, ranksep=0.35, newrank=true, fontname="Helvetica", fontsize=13, margin=0, pad=0.15]',
    '  node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=13, height=0.4, margin="0.14,0.06"]',
    '  edge [fontname="Helvetica", fontsize=12, arrowsize=0.7]',
    ...statesIn(root, part),
    ...edgesOf(nodesOf(root), part),
    '}',
  ].join('\n')
}

function statesIn(parent: AnyStateNode, part: Filter): string[] {
  const start = `start_${parent.key}`
  const initial = parent.initial.target[0] ?? parent
  const within = Object.values(parent.states).filter((node) => part.states.has(node))
  const states = within.flatMap((node) => {
    const id = `id=${quoted(`state-${node.path.join('.')}`)}, class=${quoted(classesOf(node))}`
    const label = `label=${quoted(headingOf(node, part).join('\\n'))}`
    if (!isComposite(node)) return [`  ${node.key} [${id}, ${label}]`]
    return [
      `  subgraph cluster_${node.key} {`,
      `  graph [style=rounded, margin=14, ${id}, ${label}]`,
      ...statesIn(node, part),
      '  }',
    ]
  })
  const dot = `  ${start} [shape=circle, class="start", label="", width=0.12, height=0.12, fixedsize=true]`
  if (!part.states.has(leafOf(initial))) return states
  return [dot, ...states, `  ${start} -> ${leafOf(initial).key} [${headTo(initial)}]`]
}

function edgesOf(nodes: readonly AnyStateNode[], part: Filter): string[] {
  const labels = new Map<string, { from: AnyStateNode; to: AnyStateNode; lines: string[] }>()
  for (const node of nodes) {
    for (const each of transitionsOf(node)) {
      if (staysIn(node, each.transition) || !part.transitions.has(each.transition)) continue
      const to = drawnTarget(node, each.transition)
      const edge = labels.get(`${node.key} ${to.key}`) ?? { from: node, to, lines: [] }
      edge.lines.push(labelOf(node, each, { actions: false }))
      labels.set(`${node.key} ${to.key}`, edge)
    }
  }
  return [...labels.values()].map(({ from, to, lines }) => {
    const texts = [...new Set(lines)].filter((line) => line !== '')
    const tail = isComposite(from) ? `ltail=cluster_${from.key}, ` : ''
    const label = quoted(texts.map((line) => ` ${line}\\l`).join(''))
    const id = quoted(`way-${from.path.join('.')}-${to.path.join('.')}`)
    return `  ${leafOf(from).key} -> ${leafOf(to).key} [id=${id}, ${tail}${headTo(to)}label=${label}]`
  })
}

/** The name of a state, and the events that it stays after. */
function headingOf(node: AnyStateNode, part: Filter): string[] {
  const staying = transitionsOf(node)
    .filter(({ transition }) => staysIn(node, transition) && part.transitions.has(transition))
    .map((each) => `${labelOf(node, each, { actions: false })} ↺`)
  return [titleOf(node), ...new Set(staying)]
}

const classesOf = (node: AnyStateNode): string => ['state', classOf(node) ?? ''].join(' ').trim()
const isComposite = (node: AnyStateNode): boolean => Object.keys(node.states).length > 0
const headTo = (node: AnyStateNode): string => (isComposite(node) ? `lhead=cluster_${node.key}, ` : '')
/** Graphviz draws arrows only between leaves, and clips them at the group. */
const leafOf = (node: AnyStateNode): AnyStateNode =>
  isComposite(node) ? leafOf(node.initial.target[0] ?? node) : node
export const quoted = (text: string): string => `"${text.replaceAll('"', '\\"')}"`

/** Removes colors and fonts from Graphviz's picture, because the style defines them. */
function tidy(picture: string, name: string): string {
  return picture
    .replace(/^[\s\S]*?(?=<svg)/, '')
    .replace(/<!--[\s\S]*?-->\n?/g, '')
    .replace(/<title>.*?<\/title>\n/g, '')
    .replace(/^<polygon fill="white".*\n/m, '')
    .replace(/ (fill|stroke|font-family|font-size|xml:space|xmlns:xlink)="[^"]*"/g, '')
    .replace(/ id="(?!state|way)[^"]*"/g, '')
    .replaceAll('&#45;', '-')
    .replace(/<svg width="(\d+)pt" height="(\d+)pt"\n /, '<svg class="statechart" width="$1" height="$2" ')
    .replace('>\n', `>\n<title>${name}</title>\n<style>${style}</style>\n`)
    .trimEnd()
}
