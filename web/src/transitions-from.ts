/** A transition in a picture: its labels and its target state. */
interface Transition {
  readonly on: readonly string[]
  readonly to: string
}

/** The paths of a state and its ancestors: `asking`, `asking.user`. */
export function statesAround(state: string): readonly string[] {
  const path = state.split('.')
  return path.map((_, depth) => path.slice(0, depth + 1).join('.'))
}

/** The transitions of a state and its ancestors, as a machine's picture shows them. */
export function transitionsFrom(picture: string, state: string): readonly Transition[] {
  const around = statesAround(state)
  const arrows = [...picture.matchAll(/<g data-id="way-([^"-]+)-([^"]+)".*?<\/g>/gs)]
  return arrows
    .filter(([, from = '']) => around.includes(from))
    .map(([arrow, , to = '']) => ({ on: textsIn(arrow), to }))
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
