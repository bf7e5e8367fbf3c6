import { type Change, type ClientState, fold, nothingKnown } from './client-state.ts'

/** Is told the state after each change. */
export type StateListener = (state: ClientState) => void

/** Holds a client's state and tells its listeners. */
export class LiveState {
  #state = nothingKnown
  readonly #listeners = new Set<StateListener>()

  get(): ClientState {
    return this.#state
  }

  /** Takes in changes, and tells of them once. */
  fold(...changes: readonly Change[]): void {
    this.#set(changes.reduce(fold, this.#state))
  }

  /** Says how the stream stands. */
  connect(connection: ClientState['connection'], error: ClientState['error'] = null): void {
    if (this.#state.connection === connection && this.#state.error === error) return
    this.#set({ ...this.#state, connection, error })
  }

  /** @returns how to stop, and whether it was the last */
  listen(listener: StateListener): () => boolean {
    // Wrapped, so that the same function may listen twice.
    const own: StateListener = (state) => listener(state)
    this.#listeners.add(own)
    return () => this.#listeners.delete(own) && this.#listeners.size === 0
  }

  #set(state: ClientState): void {
    if (state === this.#state) return
    this.#state = state
    for (const listener of [...this.#listeners]) {
      try {
        listener(state)
      } catch (error) {
        // As EventTarget does: the host hears of it, and the others are told all the same.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
