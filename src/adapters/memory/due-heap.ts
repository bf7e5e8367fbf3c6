const least = 1024

/**
 * What falls due, the earliest on top (a binary heap). Items that no longer count are not searched for when their
 * row changes: they are left out when they come up, or when the heap has doubled.
 */
export class DueHeap<Item> {
  #items: { at: number; item: Item }[] = []
  #limit = least
  readonly #counts: (item: Item) => boolean

  constructor(counts: (item: Item) => boolean) {
    this.#counts = counts
  }

  add(at: number, item: Item): void {
    if (this.#items.length >= this.#limit) {
      // A sorted array is a heap.
      this.#items = this.#items.filter((one) => this.#counts(one.item)).sort((a, b) => a.at - b.at)
      this.#limit = Math.max(least, this.#items.length * 2)
    }
    this.#push({ at, item })
  }

  /** At most `limit` items that are due by `now`, the longest overdue first. They stay. */
  due(now: number, limit: number): Item[] {
    // By item, because one that was taken out and put back may lie in the heap twice.
    const found = new Map<Item, number>()
    while (found.size < limit) {
      const top = this.#items[0]
      if (top === undefined || top.at > now) break
      this.#pop()
      if (this.#counts(top.item)) found.set(top.item, top.at)
    }
    for (const [item, at] of found) this.#push({ at, item })
    return [...found.keys()]
  }

  #push(one: { at: number; item: Item }): void {
    const items = this.#items
    let place = items.length
    items.push(one)
    while (place > 0) {
      const above = (place - 1) >>> 1
      const parent = items[above]
      if (parent === undefined || parent.at <= one.at) break
      items[place] = parent
      place = above
    }
    items[place] = one
  }

  #pop(): void {
    const items = this.#items
    const last = items.pop()
    if (last === undefined || items.length === 0) return
    let place = 0
    for (;;) {
      let below = place * 2 + 1
      let child = items[below]
      const other = items[below + 1]
      if (child === undefined) break
      if (other !== undefined && other.at < child.at) {
        child = other
        below++
      }
      if (child.at >= last.at) break
      items[place] = child
      place = below
    }
    items[place] = last
  }
}
