import type { Change } from './client-state.ts'
import { EntryPages, type ReadEntries } from './entry-pages.ts'
import { eventParser } from './event-parser.ts'
import type { LiveState } from './live-state.ts'
import { ProblemError } from './problem-error.ts'
import { backoff, isRefused, pause, type RetryTiming } from './retry.ts'
import { shareTabs, type TabMessage } from './shared-tabs.ts'

/** The timeouts and retry delays of a stream in milliseconds. */
export interface StreamTiming extends RetryTiming {
  /**
   * Time without a byte until the stream counts as lost. The server sends a ping every 15 s. Other reads end after the same
   * time without an answer.
   */
  readonly silence: number
  /**
   * Time until a change without an answer ends. Longer than the `connectTimeout` of every integration, so that a slow
   * service is not mistaken for a lost answer.
   */
  readonly change: number
}

/** Opens the stream. @throws ProblemError if the server refuses it */
export type OpenStream = (headers: Record<string, string>, signal: AbortSignal) => Promise<Response>

/** Applies the events of a scope to a state, and reconnects until it is stopped. */
export class EventStream {
  readonly #open: OpenStream
  readonly #state: LiveState
  readonly #timing: StreamTiming
  #stop: AbortController | undefined
  /** Ends the delay before the next attempt. */
  #waiting: AbortController | undefined
  #lastEventId = ''
  /** Whether this tab has the state of the tab that reads the stream. */
  #isSynced = false
  readonly #nameOfTabs: () => Promise<string | null>
  readonly #readEntries: ReadEntries
  /** Sends a message to the other tabs. */
  #tell: (message: TabMessage) => void = () => {}

  constructor(
    open: OpenStream,
    state: LiveState,
    {
      timing,
      nameOfTabs,
      readEntries,
    }: { timing: StreamTiming; nameOfTabs: () => Promise<string | null>; readEntries: ReadEntries },
  ) {
    this.#readEntries = readEntries
    this.#open = open
    this.#nameOfTabs = nameOfTabs
    this.#state = state
    this.#timing = timing
  }

  /** Starts the stream. Has no effect if it runs. */
  start(): void {
    if (this.#stop !== undefined) return
    this.#stop = new AbortController()
    this.#isSynced = false
    this.#state.connect('connecting')
    void this.#share(this.#stop.signal)
  }

  /** Restarts the stream if it runs. */
  restart(): void {
    if (this.#stop === undefined) return
    this.stop()
    // The events of another language begin with a snapshot.
    this.#lastEventId = ''
    this.start()
  }

  /** Ends the delay before the next attempt, also if another tab waits. Has no effect without one. */
  retry(): void {
    this.#waiting?.abort()
    this.#tell({ type: 'retry' })
  }

  stop(): void {
    this.#stop?.abort()
    this.#stop = undefined
    this.#tell = () => {}
    this.#state.connect('connecting')
  }

  /** Reads the stream, or receives it from the tab that reads it. */
  async #share(stopped: AbortSignal): Promise<void> {
    const name = await this.#nameOfTabs().catch(() => null)
    if (stopped.aborted) return
    if (name === null) return this.#run(stopped)
    this.#tell = shareTabs(name, stopped, {
      lead: () => {
        // A tab that has opened since may have received nothing.
        this.#tellState()
        return this.#run(stopped)
      },
      receive: (message, leads) => {
        if (!leads) this.#follow(message)
        else if (message.type === 'join') this.#tellState()
        else if (message.type === 'retry') this.#waiting?.abort()
      },
    })
  }

  #tellState(): void {
    // Before the snapshot there is only a connection. The snapshot follows as a change.
    if (this.#lastEventId === '') {
      const { connection, retryAt } = this.#state.get()
      this.#tell({ type: 'connection', connection, retryAt })
      return
    }
    // Errors of this tab are not those of the others.
    const state = { ...this.#state.get(), error: null }
    this.#tell({ type: 'state', state, lastEventId: this.#lastEventId })
  }

  #follow(message: TabMessage): void {
    if (message.type === 'join' || message.type === 'retry') return
    if (message.type === 'connection') {
      this.#state.connect(message.connection, null, message.retryAt)
      return
    }
    if (message.type === 'state') {
      // A state for another tab. It would undo responses that this tab has received since.
      if (this.#isSynced && message.lastEventId === this.#lastEventId) return
      this.#state.replace(message.state)
    } else {
      // Changes without the state before them would look complete, also to the server.
      if (!this.#isSynced && !message.changes.some(({ type }) => type === 'snapshot')) return
      this.#apply(message.changes)
      this.#state.connect('open')
    }
    this.#isSynced = true
    this.#lastEventId = message.lastEventId
  }

  /** Applies changes. In a scope with too many entries, those of entries that were not read are left out. */
  #apply(changes: readonly Change[]): void {
    const { entryList, entries } = this.#state.get()
    const isKnown = ({ type, data }: Change): boolean =>
      type !== 'entry' || data.ignored || entryList !== 'partial' || entries.has(data.entryId)
    this.#state.fold(...changes.filter(isKnown))
  }

  /** Applies changes of the stream, and sends them to the other tabs. */
  #publish(...changes: readonly Change[]): void {
    this.#apply(changes)
    if (changes.length > 0) this.#tell({ type: 'changes', changes, lastEventId: this.#lastEventId })
  }

  /** Reads the entries after a snapshot, and after the changes that came with it. */
  #fill(changes: readonly Change[], stopped: AbortSignal): EntryPages {
    const pages = new EntryPages(this.#readEntries, this.#timing, (change) => this.#publish(change))
    for (const change of changes) pages.sent(change)
    const isEmpty = this.#state.get().counts?.all === 0
    void pages.read(() => this.#state.get().entries.keys(), isEmpty, stopped)
    return pages
  }

  #connect(...state: Parameters<LiveState['connect']>): void {
    const [connection, , retryAt = null] = state
    this.#state.connect(...state)
    this.#tell({ type: 'connection', connection, retryAt })
  }

  async #run(stopped: AbortSignal): Promise<void> {
    let tries = 0
    while (!stopped.aborted) {
      const since = Date.now()
      const failure = await this.#read(stopped).catch((error: unknown) => error)
      if (stopped.aborted) return
      const problem = failure instanceof ProblemError ? failure : null
      if (isRefused(failure)) {
        this.#connect('lost', problem)
        this.#stop?.abort()
        this.#stop = undefined
        return
      }
      if (Date.now() - since > this.#timing.lastRetry) tries = 0
      const wait = backoff(this.#timing, tries++, failure)
      // A stream that ended normally is reopened before the state becomes `lost`.
      if (failure !== undefined) this.#connect('lost', problem, Date.now() + wait)
      this.#waiting = new AbortController()
      await pause(wait, AbortSignal.any([stopped, this.#waiting.signal]))
      this.#waiting = undefined
    }
  }

  /** Reads a stream until it ends. */
  async #read(stopped: AbortSignal): Promise<void> {
    const silent = new AbortController()
    const hush = (): void => silent.abort()
    let timer = setTimeout(hush, this.#timing.silence)
    const signal = AbortSignal.any([stopped, silent.signal])
    try {
      // A list that is not complete begins again with a snapshot.
      const isComplete = this.#lastEventId !== '' && this.#state.get().entryList !== 'loading'
      const resume: Record<string, string> = isComplete ? { 'last-event-id': this.#lastEventId } : {}
      const { body } = await this.#open({ accept: 'text/event-stream', ...resume }, signal)
      if (body === null) return
      this.#connect('open')
      let changes: Change[] = []
      let pages: EntryPages | undefined
      let filling = new AbortController()
      const parse = eventParser(({ type, data, id }) => {
        // Do not resume after an unreadable message: the next stream starts with a snapshot.
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
        this.#publish(...changes)
        const snapshot = changes.findLastIndex(({ type }) => type === 'snapshot')
        if (snapshot < 0) for (const change of changes) pages?.sent(change)
        else {
          filling.abort()
          filling = new AbortController()
          if (this.#state.get().entryList === 'loading')
            pages = this.#fill(changes.slice(snapshot + 1), AbortSignal.any([signal, filling.signal]))
        }
        changes = []
      }
    } finally {
      clearTimeout(timer)
      silent.abort()
    }
  }
}
