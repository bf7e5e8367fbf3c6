const none: readonly string[] = []

/** Several ids for a key. A lone id lies in the map itself: a set for each would outweigh a parked flow. */
export class IdsByKey {
  readonly #ids = new Map<string, string | Set<string>>()

  add(key: string, id: string): void {
    const there = this.#ids.get(key)
    if (there === undefined || there === id) this.#ids.set(key, id)
    else if (typeof there === 'string') this.#ids.set(key, new Set([there, id]))
    else there.add(id)
  }

  delete(key: string, id: string): void {
    const there = this.#ids.get(key)
    if (there === id) this.#ids.delete(key)
    else if (there instanceof Set && there.delete(id) && there.size === 0) this.#ids.delete(key)
  }

  of(key: string): Iterable<string> {
    const there = this.#ids.get(key)
    return there === undefined ? none : typeof there === 'string' ? [there] : there
  }
}
