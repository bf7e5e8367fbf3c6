import type { Latchkey } from '../engine/api/latchkey.ts'
import { loggedError } from '../engine/lib/redact.ts'
import { StoppedError } from '../errors.ts'
import type { Log } from '../ports/log.ts'
import { languageHeaders, reply } from './reply.ts'
import { ScopeEvents } from './scope-events.ts'

/** How often a quiet stream says that it lives, in milliseconds. */
const PING = 15_000
/** For how many pings in a row a scope is remembered that nobody listens to: five minutes. */
const REMEMBERED = 20
/** How often somebody who listens is asked again who they are, in milliseconds. */
const REAUTHORISE = 15 * 60_000
/** How often it is asked what other processes have written, in milliseconds. */
const LOOK = 1_000
/** What may wait for a slow listener, in bytes, before it is let go; it comes back and is told again. */
const BACKLOG = 4 * 1024 * 1024

const ping = new TextEncoder().encode(': ping\n\n')

/** What a stream tells of, and in which language: one of those that the engine speaks. */
interface Told {
  readonly scope: string
  readonly language: string
}

/** The streams of events, one life of messages for each scope and language. */
export class EventStreams {
  readonly #latchkey: Latchkey
  readonly #log: Log
  readonly #scopes = new Map<string, ScopeEvents>()
  readonly #ends = new Set<() => void>()
  readonly #pings = new Set<() => void>()
  #timers: readonly ReturnType<typeof setInterval>[] = []

  constructor(latchkey: Latchkey, log: Log) {
    this.#latchkey = latchkey
    this.#log = log
  }

  /**
   * A stream of one scope's events; `mayStay` is asked every quarter of an hour. Rejects where what it begins with
   * cannot be read.
   */
  async open(told: Told, request: Request, mayStay: () => Promise<boolean>): Promise<Response> {
    const headers = {
      ...languageHeaders(told),
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    }
    // Nobody would read it, or say that they have gone.
    if (request.method === 'HEAD') return reply(null, 200, headers)
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined
    let open = true
    let leave = () => {}
    const send = (bytes: Uint8Array) => {
      if (!open) return
      if ((controller?.desiredSize ?? 0) < 0) end()
      else controller?.enqueue(bytes)
    }
    const pinging = () => send(ping)
    const again = setInterval(() => void mayStay().then((may) => may || end(), end), REAUTHORISE)
    const end = () => {
      if (!open) return
      open = false
      clearInterval(again)
      this.#pings.delete(pinging)
      this.#ends.delete(end)
      leave()
      if (this.#pings.size === 0) this.#rest()
      try {
        controller?.close()
      } catch {
        // The listener has gone by itself.
      }
    }
    const stream = new ReadableStream<Uint8Array>(
      {
        start(own) {
          controller = own
        },
        cancel: end,
      },
      new ByteLengthQueuingStrategy({ highWaterMark: BACKLOG }),
    )
    this.#ends.add(end)
    this.#pings.add(pinging)
    if (this.#timers.length === 0) this.#awaken()
    request.signal.addEventListener('abort', end, { once: true })
    try {
      const left = await this.#eventsOf(told).join(request.headers.get('last-event-id'), send)
      leave = left
      if (!open) left()
    } catch (error) {
      end()
      throw error
    }
    return reply(stream, 200, headers)
  }

  /** Ends every stream, and listens to nothing more. */
  close(): void {
    for (const end of [...this.#ends]) end()
    this.#rest()
    for (const events of this.#scopes.values()) events.close()
    this.#scopes.clear()
  }

  #awaken(): void {
    const pinging = setInterval(() => {
      for (const one of this.#pings) one()
      this.#forget()
    }, PING)
    const looking = setInterval(() => {
      for (const events of this.#scopes.values()) if (events.isHeard) void this.#look(events)
    }, LOOK)
    this.#timers = [pinging, looking]
  }

  /** Lets go of what nobody has listened to for long: each scope that is followed costs something with every event. */
  #forget(): void {
    for (const [key, events] of this.#scopes) {
      if (events.countIdle() <= REMEMBERED) continue
      events.close()
      this.#scopes.delete(key)
    }
  }

  #rest(): void {
    for (const timer of this.#timers) clearInterval(timer)
    this.#timers = []
  }

  async #look(events: ScopeEvents): Promise<void> {
    try {
      await events.lookElsewhere()
    } catch (error) {
      if (error instanceof StoppedError) return
      this.#log.warn('What other processes write could not be read.', { error: loggedError(error) })
    }
  }

  #eventsOf({ scope, language }: Told): ScopeEvents {
    const key = `${language}\n${scope}`
    let events = this.#scopes.get(key)
    if (events === undefined) {
      events = new ScopeEvents(this.#latchkey.scope(scope, { language }), this.#log)
      this.#scopes.set(key, events)
    }
    return events
  }
}
