/** Work that continues after the call that began it has returned. `stop()` waits for it. */
export class Background {
  readonly #work = new Set<Promise<void>>()

  /** Adds work, which must not reject. */
  add(work: Promise<void>): void {
    this.#work.add(work)
    void work.then(() => this.#work.delete(work))
  }

  /** Resolves when all work has ended. */
  async settled(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work)
  }
}
