import {
  type Attributes,
  type MeterProvider,
  metrics,
  SpanStatusCode,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import type { Measurement, SpanLabels, SpanName, Telemetry } from '../ports/telemetry.ts'
import { boundedLabels } from './bounded-labels.ts'

/** The options of {@link openTelemetry}. */
export interface OpenTelemetryOptions {
  /** Defaults to the global meter provider. */
  readonly meterProvider?: MeterProvider
  /** Defaults to the global tracer provider. */
  readonly tracerProvider?: TracerProvider
}

const NAME = 'latchkey'

/** The bucket boundaries of durations, from milliseconds to a day, in seconds. */
const SECONDS = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 86_400]

/** The bucket boundaries of the sizes of commits. */
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256]

/**
 * Returns a telemetry that reports metrics and spans with `@opentelemetry/api`. Without an SDK, it reports nothing. Its
 * attributes are domains, sources, steps and codes, never ids or values.
 *
 * @example
 * ```ts
 * import { createLatchkey, memoryStore } from 'latchkey'
 * import { openTelemetry } from 'latchkey/telemetry'
 *
 * const telemetry = openTelemetry()
 * const latchkey = await createLatchkey({ integrations: [], store: memoryStore(), telemetry })
 * ```
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Telemetry {
  const meter = (options.meterProvider ?? metrics).getMeter(NAME)
  const tracer = (options.tracerProvider ?? trace).getTracer(NAME)
  const counter = (name: string, description: string) => meter.createCounter(name, { description })
  const histogram = (name: string, description: string, unit: string, boundaries: number[]) =>
    meter.createHistogram(name, { description, unit, advice: { explicitBucketBoundaries: boundaries } })
  const duration = (name: string, description: string) => histogram(name, description, 's', SECONDS)
  const flowsStarted = counter('latchkey.flows.started', 'Opened flows.')
  const flowsFinished = counter('latchkey.flows.finished', 'Ended flows.')
  const steps = duration('latchkey.flow.step.duration', 'Time until a user answers a step.')
  const refreshes = counter('latchkey.token.refreshes', 'Refreshes of tokens.')
  const calls = duration('latchkey.service.call.duration', 'Duration of calls to services.')
  const retries = counter('latchkey.entry.retries', 'Setups of entries that failed and will be repeated.')
  const commits = histogram('latchkey.store.commit.size', 'Writes in one commit.', '{write}', SIZES)
  const lag = duration('latchkey.feed.lag', 'Time until a change of another process is noticed.')
  const age = duration('latchkey.queue.age', 'Time between the due time of a row and its work.')
  const bounded = boundedLabels()

  const record: {
    readonly [Type in Measurement['type']]: (of: Extract<Measurement, { type: Type }>) => void
  } = {
    flow_started: ({ domain, source }) => flowsStarted.add(1, bounded({ domain, source })),
    flow_finished: ({ domain, source, outcome, success, reason }) =>
      flowsFinished.add(1, bounded({ domain, source, outcome, success: String(success), reason })),
    step_answered: ({ domain, source, step, ms }) =>
      steps.record(ms / 1_000, bounded({ domain, source, step })),
    token_refreshed: ({ domain, outcome }) => refreshes.add(1, bounded({ domain, outcome })),
    service_call: ({ domain, outcome, ms }) => calls.record(ms / 1_000, bounded({ domain, outcome })),
    setup_retry: ({ domain, reason }) => retries.add(1, bounded({ domain, reason })),
    commit: ({ size }) => commits.record(size),
    feed_lag: ({ ms }) => lag.record(ms / 1_000),
    queue_age: ({ task, ms }) => age.record(ms / 1_000, bounded({ task })),
  }

  return {
    measure: (measurement) => (record[measurement.type] as (of: Measurement) => void)(measurement),
    span<Result>(name: SpanName, labels: SpanLabels, work: () => Promise<Result>): Promise<Result> {
      const attributes: Attributes = bounded(labels)
      return tracer.startActiveSpan(`latchkey.${name}`, { attributes }, async (span) => {
        try {
          return await work()
        } catch (error) {
          // Without the message, which can quote values.
          span.setStatus({ code: SpanStatusCode.ERROR })
          throw error
        } finally {
          span.end()
        }
      })
    },
  }
}
