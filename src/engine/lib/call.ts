/** Work that can be called back. Its `signal` is made when somebody looks at it: making one costs more than most work. */
export class Call {
  /** Called once, when it is called back. */
  onAbort: (() => void) | null = null
  #controller: AbortController | null = null
  #aborted = false

  get aborted(): boolean {
    return this.#aborted
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController()
      if (this.#aborted) this.#controller.abort()
    }
    return this.#controller.signal
  }

  abort(): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#controller?.abort()
    this.onAbort?.()
  }
}
