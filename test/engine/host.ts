import { SimulatedClock } from 'xstate'
import { type MemoryPlace, memoryPlace } from '../../src/adapters/memory/memory-place.ts'
import { memoryStore } from '../../src/adapters/memory/memory-store.ts'
import { plainCipher } from '../../src/adapters/plain-cipher.ts'
import type { Latchkey, LatchkeyOptions, ScopedLatchkey } from '../../src/engine/api/latchkey.ts'
import { createLatchkey } from '../../src/engine/create-latchkey.ts'
import { ENTRY_MESSAGES } from '../../src/engine/entries/entry-log.ts'
import { REFRESH_FAILED } from '../../src/engine/tokens/refresh-calls.ts'
import type { Log, LogFields } from '../../src/ports/log.ts'
import type { Store } from '../../src/ports/store.ts'
import { ScriptedService } from '../../src/testing/scripted-service.ts'
import type { AbortView, CreateEntryView, FormView, View } from '../../src/view.ts'

interface LogLine {
  readonly level: string
  readonly message: string
  readonly fields: LogFields
}

/** The messages about the states of entries, which tests of other things do not look at. */
const ofStates: ReadonlySet<string> = new Set([...Object.values(ENTRY_MESSAGES), REFRESH_FAILED])

/** Whether a line is about the state of an entry or its token. */
const isOfState = (message: string): boolean => ofStates.has(message)

/** A log that remembers its lines, those about the states of entries apart. */
export class MemoryLog implements Log {
  readonly lines: LogLine[] = []
  readonly states: LogLine[] = []
  info(fields: LogFields, message: string): void {
    this.#add({ level: 'info', message, fields })
  }
  warn(fields: LogFields, message: string): void {
    this.#add({ level: 'warn', message, fields })
  }
  error(fields: LogFields, message: string): void {
    this.#add({ level: 'error', message, fields })
  }
  #add(line: LogLine): void {
    const list = isOfState(line.message) ? this.states : this.lines
    list.push(line)
  }
  get messages(): string[] {
    return this.lines.map(({ message }) => message)
  }
}

/** One process: an engine over a store, with time that stands still until it is moved. */
export interface Host {
  readonly latchkey: Latchkey
  readonly service: ScriptedService
  readonly store: Store
  readonly clock: SimulatedClock
  readonly log: MemoryLog
  /** Lets time pass, and what falls due be done. */
  pass(milliseconds: number): Promise<void>
  /** Another engine over the same store, as another process, or this one after a restart. */
  again(changes?: HostOptions): Promise<Host>
}

export interface HostOptions extends Partial<Omit<LatchkeyOptions, 'clock' | 'log'>> {
  readonly service?: ScriptedService
  readonly clock?: SimulatedClock
  readonly log?: MemoryLog
  /** The rows of the memory store, if no other store is given. */
  readonly place?: MemoryPlace
}

export async function makeHost(options: HostOptions = {}): Promise<Host> {
  const {
    service = new ScriptedService(),
    clock = someTime(),
    log = new MemoryLog(),
    place = memoryPlace(),
    store = memoryStore(place),
    ...rest
  } = options
  const all = {
    integrations: [service.integration],
    random: () => 0,
    ...(!store.durable && { cipher: plainCipher() }),
    ...rest,
    store,
    clock,
    log,
  }
  return {
    latchkey: await createLatchkey(all),
    service,
    store,
    clock,
    log,
    pass: async (milliseconds) => {
      clock.increment(milliseconds)
      await atRest()
    },
    again: (changes = {}) => {
      const { store: _, ...others } = all
      return makeHost({ ...(options.store === undefined ? others : all), place, service, ...changes })
    },
  }
}

function someTime(): SimulatedClock {
  return clockAt(1_000_000)
}

function clockAt(time: number): SimulatedClock {
  const clock = new SimulatedClock()
  clock.set(time)
  return clock
}

/**
 * Another engine over the same store, after the leases of this one have lapsed. This one is not continued: it has ended, or
 * is paused.
 */
export function afterLeases(host: Host, changes: HostOptions = {}): Promise<Host> {
  return host.again({ clock: clockAt(host.clock.now() + 16_000), ...changes })
}

/** Waits until nothing is left to do that does not wait for time or for a test. */
export async function atRest(): Promise<void> {
  for (let invocation = 0; invocation < 20; invocation++) {
    await new Promise((resolve) => setImmediate(resolve))
    // What seals and hashes does so on other threads, which may be busy.
    await crypto.subtle.digest('SHA-256', new Uint8Array())
  }
}

export function asForm(view: View): FormView {
  if (view.type !== 'form') throw new Error(`A form was expected, not ${JSON.stringify(view)}.`)
  return view
}

export function asAbort(view: View): AbortView {
  if (view.type !== 'abort') throw new Error(`An abort was expected, not ${JSON.stringify(view)}.`)
  return view
}

function asCreated(view: View): CreateEntryView {
  if (view.type !== 'create_entry') throw new Error(`An entry was expected, not ${JSON.stringify(view)}.`)
  return view
}

/** Opens a user flow. */
export async function openForm(latchkey: ScopedLatchkey, domain = 'scripted'): Promise<FormView> {
  return asForm(await latchkey.flows.start({ domain, source: 'user' }))
}

/** Sets an entry up through its form; the token is known to the service as `account`. */
export async function addEntry(
  { latchkey, service }: { readonly latchkey: ScopedLatchkey; readonly service: ScriptedService },
  {
    token = 'good',
    account = 'ann',
    host = 'h',
  }: { token?: string; account?: string | null; host?: string } = {},
): Promise<string> {
  service.accounts.set(token, account)
  const { flowId, revision } = await openForm(latchkey)
  return asCreated(await latchkey.flows.submit(flowId, { host, token }, { revision })).entryId
}

/** Runs a call that the service refuses, so that the entry notices: its token is not known any more. */
export async function loseCredential(
  { latchkey, service }: { readonly latchkey: ScopedLatchkey; readonly service: ScriptedService },
  entryId: string,
  token = 'good',
): Promise<FormView> {
  service.accounts.delete(token)
  const error: unknown = await latchkey.entries
    .use(service.integration, entryId, (client) => client.ping())
    .catch((thrown: unknown) => thrown)
  const flowId = error instanceof Error && 'flowId' in error ? error.flowId : null
  if (typeof flowId !== 'string') throw new Error(`A reauthentication was expected, not ${String(error)}.`)
  return asForm(await latchkey.flows.get(flowId))
}
