import { chartAt, type ShownActor, stateValueOf, type Wire } from './shown-actor.ts'

/** The version of `@statelyai/inspect` that uses these messages. */
const VERSION = '0.7.2'

/**
 * The messages of Stately's inspector: `@xstate.actor`, `@xstate.event`, `@xstate.snapshot`. Not created with its
 * `createInspector`, which needs live actors: with ids it loses the parent and the definition of the chart.
 */
export const statelyWire: Wire = {
  announce: (actor) => [
    message('@xstate.actor', actor, {
      name: actor.name,
      parentId: actor.parent ?? undefined,
      // Functions in a chart, such as params and mappers, are omitted in JSON.
      definition: JSON.stringify(actor.chart?.config ?? { id: actor.name }),
      snapshot: snapshotOf(actor),
    }),
  ],
  update: (actor) => [
    message('@xstate.event', actor, eventOf(actor)),
    message('@xstate.snapshot', actor, { ...eventOf(actor), snapshot: snapshotOf(actor) }),
  ],
}

function message(type: string, actor: ShownActor, rest: object): string {
  const { id: sessionId, parent, at } = actor
  const common = { type, sessionId, rootId: parent ?? sessionId, id: null, createdAt: `${at}` }
  return JSON.stringify({ ...common, ...rest, _version: VERSION })
}

const eventOf = ({ event, source }: ShownActor) => ({
  event: { type: event },
  sourceId: source ?? undefined,
})

function snapshotOf({ chart, state, status, context }: ShownActor) {
  if (chart === null) return { status }
  const tags = [...chartAt(chart, state).tags]
  return { status, value: stateValueOf(state), context, tags, historyValue: {}, children: {} }
}
