import { chartAt, type ShownActor, stateValueOf, type Wire } from './shown-actor.ts'

/** The release of `@statelyai/inspect` whose messages these are. */
const VERSION = '0.7.2'

/**
 * The messages of Stately's inspector: `@xstate.actor`, `@xstate.event`, `@xstate.snapshot`. They are made here and not
 * by its `createInspector`, which wants live actors: handed ids, it forgets who the parent is and what the chart is.
 */
export const statelyWire: Wire = {
  registered: (actor) => [
    message('@xstate.actor', actor, {
      name: actor.name,
      parentId: actor.parent ?? undefined,
      // A chart's functions are no JSON: its parameters and mappings stay at home.
      definition: JSON.stringify(actor.chart?.config ?? { id: actor.name }),
      snapshot: snapshotOf(actor),
    }),
  ],
  stepped: (actor) => [
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
