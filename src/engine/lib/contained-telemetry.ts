import type { SpanLabels, SpanName, Telemetry } from '../../ports/telemetry.ts'
import { ignore } from './ignore.ts'
import { onRejection } from './on-rejection.ts'

/** Measures nothing. */
export const noTelemetry: Telemetry = { measure: ignore, span: (_name, _labels, work) => work() }

/** Returns a telemetry that never throws, and that work does not wait for. */
export function containedTelemetry(telemetry: Telemetry): Telemetry {
  return {
    measure(measurement) {
      try {
        onRejection(telemetry.measure(measurement), ignore)
      } catch {
        // Nothing fails because of a measurement.
      }
    },
    span<Result>(name: SpanName, labels: SpanLabels, work: () => Promise<Result>) {
      let begun: Promise<Result> | undefined
      const once = () => {
        begun ??= work()
        return begun
      }
      try {
        onRejection(telemetry.span(name, labels, once), ignore)
      } catch {
        // The work has begun, or begins below.
      }
      return once()
    },
  }
}
