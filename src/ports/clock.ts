/** The clock of the engine. XState's `SimulatedClock` implements it, so tests can advance time. */
export interface Clock {
  /** Returns the time in milliseconds since the epoch. */
  now(): number
  setTimeout(run: () => void, milliseconds: number): unknown
  clearTimeout(timer: unknown): void
}
