import type { Measurement } from '../ports/telemetry.ts'

/** Receives measurements. */
export type Measure = (measurement: Measurement) => void

/** The observers of a store. */
export class Observers {
  readonly #observers = new Set<{ readonly measure: Measure }>()

  /** Adds an observer. @returns a function that removes it */
  readonly observe = (measure: Measure): (() => void) => {
    const observer = { measure }
    this.#observers.add(observer)
    return () => this.#observers.delete(observer)
  }

  readonly measure: Measure = (measurement) => {
    for (const { measure } of this.#observers) measure(measurement)
  }

  /** Measures the time since a change of another store was written. `at` is its time; undefined without a change. */
  lag(at: number | null | undefined): void {
    if (at != null) this.measure({ type: 'feed_lag', ms: Math.max(0, Date.now() - at) })
  }
}
