import {
  type ActorLogic,
  type ActorScope,
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
} from 'xstate'

const idle = { status: 'active', output: undefined, error: undefined, input: undefined } as const
const inert: ActorLogic<typeof idle, AnyEventObject> = {
  getInitialSnapshot: () => idle,
  getPersistedSnapshot: () => idle,
  transition: () => idle,
}

/** A step as XState itself takes it, told in a form that can be compared. */
export interface Told {
  readonly snapshot: AnyMachineSnapshot
  readonly work: { readonly id: string; readonly src: string; readonly input: unknown } | null
  readonly emitted: readonly unknown[]
}

/** The steps of a machine by XState's own transition function: what the driver is held against. */
export function xstateSteps(machine: AnyStateMachine, input: unknown) {
  const actors = Object.fromEntries(Object.keys(machine.implementations.actors).map((name) => [name, inert]))
  const inertMachine: AnyStateMachine = machine.provide({ actors })
  const host = createActor(inertMachine, { input })
  let work: Told['work'] = null
  let emitted: unknown[] = []
  let deferred: (() => void)[] = []
  const scope: ActorScope<AnyMachineSnapshot, AnyEventObject> = {
    self: host,
    id: '',
    sessionId: '',
    logger: () => {},
    defer: (run) => deferred.push(run),
    system: host.system,
    stopChild: () => {},
    emit: (event) => emitted.push(event),
    actionExecutor: (action) => {
      if (action.type === 'xstate.spawnChild') work = action.params as Told['work']
      else action.exec?.(action.info, action.params)
    },
  }
  const take = (snapshot: AnyMachineSnapshot): Told => {
    for (const run of deferred) run()
    const told = { snapshot, work, emitted }
    work = null
    emitted = []
    deferred = []
    return told
  }
  return {
    start: (own: unknown) => take(inertMachine.getInitialSnapshot(scope, own)),
    send: (snapshot: AnyMachineSnapshot, event: AnyEventObject): Told | null => {
      const next = inertMachine.transition(snapshot, event, scope)
      return next === snapshot ? null : take(next)
    },
  }
}
