import type { StateValue } from 'xstate'
import type { LatchkeyEvents } from '../api/events.ts'
import { loggedError } from '../lib/redact.ts'
import { eventName, stateName } from '../statecharts/state-name.ts'
import type { Core } from './core.ts'

/** A step of a machine, as inspectors see it. */
interface PublishedStep {
  readonly event: string
  readonly snapshot: { readonly value: StateValue; readonly context: { readonly reason: string | null } }
  /** The errors of its actions. */
  readonly failures: readonly unknown[]
}

/**
 * Logs errors of a step's actions, and emits the step if there is a listener. `codes` explains the state if it has no
 * `reason`.
 */
export function publishStep(
  core: Core,
  about: Pick<LatchkeyEvents['transition'], 'scope' | 'machine' | 'id'>,
  step: PublishedStep & {
    readonly before: { readonly value: StateValue } | null
    readonly codes?: () => readonly string[]
  },
): void {
  const { event, snapshot, before, failures } = step
  for (const error of failures)
    core.log.error('An action of a statechart failed.', { ...about, error: loggedError(error) })
  if (!core.events.wants('transition')) return
  const { reason } = snapshot.context
  core.events.emit('transition', {
    ...about,
    from: before === null ? null : stateName(before.value),
    to: stateName(snapshot.value),
    event: eventName(event),
    codes: reason === null ? (step.codes?.() ?? []) : [reason],
  })
}
