import type { StateValue } from 'xstate'
import type { LatchkeyEvents } from '../api/events.ts'
import { eventName, stateName } from '../statecharts/state-name.ts'
import type { Core } from './core.ts'

/** What is told of a step: where the machine stands, what moved it there, and why. */
interface Told {
  readonly event: string
  readonly snapshot: { readonly value: StateValue; readonly context: { readonly reason: string | null } }
}

/**
 * Tells of a step of a machine, where somebody listens. `codes` says why it stands there, where that is not its reason.
 */
export function publishStep(
  core: Core,
  of: Pick<LatchkeyEvents['transition'], 'scope' | 'machine' | 'id'>,
  step: Told & {
    readonly before: { readonly value: StateValue } | null
    readonly codes?: () => readonly string[]
  },
): void {
  if (!core.events.wants('transition')) return
  const { event, snapshot, before } = step
  const { reason } = snapshot.context
  core.events.emit('transition', {
    ...of,
    from: before === null ? null : stateName(before.value),
    to: stateName(snapshot.value),
    event: eventName(event),
    codes: reason === null ? (step.codes?.() ?? []) : [reason],
  })
}
