/** A way out of a state: what takes it, one for each way to say so, and the state that it leads to. */
interface Way {
  readonly on: readonly string[]
  readonly to: string
}

/** A state's path and those of the states that it is in: `asking`, `asking.user`. */
export function statesAround(state: string): readonly string[] {
  const path = state.split('.')
  return path.map((_, depth) => path.slice(0, depth + 1).join('.'))
}

/** The ways that a machine's picture shows out of a state, and out of the states that it is in. */
export function waysFrom(picture: string, state: string): readonly Way[] {
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
