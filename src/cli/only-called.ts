import { UsageError } from './errors.ts'

/** The only one of those that are called what somebody said; undefined where there is none. @throws UsageError */
export function onlyCalled<Item>(
  called: readonly Item[],
  what: string,
  idOf: (item: Item) => string,
): Item | undefined {
  if (called.length < 2) return called[0]
  const ids = called.map(idOf).join(', ')
  throw new UsageError(`${called.length} ${what} have this title. Name one by its id: ${ids}.`)
}
