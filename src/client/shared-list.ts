import { backoff, isRefused, pause, type RetryTiming } from './retry.ts'

/** Loads a list once for all that watch it, and repeats a failed request. */
export class SharedList<Item> {
  readonly #load: (signal: AbortSignal) => Promise<readonly Item[]>
  readonly #apply: (items: readonly Item[]) => void
  readonly #timing: RetryTiming
  #watchers = 0
  #isLoaded = false
  /** Ends the running request, or the wait for the next. */
  #stop: AbortController | undefined
  /** Ends the wait for the next request. */
  #wake = (): void => {}

  constructor(
    load: (signal: AbortSignal) => Promise<readonly Item[]>,
    apply: (items: readonly Item[]) => void,
    timing: RetryTiming,
  ) {
    this.#load = load
    this.#apply = apply
    this.#timing = timing
  }

  /** Loads the list unless it is loaded. @returns a function that ends the watch, and repeated requests with the last */
  watch(): () => void {
    this.#watchers++
    if (!this.#isLoaded && this.#stop === undefined) void this.#run()
    let ended = false
    return () => {
      if (ended) return
      ended = true
      if (--this.#watchers === 0) this.#stop?.abort()
    }
  }

  /** Loads the list again, for example in another language. */
  reload(): void {
    this.#isLoaded = false
    this.#stop?.abort()
    if (this.#watchers > 0) void this.#run()
  }

  /** Repeats a request that failed immediately, because the server can be reached again. */
  wake(): void {
    this.#wake()
  }

  async #run(): Promise<void> {
    const stop = new AbortController()
    this.#stop = stop
    for (let failures = 0; !stop.signal.aborted; failures++) {
      try {
        const items = await this.#load(stop.signal)
        if (stop.signal.aborted) break
        this.#isLoaded = true
        this.#apply(items)
        break
      } catch (error) {
        if (stop.signal.aborted || isRefused(error)) break
        const wait = new AbortController()
        this.#wake = () => wait.abort()
        await pause(backoff(this.#timing, failures, error), AbortSignal.any([stop.signal, wait.signal]))
        this.#wake = () => {}
      }
    }
    if (this.#stop === stop) this.#stop = undefined
  }
}
