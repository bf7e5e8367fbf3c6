/** A call that waits for its turn. */
interface Waiter {
  readonly begin: () => void
  readonly fail: (error: Error) => void
}

/**
 * Limits the number of calls that use the connections at the same time. The others wait, as long as the server answers
 * some of them: a burst of calls is slow, and does not fail.
 */
export class Turns {
  readonly #max: number
  readonly #patience: number
  readonly #waiting: Waiter[] = []
  #taken = 0
  #timer: NodeJS.Timeout | undefined
  #answers = 0

  /** `patience` is how long the calls that wait go without any answer before they fail, in milliseconds. */
  constructor(max: number, patience: number) {
    this.#max = max
    this.#patience = patience
  }

  /** Resolves when the caller may use a connection. Then it must call `end`. An urgent call waits before the others. */
  async begin(isUrgent: boolean): Promise<void> {
    if (this.#taken < this.#max) {
      this.#taken++
      return
    }
    await new Promise<void>((begin, fail) => {
      const waiter = { begin, fail }
      if (isUrgent) this.#waiting.unshift(waiter)
      else this.#waiting.push(waiter)
      this.#timer ??= this.#startTimer()
    })
  }

  /** Call this when the server has answered. */
  answered(): void {
    this.#answers++
    this.#timer?.refresh()
  }

  end(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#taken--
    else next.begin()
    if (this.#waiting.length === 0) this.#stopTimer()
  }

  #startTimer(): NodeJS.Timeout {
    return setTimeout(() => {
      const before = this.#answers
      // A busy process reads the answers that have arrived first.
      setImmediate(() => this.#answers === before && this.#failWaiting())
    }, this.#patience)
  }

  #failWaiting(): void {
    this.#stopTimer()
    const error = new Error(`The server answered no call for ${this.#patience} ms.`)
    for (const { fail } of this.#waiting.splice(0)) fail(error)
  }

  #stopTimer(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
