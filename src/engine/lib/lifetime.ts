/** The life of an engine. Its parts start no work after it has ended. */
export class Lifetime {
  readonly #abort = new AbortController()

  /** Fires when `stop()` begins. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Whether `stop()` has begun. */
  get ended(): boolean {
    return this.#abort.signal.aborted
  }

  end(): void {
    this.#abort.abort()
  }
}
