import type { AnyStateMachine } from 'xstate'
import { nodesOf } from '../diagrams/mermaid.ts'
import type { LatchkeyEvents } from '../engine/api/events.ts'
import type { ScopedLatchkey } from '../engine/api/latchkey.ts'
import type { JsonObject } from '../ports/json.ts'
import { charts } from './charts.ts'
import { chartAt, type ShownActor } from './shown-actor.ts'

type Transition = LatchkeyEvents['transition']

/** What an entry's state is made of, where it has states of its own. */
const innerState: Readonly<Record<string, string>> = {
  loaded: 'loaded.running',
  reauth_required: 'reauth_required.waiting',
}

/** Where a flow stands while somebody signs in at the service. */
const signingIn: ReadonlySet<string> = new Set(['asking.authorize', 'asking.device'])

/** Flows that took steps, and were not kept yet. */
const MOST_EARLY = 1_000

/** The flows and entries of a scope, each one actor for as long as it lives, whatever the engine does between. */
export class Inspector {
  /** The actors that live, each after the one that asked for it. */
  readonly actors = new Map<string, ShownActor>()
  readonly #tell: (actor: ShownActor) => void
  readonly #about = new Map<string, JsonObject>()
  /** The steps of flows that are not stored yet, and may never be. */
  readonly #early = new Map<string, Transition[]>()
  /** What ended while the list was being read. */
  #ended: Set<string> | null = null
  readonly #stops: (() => void)[] = []

  /** `tell` is told of every actor that is new, has taken a step, or has ended. */
  constructor(tell: (actor: ShownActor) => void) {
    this.#tell = tell
  }

  /** Listens from here on, and shows what is there already. */
  async start(latchkey: ScopedLatchkey): Promise<void> {
    this.#stops.push(
      latchkey.on('transition', (transition) => this.#stepped(transition)),
      latchkey.on('flow_started', ({ flowId, ...about }) => this.#started(flowId, about)),
      latchkey.on('entry_added', ({ entryId, domain }) => this.#about.set(`entry:${entryId}`, { domain })),
      latchkey.on('entry_removed', ({ entryId }) => {
        this.#end(`token:${entryId}`)
        this.#end(`entry:${entryId}`)
      }),
    )
    this.#ended = new Set()
    for await (const entry of pages((query) => latchkey.entries.list(query))) {
      const { entryId: id, domain, state: to, reason } = entry
      const codes = reason === null ? [] : [reason]
      this.#found({ machine: 'configEntry', id, to: innerState[to] ?? to, codes }, { domain })
    }
    for await (const view of pages((query) => latchkey.flows.list(query))) {
      if (!('step' in view)) continue
      const { flowId: id, machine, domain, source, entryId } = view
      const to = 'mayGoBack' in view ? `asking.${view.step}` : view.step
      const codes = 'mayGoBack' in view ? Object.values(view.errors).map(({ code }) => code) : []
      this.#found({ machine, id, to, codes }, { domain, source, entryId })
      if ('userCode' in view) this.#found({ machine: 'deviceCode', id, to: 'showing_code', codes: [] })
    }
    this.#ended = null
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }

  #found(stands: Pick<Transition, 'machine' | 'id' | 'to' | 'codes'>, about?: JsonObject): void {
    const id = `${charts[stands.machine].kind}:${stands.id}`
    if (this.actors.has(id) || this.#ended?.has(id)) return
    if (about !== undefined) this.#about.set(id, about)
    this.#show({ ...stands, event: 'init' })
  }

  #stepped(transition: Transition): void {
    const { machine, id, from } = transition
    const { kind, beside } = charts[machine]
    if (beside !== undefined) {
      // Begun anew, in the place of the one before.
      if (from === null) this.#end(`${kind}:${id}`)
      this.#show(transition)
      return
    }
    if (kind === 'flow' && from === null) {
      this.#early.set(id, [])
      for (const oldest of this.#early.keys()) {
        if (this.#early.size <= MOST_EARLY) break
        this.#early.delete(oldest)
      }
    }
    const early = this.#early.get(id)
    if (early === undefined) this.#show(transition)
    else early.push(transition)
  }

  #started(
    flowId: string,
    { domain, source, entryId }: Omit<LatchkeyEvents['flow_started'], 'flowId'>,
  ): void {
    const early = this.#early.get(flowId) ?? []
    this.#early.delete(flowId)
    const id = `flow:${flowId}`
    if (this.actors.has(id)) return
    this.#about.set(id, { domain, source, entryId })
    for (const transition of early) this.#show(transition)
  }

  #show({ machine, id: name, to, event, codes }: Omit<Transition, 'from' | 'scope'>): void {
    const { chart, kind, beside } = charts[machine]
    const id = `${kind}:${name}`
    if (kind === 'flow' && !signingIn.has(to)) this.#end(`sign-in:${name}`)
    const { status, _nodes } = chartAt(chart, to)
    const asked = _nodes.flatMap(({ invoke }) => invoke.map((work) => work.id))
    const source = this.#endWork(id, event, asked)
    // Nobody saw it begin, and it is over.
    if (status !== 'active' && !this.actors.has(id)) {
      this.#end(id)
      return
    }
    const at = Date.now()
    const actor: ShownActor = {
      ...{ id, name: id, parent: null, chart, state: to, status, at },
      context: { ...this.#about.get(beside === undefined ? id : `${beside}:${name}`), codes },
      ...{ event: xstateType(chart, event), source },
    }
    this.#put(actor)
    for (const work of asked) {
      const child = `${id}/${work}`
      if (this.actors.has(child)) continue
      this.#put({
        ...{ id: child, name: work, parent: id, chart: null, state: 'active', status: 'active', at },
        ...{ context: {}, event: 'xstate.init', source: id },
      })
    }
  }

  /** The work of an actor that is done, has failed or is called back. @returns which of it the event came of */
  #endWork(parent: string, event: string, asked: readonly string[]): string | null {
    let source: string | null = null
    for (const child of [...this.actors.values()].filter((actor) => actor.parent === parent)) {
      const [how, work] = event.split(' ')
      const came = work === child.name
      if (came) source = child.id
      else if (asked.includes(child.name)) continue
      const status = came ? (how as 'done' | 'error') : 'stopped'
      this.#put({ ...child, state: status, status, event: workEvents[status], source: null, at: Date.now() })
    }
    return source
  }

  #put(actor: ShownActor): void {
    if (actor.status === 'active') this.actors.set(actor.id, actor)
    else this.#forget(actor.id)
    this.#tell(actor)
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
    this.#about.delete(id)
    this.#ended?.add(id)
  }
}

const workEvents = {
  done: 'xstate.promise.resolve',
  error: 'xstate.promise.reject',
  stopped: 'xstate.stop',
} as const

/** The type of an event in XState's notation. */
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
