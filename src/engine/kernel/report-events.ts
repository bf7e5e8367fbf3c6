import type { Core } from './core.ts'

/** Measures the events of all scopes and the store until the returned function is called. */
export function reportEvents({ store, events, telemetry }: Core): () => void {
  const stops = [
    events.on('flow_started', ({ domain, source }) =>
      telemetry.measure({ type: 'flow_started', domain, source }),
    ),
    events.on('flow_finished', ({ domain, source, type: outcome, success, reason }) =>
      telemetry.measure({ type: 'flow_finished', domain, source, outcome, success, reason }),
    ),
    events.on('entry_state_changed', ({ domain, from, to, reason }) => {
      // An entry that waits for a stored failure was not tried.
      if (to === 'setup_retry' && from !== 'not_loaded')
        telemetry.measure({ type: 'setup_retry', domain, reason })
    }),
    store.observe?.((measurement) => telemetry.measure(measurement)),
  ]
  return () => {
    for (const stop of stops) stop?.()
  }
}
