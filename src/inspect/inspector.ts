import type { AnyStateMachine } from 'xstate'
import { nodesOf } from '../diagrams/mermaid.ts'
import type { LatchkeyEvents } from '../engine/api/events.ts'
import type { ScopedLatchkey } from '../engine/api/latchkey.ts'
import type { JsonObject } from '../ports/json.ts'
import { charts } from './charts.ts'
import { chartAt, type ShownActor } from './shown-actor.ts'

type Transition = LatchkeyEvents['transition']

/** The initial substate of entry states that have substates. */
const INITIAL_SUBSTATE: Readonly<Record<string, string>> = {
  loaded: 'loaded.running',
  reauth_required: 'reauth_required.waiting',
}

/** The states of a flow that waits for a sign-in at the service. */
const SIGN_IN_STATES: ReadonlySet<string> = new Set(['asking.authorize', 'asking.device'])

/** Maximum number of flows whose transitions are buffered. */
const MAX_BUFFERED = 1_000

/**
 * Maps the flows and entries of a scope to actors. An actor lives as long as its flow or entry, even while the engine
 * holds only a record.
 */
export class Inspector {
  /** The live actors. A parent precedes its children. */
  readonly actors = new Map<string, ShownActor>()
  readonly #publish: (actor: ShownActor) => void
  readonly #details = new Map<string, JsonObject>()
  /** Transitions of flows that are not stored yet. Some are never stored. */
  readonly #buffered = new Map<string, Transition[]>()
  /** The ids that ended while the initial lists were read; `null` afterwards. */
  #ended: Set<string> | null = null
  readonly #stops: (() => void)[] = []

  /** `publish` receives each actor that is new, has made a transition, or has ended. */
  constructor(publish: (actor: ShownActor) => void) {
    this.#publish = publish
  }

  /** Subscribes to events, and publishes the existing flows and entries. */
  async start(latchkey: ScopedLatchkey): Promise<void> {
    this.#stops.push(
      latchkey.on('transition', (transition) => this.#onTransition(transition)),
      latchkey.on('flow_started', ({ flowId, ...details }) => this.#onFlowStarted(flowId, details)),
      latchkey.on('entry_added', ({ entryId, domain }) => this.#details.set(`entry:${entryId}`, { domain })),
      latchkey.on('entry_removed', ({ entryId }) => {
        this.#end(`token:${entryId}`)
        this.#end(`entry:${entryId}`)
      }),
    )
    this.#ended = new Set()
    for await (const entry of pages((query) => latchkey.entries.list(query))) {
      const { entryId: id, domain, state: to, reason } = entry
      const codes = reason === null ? [] : [reason]
      this.#addExisting({ machine: 'configEntry', id, to: INITIAL_SUBSTATE[to] ?? to, codes }, { domain })
    }
    for await (const view of pages((query) => latchkey.flows.list(query))) {
      if (!('step' in view)) continue
      const { flowId: id, machine, domain, source, entryId } = view
      const to = 'mayGoBack' in view ? `asking.${view.step}` : view.step
      const codes = 'mayGoBack' in view ? Object.values(view.errors).map(({ code }) => code) : []
      this.#addExisting({ machine, id, to, codes }, { domain, source, entryId })
      if ('userCode' in view) this.#addExisting({ machine: 'deviceCode', id, to: 'showing_code', codes: [] })
    }
    this.#ended = null
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }

  #addExisting(position: Pick<Transition, 'machine' | 'id' | 'to' | 'codes'>, details?: JsonObject): void {
    const id = `${charts[position.machine].kind}:${position.id}`
    if (this.actors.has(id) || this.#ended?.has(id)) return
    if (details !== undefined) this.#details.set(id, details)
    this.#show({ ...position, event: 'init' })
  }

  #onTransition(transition: Transition): void {
    const { machine, id, from } = transition
    const { kind, parentKind } = charts[machine]
    if (parentKind !== undefined) {
      // A new run replaces the previous one.
      if (from === null) this.#end(`${kind}:${id}`)
      this.#show(transition)
      return
    }
    if (kind === 'flow' && from === null) {
      this.#buffered.set(id, [])
      for (const oldest of this.#buffered.keys()) {
        if (this.#buffered.size <= MAX_BUFFERED) break
        this.#buffered.delete(oldest)
      }
    }
    const buffered = this.#buffered.get(id)
    if (buffered === undefined) this.#show(transition)
    else buffered.push(transition)
  }

  #onFlowStarted(
    flowId: string,
    { domain, source, entryId }: Omit<LatchkeyEvents['flow_started'], 'flowId'>,
  ): void {
    const buffered = this.#buffered.get(flowId) ?? []
    this.#buffered.delete(flowId)
    const id = `flow:${flowId}`
    if (this.actors.has(id)) return
    this.#details.set(id, { domain, source, entryId })
    for (const transition of buffered) this.#show(transition)
  }

  #show({ machine, id: name, to, event, codes }: Omit<Transition, 'from' | 'scope'>): void {
    const { chart, kind, parentKind } = charts[machine]
    const id = `${kind}:${name}`
    if (kind === 'flow' && !SIGN_IN_STATES.has(to)) this.#end(`sign-in:${name}`)
    const { status, _nodes } = chartAt(chart, to)
    const invoked = _nodes.flatMap(({ invoke }) => invoke.map((work) => work.id))
    const source = this.#endWork(id, event, invoked)
    // The actor ended before its start was published.
    if (status !== 'active' && !this.actors.has(id)) {
      this.#end(id)
      return
    }
    const at = Date.now()
    const actor: ShownActor = {
      id,
      name: id,
      parent: null,
      chart,
      state: to,
      status,
      at,
      context: { ...this.#details.get(parentKind === undefined ? id : `${parentKind}:${name}`), codes },
      event: xstateType(chart, event),
      source,
    }
    this.#put(actor)
    for (const work of invoked) {
      const child = `${id}/${work}`
      if (this.actors.has(child)) continue
      this.#put({
        id: child,
        name: work,
        parent: id,
        chart: null,
        state: 'active',
        status: 'active',
        at,
        context: {},
        event: 'xstate.init',
        source: id,
      })
    }
  }

  /**
   * Ends the work of an actor that is done, failed or was stopped. @returns the id of the work that caused the event
   */
  #endWork(parent: string, event: string, invoked: readonly string[]): string | null {
    let source: string | null = null
    for (const child of [...this.actors.values()].filter((actor) => actor.parent === parent)) {
      const [outcome, work] = event.split(' ')
      const isSource = work === child.name
      if (isSource) source = child.id
      else if (invoked.includes(child.name)) continue
      const status = isSource ? (outcome as 'done' | 'error') : 'stopped'
      this.#put({ ...child, state: status, status, event: workEvents[status], source: null, at: Date.now() })
    }
    return source
  }

  #put(actor: ShownActor): void {
    if (actor.status === 'active') this.actors.set(actor.id, actor)
    else this.#forget(actor.id)
    this.#publish(actor)
  }

  #end(id: string): void {
    const actor = this.actors.get(id)
    if (actor === undefined) {
      this.#forget(id)
      return
    }
    this.#endWork(id, 'stop', [])
    this.#put({ ...actor, status: 'stopped', event: 'xstate.stop', source: null, at: Date.now() })
  }

  #forget(id: string): void {
    this.actors.delete(id)
    this.#details.delete(id)
    this.#ended?.add(id)
  }
}

const workEvents = {
  done: 'xstate.promise.resolve',
  error: 'xstate.promise.reject',
  stopped: 'xstate.stop',
} as const

/** Returns the type of an event as XState writes it. */
function xstateType({ root }: AnyStateMachine, event: string): string {
  if (event === 'init') return 'xstate.init'
  const [, delay] = /^after (.+)$/.exec(event) ?? []
  if (delay === undefined) return event.replace(/^(done|error) /, 'xstate.$1.actor.')
  return (
    nodesOf(root)
      .flatMap(({ after }) => after)
      .find((each) => each.delay === delay)?.eventType ?? event
  )
}

interface PageOf<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

async function* pages<Item>(list: (query: { after?: string }) => Promise<PageOf<Item>>) {
  let after: string | null = null
  do {
    const page: PageOf<Item> = await list(after === null ? {} : { after })
    yield* page.items
    after = page.next
  } while (after !== null)
}
