import type { ScopesLatchkey } from '../engine/api/latchkey.ts'
import { StoppedError } from '../errors.ts'
import type { Log } from '../ports/log.ts'
import { languageHeaders, reply } from './reply.ts'
import { ScopeEvents } from './scope-events.ts'

/** Interval of pings on an idle stream in milliseconds. */
const PING_INTERVAL = 15_000
/** Number of pings until the events of a scope without listeners are dropped: five minutes. */
const MAX_IDLE_PINGS = 20
/** Maximum of bytes that wait for a slow listener. Past it the stream ends, and the client reconnects. */
const MAX_BACKLOG = 4 * 1024 * 1024

const ping = new TextEncoder().encode(': ping\n\n')

/** The caller of a stream. */
interface Listener {
  readonly scope: string
  readonly principal: string
  /** Returns whether the caller may still listen. */
  mayStay(): Promise<boolean>
}

/** The content of a stream. */
interface Topic {
  readonly scope: string
  readonly language: string
  /** Whether it has the details of failures. */
  readonly details: boolean
}

/** The event streams. All listeners of the same topic share one sequence of messages. */
export class EventStreams {
  readonly #latchkey: ScopesLatchkey
  readonly #log: Log
  readonly #scopes = new Map<string, ScopeEvents>()
  /** The interval at which the authorization of a listener is checked again, in milliseconds. */
  readonly #authorizeInterval: number
  /** The functions that end the streams, with their callers. */
  readonly #ends = new Map<() => void, Listener>()
  readonly #pings = new Set<() => void>()
  #pinging: ReturnType<typeof setInterval> | null = null

  constructor(latchkey: ScopesLatchkey, log: Log, authorizeInterval: number) {
    this.#latchkey = latchkey
    this.#log = log
    this.#authorizeInterval = authorizeInterval
    latchkey.stopping.addEventListener('abort', () => this.close(), { once: true })
  }

  /**
   * Opens a stream of the events of one scope. It ends if the caller may no longer listen.
   *
   * @throws StoppedError after `stop()` was called, LatchkeyError if the initial snapshot cannot be read
   */
  async open(topic: Topic, request: Request, listener: Listener): Promise<Response> {
    if (this.#latchkey.stopping.aborted) throw new StoppedError()
    const headers = {
      ...languageHeaders(topic),
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    }
    // A stream for HEAD would have no reader, and its end would go unnoticed.
    if (request.method === 'HEAD') return reply(null, 200, headers)
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined
    let open = true
    let stopListening = () => {}
    const send = (bytes: Uint8Array) => {
      if (!open) return
      if ((controller?.desiredSize ?? 0) < 0) end()
      else controller?.enqueue(bytes)
    }
    const pinging = () => send(ping)
    const reauthorizing = setInterval(
      () => void listener.mayStay().then((may) => may || end(), end),
      this.#authorizeInterval,
    )
    const end = () => {
      if (!open) return
      open = false
      clearInterval(reauthorizing)
      this.#pings.delete(pinging)
      this.#ends.delete(end)
      stopListening()
      if (this.#pings.size === 0) this.#stopPinging()
      try {
        controller?.close()
      } catch {
        // The listener has closed the stream already.
      }
    }
    const stream = new ReadableStream<Uint8Array>(
      {
        start(own) {
          controller = own
        },
        cancel: end,
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MAX_BACKLOG }),
    )
    this.#ends.set(end, listener)
    this.#pings.add(pinging)
    this.#startPinging()
    request.signal.addEventListener('abort', end, { once: true })
    try {
      const stop = await this.#eventsOf(topic).listen(request.headers.get('last-event-id'), send)
      stopListening = stop
      if (!open) stop()
    } catch (error) {
      end()
      throw error
    }
    return reply(stream, 200, headers)
  }

  /** Ends the streams of a principal in one scope, or in all. */
  revoke(principal: string, scope: string | undefined): void {
    for (const [end, listener] of [...this.#ends]) {
      if (listener.principal === principal && (scope ?? listener.scope) === listener.scope) end()
    }
  }

  /** Ends all streams. */
  close(): void {
    for (const end of [...this.#ends.keys()]) end()
    this.#stopPinging()
    for (const events of this.#scopes.values()) events.close()
    this.#scopes.clear()
  }

  #startPinging(): void {
    this.#pinging ??= setInterval(() => {
      for (const one of this.#pings) one()
      this.#dropIdle()
    }, PING_INTERVAL)
  }

  /** Drops the scopes that had no listeners for long, because each scope adds work to every event. */
  #dropIdle(): void {
    for (const [key, events] of this.#scopes) {
      if (events.countIdle() <= MAX_IDLE_PINGS) continue
      events.close()
      this.#scopes.delete(key)
    }
  }

  #stopPinging(): void {
    if (this.#pinging !== null) clearInterval(this.#pinging)
    this.#pinging = null
  }

  #eventsOf({ scope, language, details }: Topic): ScopeEvents {
    const key = `${language} ${details}\n${scope}`
    let events = this.#scopes.get(key)
    if (events === undefined) {
      events = new ScopeEvents(this.#latchkey.scope(scope, { language }), this.#log, details)
      this.#scopes.set(key, events)
    }
    return events
  }
}
