import type { AnyActorRef, AnyEventObject, AnyStateMachine, MachineContext } from 'xstate'
import { ConfigurationError } from '../../errors.ts'

/** What actions and guards are handed. */
interface Given {
  readonly context: MachineContext
  readonly event: AnyEventObject
}

/** Who a machine's actions are done for. */
export interface Stage {
  readonly machine: AnyStateMachine
  readonly self: AnyActorRef
  emit(event: AnyEventObject): void
}

type Expression = (given: object, params: unknown) => unknown

/** Does one action of a machine, and gives back the context after it. */
export function act(stage: Stage, action: unknown, { context, event }: Given): MachineContext {
  const run = implementationOf(stage.machine.implementations.actions, action)
  // One that nobody provided does nothing, as in XState.
  if (run === undefined) return context
  const params = paramsOf(action, { context, event })
  const given = { context, event, self: stage.self, system: stage.self.system }
  if (!('type' in run)) {
    run(given, params)
    return context
  }
  if (run.type === 'xstate.assign' && 'assignment' in run) {
    return { ...context, ...assigned(run.assignment, given, params) }
  }
  if (run.type === 'xstate.emit' && 'event' in run) {
    stage.emit((isExpression(run.event) ? run.event(given, params) : run.event) as AnyEventObject)
    return context
  }
  throw new ConfigurationError(`The action ${String(run.type)} is of a kind that is not driven.`)
}

/** Whether a guard lets a transition be taken. */
export function holds(machine: AnyStateMachine, guard: unknown, given: Given): boolean {
  if (guard === undefined) return true
  const check = implementationOf(machine.implementations.guards, guard)
  if (check === undefined || 'check' in check) {
    throw new ConfigurationError(`The guard ${nameOf(guard)} is of a kind that is not driven.`)
  }
  return check(given, paramsOf(guard, given)) === true
}

const isExpression = (value: unknown): value is Expression => typeof value === 'function'

function assigned(assignment: unknown, given: object, params: unknown): object {
  if (isExpression(assignment)) return assignment(given, params) as object
  const update: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(assignment as object)) {
    update[key] = isExpression(value) ? value(given, params) : value
  }
  return update
}

function implementationOf(all: object, named: unknown): Expression | undefined {
  if (isExpression(named)) return named
  const found: unknown = Reflect.get(all, nameOf(named))
  return isExpression(found) ? found : undefined
}

function nameOf(named: unknown): string {
  if (typeof named === 'string') return named
  return typeof named === 'object' && named !== null && 'type' in named ? String(named.type) : ''
}

function paramsOf(named: unknown, given: Given): unknown {
  if (typeof named !== 'object' || named === null || !('params' in named)) return undefined
  return isExpression(named.params) ? named.params(given, undefined) : named.params
}
