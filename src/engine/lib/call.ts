/**
 * Cancellation of an asynchronous call. Creates its `AbortSignal` on first access, because that costs more than most
 * calls.
 */
export class Call {
  /** Called once, on cancellation. */
  onAbort: (() => void) | null = null
  /** The reason of the cancellation; undefined for the default of `AbortController`. */
  reason: unknown = undefined
  #controller: AbortController | null = null
  #aborted = false

  get aborted(): boolean {
    return this.#aborted
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController()
      if (this.#aborted) this.#controller.abort(this.reason)
    }
    return this.#controller.signal
  }

  abort(reason?: unknown): void {
    if (this.#aborted) return
    this.#aborted = true
    this.reason = reason
    this.#controller?.abort(reason)
    this.onAbort?.()
  }
}
