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
