/** A measurement. Its texts are labels from a small set: domains, sources, steps and codes, never an id or a value. */
export type Measurement =
  /** A flow was opened. */
  | { readonly type: 'flow_started'; readonly domain: string; readonly source: string }
  /** A flow has ended. `reason` is null if it has created an entry. */
  | {
      readonly type: 'flow_finished'
      readonly domain: string
      readonly source: string
      readonly outcome: 'create_entry' | 'abort'
      readonly success: boolean
      readonly reason: string | null
    }
  /** A user has answered a step, this long after the flow began to wait. */
  | {
      readonly type: 'step_answered'
      readonly domain: string
      readonly source: string
      readonly step: string
      readonly ms: number
    }
  /** A refresh of a token has ended. */
  | {
      readonly type: 'token_refreshed'
      readonly domain: string
      readonly outcome: 'refreshed' | 'refused' | 'failed' | 'lapsed'
    }
  /** A call of an integration to its service has ended. `outcome` is `succeeded` or the code of the failure. */
  | { readonly type: 'service_call'; readonly domain: string; readonly outcome: string; readonly ms: number }
  /** An entry could not be set up, and waits for its next attempt. */
  | { readonly type: 'setup_retry'; readonly domain: string; readonly reason: string | null }
  /** A store has committed this number of `apply` calls together. */
  | { readonly type: 'commit'; readonly size: number }
  /** This process has noticed a change of another process, this long after it was written. */
  | { readonly type: 'feed_lag'; readonly ms: number }
  /** A task has taken a row, this long after it was due. */
  | { readonly type: 'queue_age'; readonly task: string; readonly ms: number }

/** The pieces of work that have a span. */
export type SpanName = 'flow.work' | 'service.call' | 'task'

/** The attributes of a span: a domain, an integration's call, the name of a task. Never an id or a value. */
export type SpanLabels = Readonly<Record<string, string>>

/**
 * Receives measurements and spans. `openTelemetry()` of `latchkey/telemetry` is one. Its errors are dropped, and no work
 * waits for it.
 *
 * @example
 * ```ts
 * import { createLatchkey, memoryStore, type Telemetry } from 'latchkey'
 *
 * const telemetry: Telemetry = {
 *   measure: (measurement) => console.log(measurement),
 *   span: (_name, _labels, work) => work(),
 * }
 * const latchkey = await createLatchkey({ integrations: [], store: memoryStore(), telemetry })
 * ```
 */
export interface Telemetry {
  measure(measurement: Measurement): void
  /** Calls `work` once, and returns its result. */
  span<Result>(name: SpanName, labels: SpanLabels, work: () => Promise<Result>): Promise<Result>
}
