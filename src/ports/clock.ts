/** Time as the engine sees it. XState's own `SimulatedClock` fits, so tests move time by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  setTimeout(run: () => void, milliseconds: number): unknown
  clearTimeout(timer: unknown): void
}
