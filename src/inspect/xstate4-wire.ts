import type { AnyStateMachine } from 'xstate'
import { chartAt, type ShownActor, stateValueOf, type Wire } from './shown-actor.ts'
import { xstate4Definition, xstate4Event } from './xstate4-definition.ts'

/** The messages of `@xstate/inspect` 0.8: `service.register`, `service.event`, `service.state`, `service.stop`. */
export const xstate4Wire: Wire = {
  announce: (actor) => [
    message('service.register', actor, {
      id: actor.name,
      machine: definitionOf(actor),
      state: stateOf(actor),
      ...(actor.parent !== null && { parent: actor.parent, source: actor.name }),
    }),
  ],
  update: (actor) => [
    message('service.event', actor, { event: JSON.stringify(eventOf(actor)) }),
    message('service.state', actor, { state: stateOf(actor) }),
    ...(actor.status === 'active' ? [] : [message('service.stop', actor, {})]),
  ],
}

/** The machine that XState 4 shows for work without a machine. */
const workDefinition = {
  initial: 'active',
  predictableActionArguments: true,
  states: {
    active: { on: { done: 'done', error: 'error', stop: 'stopped' } },
    done: { type: 'final' },
    error: { type: 'final' },
    stopped: { type: 'final' },
  },
}

/** The definitions, cached by machine. */
const definitions = new WeakMap<AnyStateMachine, string>()

function definitionOf({ name, chart }: ShownActor): string {
  if (chart === null) return JSON.stringify({ id: name, ...workDefinition })
  let definition = definitions.get(chart)
  if (definition === undefined) {
    definition = JSON.stringify(xstate4Definition(chart))
    definitions.set(chart, definition)
  }
  return definition
}

const message = (type: string, { id: sessionId }: ShownActor, rest: object): string =>
  JSON.stringify({ type, sessionId, ...rest })

/** Wraps an event in the SCXML format of XState 4. */
function eventOf({ event, source }: ShownActor) {
  const name = xstate4Event(event)
  const type = name === event && !event.startsWith('xstate.') ? 'external' : 'platform'
  return { name, data: { type: name }, $$type: 'scxml', type, ...(source !== null && { origin: source }) }
}

function stateOf(actor: ShownActor): string {
  const { id, chart, state, status, context } = actor
  const event = eventOf(actor)
  return JSON.stringify({
    value: stateValueOf(state),
    context,
    _event: event,
    _sessionid: id,
    event: event.data,
    actions: [],
    activities: {},
    meta: {},
    events: [],
    configuration: [],
    transitions: [],
    children: {},
    tags: chart === null ? [] : [...chartAt(chart, state).tags],
    done: status === 'done',
    changed: true,
  })
}
