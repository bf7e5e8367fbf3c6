import { MeterProvider, MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import type { Telemetry } from '../../src/ports/telemetry.ts'
import { openTelemetry } from '../../src/telemetry/open-telemetry.ts'

/** A reader that collects only when it is called. */
class CallReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

export interface CollectedTelemetry {
  readonly telemetry: Telemetry
  metrics(): Promise<ResourceMetrics>
  spans(): readonly ReadableSpan[]
}

/** Returns a telemetry over the SDK of OpenTelemetry, and the collected values. */
export function collectTelemetry(): CollectedTelemetry {
  const reader = new CallReader()
  const exporter = new InMemorySpanExporter()
  const meterProvider = new MeterProvider({ readers: [reader] })
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  return {
    telemetry: openTelemetry({ meterProvider, tracerProvider }),
    metrics: async () => (await reader.collect()).resourceMetrics,
    spans: () => exporter.getFinishedSpans(),
  }
}

/** The data points of each metric, by its name. */
export async function pointsOf(
  collected: CollectedTelemetry,
): Promise<Readonly<Record<string, readonly object[]>>> {
  const { scopeMetrics } = await collected.metrics()
  return Object.fromEntries(
    scopeMetrics.flatMap(({ metrics }) =>
      metrics.map(({ descriptor, dataPoints }) => [
        descriptor.name,
        dataPoints.map(({ attributes, value }) => ({
          ...attributes,
          ...(typeof value === 'number' ? { value } : { count: value.count, sum: value.sum }),
        })),
      ]),
    ),
  )
}

/** Each measurement once, with fixed values. */
export const everyMeasurement = [
  { type: 'flow_started', domain: 'hub', source: 'user' },
  {
    type: 'flow_finished',
    domain: 'hub',
    source: 'user',
    outcome: 'create_entry',
    success: true,
    reason: null,
  },
  {
    type: 'flow_finished',
    domain: 'hub',
    source: 'reauth',
    outcome: 'abort',
    success: false,
    reason: 'cancelled',
  },
  { type: 'step_answered', domain: 'hub', source: 'user', step: 'user', ms: 4_000 },
  { type: 'token_refreshed', domain: 'hub', outcome: 'refreshed' },
  { type: 'service_call', domain: 'hub', outcome: 'succeeded', ms: 250 },
  { type: 'setup_retry', domain: 'hub', reason: 'cannot_connect' },
  { type: 'commit', size: 3 },
  { type: 'feed_lag', ms: 30 },
  { type: 'queue_age', task: 'settle_due', ms: 1_500 },
] as const
