/** Runs one task at a time for each key, in the order of the calls. */
export class KeyedMutex {
  readonly #tails = new Map<string, Promise<void>>()

  async run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#tails.get(key)
    const { promise: mine, resolve: release } = Promise.withResolvers<void>()
    this.#tails.set(key, mine)
    if (before !== undefined) await before
    try {
      return await work()
    } finally {
      if (this.#tails.get(key) === mine) this.#tails.delete(key)
      release()
    }
  }

  /** Resolves when all tasks have ended. */
  async idle(): Promise<void> {
    await Promise.all(this.#tails.values())
  }
}

/** Limits the number of concurrent tasks for each key. */
export class KeyedSemaphore {
  readonly #inside = new Map<string, number>()
  readonly #waiting = new Map<string, (() => void)[]>()

  /**
   * Takes a place if one is free. Call `leave` once for each `true`. A first task always enters, even if `room` is 0.
   */
  enter(key: string, room: number): boolean {
    const inside = this.#inside.get(key) ?? 0
    if (inside > 0 && inside >= room) return false
    this.#inside.set(key, inside + 1)
    return true
  }

  leave(key: string): void {
    const inside = (this.#inside.get(key) ?? 1) - 1
    if (inside === 0) this.#inside.delete(key)
    else this.#inside.set(key, inside)
    const waiting = this.#waiting.get(key) ?? []
    this.#waiting.delete(key)
    for (const wake of waiting) wake()
  }

  /** Resolves when a task of the key has left. */
  someoneLeft(key: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), resolve])
    })
  }
}
