import { type Change, type ClientState, fold, initialState } from './client-state.ts'

/** Called with the state after each change. */
export type StateListener = (state: ClientState) => void

/** Holds the state of a client and notifies its listeners. */
export class LiveState {
  #state = initialState
  readonly #listeners = new Set<StateListener>()
  readonly #onOpen: () => void

  /** `onOpen`: called when the stream has opened. */
  constructor(onOpen: () => void) {
    this.#onOpen = onOpen
  }

  get(): ClientState {
    return this.#state
  }

  /** Applies changes, and notifies the listeners once. */
  fold(...changes: readonly Change[]): void {
    const own = new Set()
    this.#set(changes.reduce((state, change) => fold(state, change, own), this.#state))
  }

  /** Replaces the state by that of another tab. Each tab loads the integrations itself. */
  replace(state: ClientState): void {
    this.#set({ ...state, integrations: this.#state.integrations })
  }

  /** Sets the state of the connection. */
  connect(
    connection: ClientState['connection'],
    error: ClientState['error'] = null,
    retryAt: ClientState['retryAt'] = null,
  ): void {
    const known = this.#state
    if (known.connection === connection && known.error === error && known.retryAt === retryAt) return
    const isOpened = connection === 'open' && this.#state.connection !== 'open'
    this.#set({ ...this.#state, connection, error, retryAt })
    if (isOpened) this.#onOpen()
  }

  /** Adds a listener. @returns a function that removes it, and returns whether it was the last */
  listen(listener: StateListener): () => boolean {
    // Wrapped in an object, so that the same function can be added twice.
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
        // Like EventTarget: the error is reported globally, and the other listeners are called.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
