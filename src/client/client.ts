import type { AttentionItem, EntryView } from '../engine/api/entries.ts'
import type { StartRequest } from '../engine/api/flows.ts'
import type { AuditRow, Page } from '../ports/store.ts'
import type { FormView, View } from '../view.ts'
import type { ClientState } from './client-state.ts'
import { EventStream, type StreamTiming } from './event-stream.ts'
import { LiveState, type StateListener } from './live-state.ts'
import { ProblemError } from './problem-error.ts'
import { ask, type Call, send } from './requests.ts'

/** How {@link createClient} reaches its server. */
export interface ClientOptions {
  /** Of the handler, with its base path: `http://127.0.0.1:8124/latchkey`. */
  readonly url: string
  /** The bearer token, asked for with every call; `''` sends none. */
  readonly token: () => string | Promise<string>
  readonly fetch?: typeof globalThis.fetch
  /** In which language to be answered, as a tag such as `de`; the browser's where absent. */
  readonly language?: string
  readonly timing?: Partial<StreamTiming>
}

/** Part of a list: `after` is the `next` of the part before. */
export interface ListQuery {
  readonly after?: string
  readonly limit?: number
}

/** An integration that entries can be made of. */
export interface IntegrationItem {
  /** Whether its entries have options. */
  readonly options: boolean
  readonly domain: string
  readonly title: string
  /** What may be under its entries, by type. */
  readonly subentries: readonly { readonly type: string; readonly title: string }[]
}

/** A link that lets somebody mend one entry, and nothing else. */
export interface RepairLink {
  readonly url: string
  /** Ms since the epoch. */
  readonly expiresAt: number
}

/** What a repair link opens: a bearer for this repair alone, the entry and the flow that mends it. */
export interface OpenedLink {
  readonly session: string
  readonly entry: { readonly entryId: string; readonly title: string; readonly domain: string }
  readonly flow: View
}

/** One line of an entry's history. */
export type HistoryRow = Omit<AuditRow, 'scope'>

type Seen = Pick<FormView, 'flowId' | 'revision'>

/** The calls of a server, and what is known of its scope. Every call throws {@link ProblemError} where it is refused. */
export interface LatchkeyClient {
  readonly flows: {
    start(request: StartRequest, options?: { readonly idempotencyKey?: string }): Promise<View>
    get(flowId: string): Promise<View>
    list(query?: ListQuery & { readonly domain?: string; readonly entryId?: string }): Promise<Page<View>>
    /** Submits the form that was seen. A stale one is refused with 412, and the state holds the current one. */
    submit(view: Seen, input: object): Promise<View>
    /** Chooses one of a menu's options, by its value. */
    choose(view: Seen, choice: string): Promise<View>
    /** Goes back to the step before this one. */
    back(view: Seen): Promise<View>
    /** Begins a sign-in at the service: a browser that made this call may then go to the view's `url`. */
    authorize(view: Seen): Promise<View>
    /** The whole address of an external step's `url`. */
    addressOf(url: string): string
    /** Asks whether a code was entered elsewhere; to be called as often as the view's `interval` says. */
    poll(flowId: string): Promise<View>
    cancel(flowId: string): Promise<View>
    /** Keeps what was found from being offered again. */
    ignore(flowId: string): Promise<View>
  }
  readonly entries: {
    get(entryId: string): Promise<EntryView>
    list(
      query?: ListQuery & { readonly domain?: string; readonly ignored?: boolean },
    ): Promise<Page<EntryView>>
    rename(entryId: string, title: string, options?: { readonly revision?: number }): Promise<EntryView>
    remove(entryId: string): Promise<void>
    reload(entryId: string, options?: { readonly retryRejected?: boolean }): Promise<EntryView>
    reauth(entryId: string): Promise<View>
    reconfigure(entryId: string): Promise<View>
    /** Opens the form that puts another account in the place of the entry's. */
    replace(entryId: string): Promise<View>
    /** Opens the form of its options. */
    changeOptions(entryId: string): Promise<View>
    /** Opens the form that adds something under it. */
    addSubentry(entryId: string, type: string): Promise<View>
    /** Opens the form of something under it. */
    changeSubentry(entryId: string, subentryId: string): Promise<View>
    removeSubentry(entryId: string, subentryId: string): Promise<EntryView>
    enable(entryId: string): Promise<EntryView>
    disable(entryId: string): Promise<EntryView>
    /** Takes a new address that was announced out of the attention list. */
    dismissProposal(entryId: string): Promise<EntryView>
    history(entryId: string, query?: ListQuery): Promise<Page<HistoryRow>>
    createLink(entryId: string): Promise<RepairLink>
    revokeLinks(entryId: string): Promise<void>
  }
  readonly attention: { list(): Promise<{ readonly items: readonly AttentionItem[] }> }
  readonly integrations: { list(): Promise<{ readonly items: readonly IntegrationItem[] }> }
  /** Exchanges the token of a repair link; a client with `session` as its token can then mend the entry. */
  openLink(token: string): Promise<OpenedLink>
  /** Is answered in another language from now on; what is known is told anew. */
  speak(language: string): void
  /** What is known now. */
  getState(): ClientState
  /** Calls the listener after each change. One stream serves all listeners; it closes with the last. @returns how to stop */
  subscribe(listener: StateListener): () => void
}

const TIMING: StreamTiming = { silence: 45_000, firstRetry: 500, lastRetry: 10_000 }

/** A client of a Latchkey server, over `fetch` and nothing else. */
export function createClient(options: ClientOptions): LatchkeyClient {
  let { language } = options
  const connection = {
    url: options.url,
    token: options.token,
    language: () => language,
    fetch: options.fetch ?? ((...request) => globalThis.fetch(...request)),
  } satisfies Parameters<typeof ask>[0]
  const state = new LiveState()
  const stream = new EventStream(
    (headers, signal) => send(connection, '/events', { headers, signal }),
    state,
    { ...TIMING, ...options.timing },
  )

  const call = <Answer>(path: string, details?: Call): Promise<Answer> => ask(connection, path, details)

  /** A call that answers a view: the state learns of it, also from a refusal that carries one. */
  const view = async (path: string, details: Call = {}): Promise<View> => {
    try {
      const answer = await call<View>(path, details)
      state.fold({ type: 'flow', data: answer })
      return answer
    } catch (error) {
      if (error instanceof ProblemError && error.problem.view !== undefined) {
        state.fold({ type: 'flow', data: error.problem.view })
      }
      throw error
    }
  }
  const entry = async (path: string, details: Call = {}): Promise<EntryView> => {
    const answer = await call<EntryView>(path, details)
    state.fold({ type: 'entry', data: answer })
    return answer
  }
  const move = ({ flowId, revision }: Seen, body: object): Promise<View> =>
    view(flowPath(flowId), { method: 'POST', headers: { 'if-match': `"${revision}"` }, body })

  return {
    flows: {
      start: (body, { idempotencyKey } = {}) => {
        const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }
        return view('/flows', { method: 'POST', headers, body })
      },
      get: (flowId) => view(flowPath(flowId)),
      list: (query = {}) => call('/flows', { query: { ...query } }),
      submit: (seen, input) => move(seen, { input }),
      choose: (seen, choice) => move(seen, { choice }),
      back: (seen) => move(seen, { back: true }),
      authorize: ({ flowId, revision }) => {
        const headers = { 'if-match': `"${revision}"` }
        return view(`${flowPath(flowId)}/authorize`, { method: 'POST', headers })
      },
      addressOf: (url) => `${connection.url.replace(/\/$/, '')}/${url}`,
      poll: (flowId) => view(flowPath(flowId), { method: 'POST', body: { poll: true } }),
      cancel: (flowId) => view(flowPath(flowId), { method: 'DELETE' }),
      ignore: (flowId) => view(`${flowPath(flowId)}/ignore`, { method: 'POST' }),
    },
    entries: {
      get: (id) => entry(entryPath(id)),
      list: (query = {}) => call('/entries', { query: { ...query } }),
      rename: (id, title, { revision } = {}) => {
        const headers = revision === undefined ? {} : { 'if-match': `"${revision}"` }
        return entry(entryPath(id), { method: 'PATCH', headers, body: { title } })
      },
      remove: async (entryId) => {
        await call(entryPath(entryId), { method: 'DELETE' })
        state.fold({ type: 'entry_removed', data: { entryId } })
      },
      reload: (id, body = {}) => entry(entryPath(id, '/reload'), { method: 'POST', body }),
      reauth: (id) => view(entryPath(id, '/reauth'), { method: 'POST' }),
      reconfigure: (id) => view(entryPath(id, '/reconfigure'), { method: 'POST' }),
      replace: (id) => view(entryPath(id, '/replace'), { method: 'POST' }),
      changeOptions: (entryId) => view('/flows', { method: 'POST', body: { source: 'options', entryId } }),
      addSubentry: (entryId, type) =>
        view('/flows', { method: 'POST', body: { source: 'subentry', entryId, type } }),
      changeSubentry: (entryId, subentryId) =>
        view('/flows', { method: 'POST', body: { source: 'subentry', entryId, subentryId } }),
      removeSubentry: (id, subentryId) =>
        entry(entryPath(id, `/subentries/${encodeURIComponent(subentryId)}`), { method: 'DELETE' }),
      enable: (id) => entry(entryPath(id, '/enable'), { method: 'POST' }),
      disable: (id) => entry(entryPath(id, '/disable'), { method: 'POST' }),
      dismissProposal: (id) => entry(entryPath(id, '/dismiss'), { method: 'POST' }),
      history: (id, query = {}) => call(entryPath(id, '/history'), { query: { ...query } }),
      createLink: (id) => call(entryPath(id, '/links'), { method: 'POST' }),
      revokeLinks: (id) => call(entryPath(id, '/links'), { method: 'DELETE' }),
    },
    attention: { list: () => call('/attention') },
    integrations: { list: () => call('/integrations') },
    openLink: (token) => call('/link', { method: 'POST', body: { token }, authorized: false }),
    speak: (spoken) => {
      if (spoken === language) return
      language = spoken
      stream.restart()
    },
    getState: () => state.get(),
    subscribe: (listener) => {
      const leave = state.listen(listener)
      stream.start()
      return () => {
        if (leave()) stream.stop()
      }
    },
  }
}

const flowPath = (flowId: string): string => `/flows/${encodeURIComponent(flowId)}`
const entryPath = (entryId: string, rest = ''): string => `/entries/${encodeURIComponent(entryId)}${rest}`
