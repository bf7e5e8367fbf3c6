/** A transition in a picture: its labels, its target state and the label of that. */
interface Transition {
  readonly on: readonly string[]
  readonly to: string
}

/** The paths of a state and its ancestors: `asking`, `asking.user`. */
function statesAround(state: string): readonly string[] {
  const path = state.split('.')
  return path.map((_, depth) => path.slice(0, depth + 1).join('.'))
}

/** A drawn state: its name in the picture, and the states of the machine that it stands for. */
interface Drawn {
  readonly name: string
  readonly isGroup: boolean
  readonly of: readonly string[]
  readonly label: string
}

function statesIn(picture: string): readonly Drawn[] {
  const groups = picture.matchAll(/<g data-id="state-([^"]+)" class="(node|cluster) ([^"]*)".*?<\/g>/gs)
  return [...groups].map(([group, name = '', shape, classes = '']) => ({
    name,
    isGroup: shape === 'cluster',
    of: [...classes.matchAll(/(?:^| )at-(\S+)/g)].map(([, path = '']) => path).concat(name),
    label: textsIn(group)[0] ?? name,
  }))
}

/** The names of the drawn states that are active in a state of the machine: it and its ancestors. */
export function activeIn(picture: string, state: string): ReadonlySet<string> {
  const around = statesAround(state)
  const active = statesIn(picture).filter(({ of }) => of.some((path) => around.includes(path)))
  return new Set(active.map(({ name }) => name))
}

/** Whether a picture shows a state of the machine itself, not only one around it. */
export const shows = (picture: string, state: string): boolean =>
  statesIn(picture).some(
    ({ isGroup, of }) => !isGroup && of.some((path) => statesAround(state).includes(path)),
  )

/** The transitions of a state and its ancestors, as a machine's picture shows them. */
export function transitionsFrom(picture: string, state: string): readonly Transition[] {
  const active = activeIn(picture, state)
  const labels = new Map(statesIn(picture).map(({ name, label }) => [name, label]))
  const arrows = [...picture.matchAll(/<g data-id="way-([^"-]+)-([^"]+)".*?<\/g>/gs)]
  return arrows
    .filter(([, from = '']) => active.has(from))
    .map(([arrow, , to = '']) => ({
      on: textsIn(arrow),
      // Of a machine's own states, the path says more than the drawn name.
      to: to.includes('.') ? to : (labels.get(to) ?? to),
    }))
}

/** The arrows between the states of a trail, as `from-to`. */
export function waysAlong(picture: string, trail: readonly string[]): ReadonlySet<string> {
  const ways = new Set<string>()
  for (const [place, state] of trail.entries()) {
    const before = trail[place - 1]
    if (before === undefined) continue
    for (const from of activeIn(picture, before))
      for (const to of activeIn(picture, state)) ways.add(`${from}-${to}`)
  }
  return ways
}

function textsIn(drawn: string): string[] {
  return [...drawn.matchAll(/<text[^>]*>(.*?)<\/text>/g)].map(([, text = '']) => plain(text).trim())
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&#39;': "'",
  '&quot;': '"',
  '&amp;': '&',
}

const plain = (text: string): string =>
  text.replaceAll('&#160;', ' ').replace(/&(?:lt|gt|#39|quot|amp);/g, (entity) => ENTITIES[entity] ?? entity)
