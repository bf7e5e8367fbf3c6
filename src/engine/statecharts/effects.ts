import type { EventObject, ExecutableActionObject } from 'xstate'
import { ConfigurationError } from '../../errors.ts'

/** An actor that a state invokes, with its input. */
export interface Work {
  readonly id: string
  readonly src: string
  readonly input: unknown
}

/** A timer to start, with its delay in milliseconds, or to clear. */
export type TimerChange =
  | { readonly type: 'start'; readonly id: string; readonly delay: number; readonly event: EventObject }
  | { readonly type: 'clear'; readonly id: string }

/** The effects of one step. */
export interface Effects {
  /** The actor to start; null if the step invokes none. */
  readonly work: Work | null
  readonly emitted: readonly EventObject[]
  readonly timers: readonly TimerChange[]
  /** Executes the custom actions in their order. Returns their errors: an action that throws does not end the step. */
  act(): readonly unknown[]
}

/** The effects that XState lists. It declares no type for some of them. */
type Effect =
  | { readonly type: 'xstate.spawnChild'; readonly params: Work }
  | { readonly type: 'xstate.stopChild' }
  | { readonly type: 'xstate.emit'; readonly params: { readonly event: EventObject } }
  | { readonly type: 'xstate.raise'; readonly params: Raised }
  | { readonly type: 'xstate.cancel'; readonly params: { readonly sendId: string } }

interface Raised {
  readonly event: EventObject
  readonly id: string | undefined
  readonly delay: number | undefined
}

/** Sorts the effects of one step. @throws ConfigurationError if an effect is not supported */
export function sortEffects(listed: readonly ExecutableActionObject[]): Effects {
  let work: Work | null = null
  const emitted: EventObject[] = []
  const timers: TimerChange[] = []
  const actions: ExecutableActionObject[] = []
  for (const each of listed) {
    if (!each.type.startsWith('xstate.')) {
      actions.push(each)
      continue
    }
    const effect = each as Effect
    switch (effect.type) {
      case 'xstate.spawnChild': {
        const { id, src, input } = effect.params
        work = { id, src, input }
        break
      }
      case 'xstate.emit':
        emitted.push(effect.params.event)
        break
      case 'xstate.raise': {
        const timer = timerOf(effect.params)
        if (timer !== null) timers.push(timer)
        break
      }
      case 'xstate.cancel':
        timers.push({ type: 'clear', id: effect.params.sendId })
        break
      case 'xstate.stopChild':
        break
      default:
        throw new ConfigurationError(`The effect "${each.type}" of a statechart is not supported.`)
    }
  }
  return { work, emitted, timers, act: () => actions.flatMap(failureOf) }
}

/** Executes an action. Returns its error, if any. */
function failureOf({ exec, info, params }: ExecutableActionObject): readonly unknown[] {
  try {
    exec?.(info, params)
    return []
  } catch (error) {
    return [error]
  }
}

/** Returns null for an event without a delay: the machine has taken it in the same step. */
function timerOf({ event, id = event.type, delay }: Raised): TimerChange | null {
  if (delay === undefined && !event.type.startsWith('xstate.after.')) return null
  if (delay === undefined || !Number.isFinite(delay) || delay < 0) {
    throw new ConfigurationError(`The delay of "${event.type}" is ${delay}. Return a number of milliseconds.`)
  }
  return { type: 'start', id, delay, event }
}
