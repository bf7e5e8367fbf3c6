import sortedBTree from 'sorted-btree'

// Node imports the CommonJS module. Vitest and some bundlers import its default export.
const BTree: typeof sortedBTree.default = 'default' in sortedBTree ? sortedBTree.default : sortedBTree

/** Keys in order. Adding, deleting and finding one cost the logarithm of their number. */
export type SortedSet<Key> = sortedBTree.default<Key, undefined>

export const sortedSet = <Key>(compare: (a: Key, b: Key) => number): SortedSet<Key> =>
  new BTree<Key, undefined>(undefined, compare)

export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Returns the first `count` ids after `after`. */
export function firstAfter(ids: SortedSet<string>, after: string | undefined, count: number): string[] {
  const found: string[] = []
  for (const id of ids.keys(after)) {
    if (found.length === count) break
    if (id !== after) found.push(id)
  }
  return found
}

/** Ids by key, in order. A single id lies in the map itself: a tree for each would outweigh an idle flow. */
export class SortedIds {
  readonly #ids = new Map<string, string | SortedSet<string>>()

  add(key: string, id: string): void {
    const present = this.#ids.get(key)
    if (present === undefined || present === id) this.#ids.set(key, id)
    else if (typeof present !== 'string') present.set(id, undefined)
    else {
      const ids = sortedSet(byText)
      for (const each of [present, id]) ids.set(each, undefined)
      this.#ids.set(key, ids)
    }
  }

  delete(key: string, id: string): void {
    const present = this.#ids.get(key)
    if (present === id) this.#ids.delete(key)
    else if (present !== undefined && typeof present !== 'string') {
      present.delete(id)
      if (present.size === 0) this.#ids.delete(key)
    }
  }

  /** Returns the id of a key that has at most one. */
  get(key: string): string | undefined {
    return this.page(key, undefined, 1)[0]
  }

  /** Returns the first `count` ids of a key after `after`. */
  page(key: string, after: string | undefined, count: number): string[] {
    const present = this.#ids.get(key)
    if (present === undefined) return []
    if (typeof present === 'string') return after === undefined || present > after ? [present] : []
    return firstAfter(present, after, count)
  }

  /** Returns the ids of a page of several keys, and one more if another page follows. */
  merged(keys: readonly string[], after: string | undefined, limit: number): string[] {
    const count = Math.max(1, limit) + 1
    const ids = keys.flatMap((key) => this.page(key, after, count))
    return keys.length === 1 ? ids : ids.sort().slice(0, count)
  }
}
