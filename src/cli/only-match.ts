import { UsageError } from './errors.ts'

/** Returns the only item with a title, or `undefined` without one. @throws UsageError if several have it */
export function onlyMatch<Item>(
  matches: readonly Item[],
  noun: string,
  idOf: (item: Item) => string,
): Item | undefined {
  if (matches.length < 2) return matches[0]
  const ids = matches.map(idOf).join(', ')
  throw new UsageError(`${matches.length} ${noun} have this title. Pass one of these ids: ${ids}.`)
}
