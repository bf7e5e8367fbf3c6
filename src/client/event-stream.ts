import type { Change } from './client-state.ts'
import { eventParser } from './event-parser.ts'
import type { LiveState } from './live-state.ts'
import { ProblemError } from './problem-error.ts'

/** When a stream is given up, and when the next is tried (ms). */
export interface StreamTiming {
  /** Without a byte for so long, the stream counts as lost. The server says something every 15 s. */
  readonly silence: number
  /** Before the first retry; doubled for each further one, and up to a half is taken off at random. */
  readonly firstRetry: number
  readonly lastRetry: number
}

/** Opens the stream; it rejects with a ProblemError where the server refuses. */
export type OpenStream = (headers: Record<string, string>, signal: AbortSignal) => Promise<Response>

const REFUSED = [401, 403]

/** Reads the events of a scope into a state, and comes back after every break until it is stopped. */
export class EventStream {
  readonly #open: OpenStream
  readonly #state: LiveState
  readonly #timing: StreamTiming
  #stop: AbortController | undefined
  #lastEventId = ''

  constructor(open: OpenStream, state: LiveState, timing: StreamTiming) {
    this.#open = open
    this.#state = state
    this.#timing = timing
  }

  /** Does nothing where it runs. */
  start(): void {
    if (this.#stop !== undefined) return
    this.#stop = new AbortController()
    this.#state.connect('connecting')
    void this.#run(this.#stop.signal)
  }

  /** Begins anew where it runs. */
  restart(): void {
    if (this.#stop === undefined) return
    this.stop()
    this.start()
  }

  stop(): void {
    this.#stop?.abort()
    this.#stop = undefined
    this.#state.connect('connecting')
  }

  async #run(stopped: AbortSignal): Promise<void> {
    const { firstRetry, lastRetry } = this.#timing
    let tries = 0
    while (!stopped.aborted) {
      const since = Date.now()
      const failure = await this.#read(stopped).catch((error: unknown) => error)
      if (stopped.aborted) return
      const problem = failure instanceof ProblemError ? failure : null
      // A stream that simply ended is opened again before anybody is told that it was lost.
      if (failure !== undefined) this.#state.connect('lost', problem)
      if (problem !== null && REFUSED.includes(problem.status)) {
        this.#stop = undefined
        return
      }
      if (Date.now() - since > lastRetry) tries = 0
      const backoff = Math.min(firstRetry * 2 ** tries++, lastRetry) * (0.5 + Math.random() / 2)
      await pause(Math.max(backoff, (problem?.problem.retryAfter ?? 0) * 1000), stopped)
    }
  }

  /** Reads one stream to its end. */
  async #read(stopped: AbortSignal): Promise<void> {
    const silent = new AbortController()
    const hush = (): void => silent.abort(new Error('The stream has fallen silent.'))
    let timer = setTimeout(hush, this.#timing.silence)
    const signal = AbortSignal.any([stopped, silent.signal])
    try {
      const resume: Record<string, string> =
        this.#lastEventId === '' ? {} : { 'last-event-id': this.#lastEventId }
      const { body } = await this.#open({ accept: 'text/event-stream', ...resume }, signal)
      if (body === null) return
      this.#state.connect('open')
      let changes: Change[] = []
      const parse = eventParser(({ type, data, id }) => {
        // What cannot be read is not resumed after: the next stream starts with a snapshot.
        this.#lastEventId = ''
        changes.push({ type, data: JSON.parse(data) } as Change)
        this.#lastEventId = id
      })
      const reader = body.getReader()
      for (;;) {
        const { done, value } = await reader.read()
        if (done || stopped.aborted) return
        clearTimeout(timer)
        timer = setTimeout(hush, this.#timing.silence)
        parse(value)
        this.#state.fold(...changes)
        changes = []
      }
    } finally {
      clearTimeout(timer)
      silent.abort()
    }
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
