import type { AttentionPage, Diagnostics, EntryPage, EntryQuery, EntryView } from '../engine/api/entries.ts'
import type { StartRequest } from '../engine/api/flows.ts'
import type { HistoryQuery, IntegrationView } from '../engine/api/latchkey.ts'
import type { AuditRow } from '../ports/history.ts'
import type { Page } from '../ports/store.ts'
import type { FormView, View } from '../view.ts'
import type { ClientState } from './client-state.ts'
import { EventStream, type StreamTiming } from './event-stream.ts'
import { LiveState, type StateListener } from './live-state.ts'
import { repeatable } from './lost-starts.ts'
import type { NoAnswerError } from './no-answer-error.ts'
import { ProblemError } from './problem-error.ts'
import { ask, type Call, send } from './requests.ts'
import { SharedList } from './shared-list.ts'
import { nameOfTabs } from './shared-tabs.ts'
import { type WebhookCalls, webhookCalls } from './webhooks.ts'

/** The options of {@link createClient}. */
export interface ClientOptions {
  /** URL of the handler, including its base path, for example `http://127.0.0.1:8124/latchkey`. */
  readonly url: string
  /** Returns the bearer token. Called before each request. `''` sends none. */
  readonly token: () => string | Promise<string>
  readonly fetch?: typeof globalThis.fetch
  /** Language of the responses, for example `de`. Defaults to the languages of the browser. */
  readonly language?: string
  readonly timing?: Partial<StreamTiming>
  /**
   * Whether listeners open the event stream. Defaults to true. The session of a repair link may not read it: the state then
   * has only what calls return.
   */
  readonly events?: boolean
  /** The ids of the user's flows: see `flows.isOwn`. Defaults to a new set. A page can store them over a reload. */
  readonly ownFlows?: OwnFlows
}

/** A set of the ids of flows. */
export interface OwnFlows {
  has(flowId: string): boolean
  add(flowId: string): void
  delete(flowId: string): void
}

/** A page of a list. Pass the `next` of a page as `after`. */
export interface ListQuery {
  readonly after?: string
  readonly limit?: number
}

/** An integration for new entries. */
export type IntegrationItem = IntegrationView

/** A repair link: it allows only the reauthentication of one entry. */
export interface RepairLink {
  readonly url: string
  /** Expiration time (ms since the epoch). */
  readonly expiresAt: number
}

/** An opened repair link: the bearer token of its session, the entry, its service, and the flow that repairs it. */
export interface OpenedLink {
  readonly session: string
  /** Expiration time of the link (ms since the epoch). Servers of older versions do not send it. */
  readonly expiresAt?: number
  /** The integration of the entry. Servers of older versions do not send it. */
  readonly service?: Pick<IntegrationView, 'title' | 'icon' | 'docs'>
  readonly entry: { readonly entryId: string; readonly title: string; readonly domain: string }
  readonly flow: View
}

/** A history row. */
export type HistoryRow = Omit<AuditRow, 'scope'>

type ViewRef = Pick<FormView, 'flowId' | 'revision'>

/**
 * The client of a Latchkey server. It caches the state of the scope. Every call throws {@link ProblemError} if the
 * server refuses it. Every change throws {@link NoAnswerError} if the server does not answer it in time.
 */
export interface LatchkeyClient {
  readonly flows: {
    /** Opens a flow. If the answer is lost, the next call with the same request returns the flow that the first one opened. */
    start(request: StartRequest, options?: { readonly idempotencyKey?: string }): Promise<View>
    get(flowId: string): Promise<View>
    list(query?: ListQuery & { readonly domain?: string; readonly entryId?: string }): Promise<Page<View>>
    /**
     * Submits the input of a form. If the view is stale, throws with status 412, and the state has the current view.
     */
    submit(view: ViewRef, input: object): Promise<View>
    /** Chooses an option of a menu by its value. */
    choose(view: ViewRef, choice: string): Promise<View>
    /** Loads the choices of a form again if the view has `mayRetry`. */
    retry(view: ViewRef): Promise<View>
    /** Goes back to the previous step. */
    back(view: ViewRef): Promise<View>
    /** Begins a sign-in at the service. Then open the view's `url` in the same browser. */
    authorize(view: ViewRef): Promise<View>
    /** Returns the absolute URL of an external step. */
    addressOf(url: string): string
    /** Polls for a code that the user enters on another device. Call it at the `interval` of the view. */
    poll(flowId: string): Promise<View>
    cancel(flowId: string): Promise<View>
    /** Whether the user works on the flow: this client has opened it or taken a step in it, and has not cancelled it. */
    isOwn(flowId: string): boolean
    /** Ignores the discovered account or device. */
    ignore(flowId: string): Promise<View>
  }
  readonly entries: {
    get(entryId: string): Promise<EntryView>
    /** Lists entries, or searches them. A page of a search can be empty although another one follows. */
    list(query?: ListQuery & EntryQuery): Promise<EntryPage>
    rename(entryId: string, title: string, options?: { readonly revision?: number }): Promise<EntryView>
    remove(entryId: string): Promise<void>
    reload(entryId: string, options?: { readonly retryRejected?: boolean }): Promise<EntryView>
    /** Unloads an entry. With `force`, also releases a connection that does not close. */
    unload(entryId: string, options?: { readonly force?: boolean }): Promise<EntryView>
    reauth(entryId: string): Promise<View>
    /** Withdraws a requested reauthentication and ends its flow. */
    withdrawReauth(entryId: string): Promise<EntryView>
    reconfigure(entryId: string): Promise<View>
    /** Opens the flow that replaces the account of the entry. */
    replace(entryId: string): Promise<View>
    /** Opens the options flow. */
    changeOptions(entryId: string): Promise<View>
    /** Opens the flow that adds a sub-entry. */
    addSubentry(entryId: string, type: string): Promise<View>
    /** Opens the flow that changes a sub-entry. */
    changeSubentry(entryId: string, subentryId: string): Promise<View>
    removeSubentry(entryId: string, subentryId: string): Promise<EntryView>
    enable(entryId: string): Promise<EntryView>
    disable(entryId: string): Promise<EntryView>
    /** Dismisses a proposed address. */
    dismissProposal(entryId: string): Promise<EntryView>
    /** Returns the history of an entry. With `kinds`, a page can be empty although another one follows. */
    history(entryId: string, query?: HistoryQuery): Promise<Page<HistoryRow>>
    /** Returns the state, versions and last history rows of an entry, without secrets. */
    diagnostics(entryId: string): Promise<Diagnostics>
    /** Returns the form of the options with their values, without opening a flow. Null if the entry has no options. */
    optionsForm(entryId: string): Promise<View | null>
    createLink(entryId: string): Promise<RepairLink>
    revokeLinks(entryId: string): Promise<void>
  }
  readonly attention: { list(query?: ListQuery): Promise<AttentionPage> }
  /** Returns the name and the icon of the host. Needs no token. */
  page(): Promise<{ readonly name?: string; readonly icon?: string }>
  readonly integrations: {
    list(): Promise<{ readonly items: readonly IntegrationItem[] }>
    /**
     * Loads the integrations into the state, and again after each `setLanguage`. All watchers share one request, which is
     * repeated until it succeeds. @returns a function that ends the watch
     */
    watch(): () => void
  }
  readonly webhooks: WebhookCalls
  /**
   * Exchanges the token of a repair link for a session. Use `session` as the token of a client that repairs the entry.
   */
  openLink(token: string): Promise<OpenedLink>
  /** Changes the language of the responses, and reloads the state. */
  setLanguage(language: string): void
  /** Reconnects now if the connection is lost, instead of after the delay. */
  reconnect(): void
  /** Returns the current state. */
  getState(): ClientState
  /**
   * Calls the listener after each change. All listeners share one stream, which closes with the last. @returns a
   * function that removes the listener
   */
  subscribe(listener: StateListener): () => void
}

/** The size of the pages with which the entries are read. */
const PAGE_SIZE = 1_000

const TIMING: StreamTiming = { silence: 45_000, change: 120_000, firstRetry: 500, lastRetry: 10_000 }

/** The longest delay of `setTimeout` in milliseconds. A longer one would elapse immediately. */
const LONGEST = 2 ** 31 - 1

/** Returns the timing with its defaults. @throws RangeError */
function timingOf(given: Partial<StreamTiming> = {}): StreamTiming {
  const timing: { -readonly [Key in keyof StreamTiming]: number } = { ...TIMING }
  for (const key of Object.keys(TIMING) as (keyof StreamTiming)[]) {
    const value = given[key] ?? TIMING[key]
    if (typeof value !== 'number' || !(value > 0 && value <= LONGEST))
      throw new RangeError(`Invalid timing.${key}: ${value}. Use 1 to ${LONGEST} milliseconds.`)
    timing[key] = value
  }
  return timing
}

/**
 * Creates a client of a Latchkey server. It needs only `fetch`.
 *
 * @throws RangeError if a time of `timing` is not a number from 1 to 2,147,483,647
 *
 * @example
 * ```ts
 * import { createClient } from 'latchkey/client'
 *
 * const client = createClient({ url: 'http://127.0.0.1:8124/latchkey', token: () => 'start-token' })
 * const unsubscribe = client.subscribe(() => {
 *   for (const entry of client.getState().entries.values()) console.log(entry.title, entry.state)
 * })
 * const view = await client.flows.start({ source: 'user', domain: 'my_hub' })
 * if (view.type === 'form') await client.flows.submit(view, { host: 'hub.local', apiToken: 'secret' })
 * unsubscribe()
 * ```
 */
export function createClient(options: ClientOptions): LatchkeyClient {
  let { language } = options
  const timing = timingOf(options.timing)
  const connection = {
    readTimeout: timing.silence,
    changeTimeout: timing.change,
    url: options.url.replace(/\/$/, ''),
    token: options.token,
    language: () => language,
    fetch: options.fetch ?? ((...request) => globalThis.fetch(...request)),
  } satisfies Parameters<typeof ask>[0]
  const own = options.ownFlows ?? new Set<string>()
  const startOnce = repeatable()
  const state = new LiveState(() => integrations.wake())
  const integrations = new SharedList(
    async (signal) =>
      (await ask<{ items: readonly IntegrationItem[] }>(connection, '/integrations', { signal })).items,
    (data) => state.fold({ type: 'integrations', data }),
    timing,
  )
  const stream = new EventStream(
    (headers, signal) => send(connection, '/events', { headers, signal }),
    state,
    {
      timing,
      // Only tabs of the same user and language receive the same events.
      readEntries: (after, signal) =>
        ask(connection, '/entries', { query: { limit: PAGE_SIZE, after }, signal }),
      nameOfTabs: async () => nameOfTabs([connection.url, await connection.token(), language ?? '']),
    },
  )

  const call = <Answer>(path: string, details?: Call): Promise<Answer> => ask(connection, path, details)

  /**
   * Sends a request that returns a view, and updates the state with it. Errors that contain a view also update the
   * state.
   */
  const view = async (path: string, details: Call = {}): Promise<View> => {
    try {
      const answer = await call<View>(path, details)
      state.fold({ type: 'flow', data: answer })
      if ('nextFlow' in answer && answer.nextFlow !== undefined && own.has(answer.flowId))
        own.add(answer.nextFlow.flowId)
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
  /** Opens a flow. Unless it was open before, it is the user's, also if only a repeated request is answered. */
  const opened = async (path: string, body?: StartRequest, given?: string): Promise<View> => {
    const start = (key?: string): Promise<View> => view(path, { method: 'POST', key, body })
    const source = body?.source
    const answer =
      // The values of an import and of a discovery can be secret, so they do not name a request.
      given !== undefined || source === 'import' || source === 'discovery'
        ? await start(given)
        : await startOnce(JSON.stringify([path, body]), start)
    if (answer.joined !== true) own.add(answer.flowId)
    return answer
  }
  const step = ({ flowId, revision }: ViewRef, path = '', body?: object): Promise<View> => {
    own.add(flowId)
    return view(flowPath(flowId) + path, { method: 'POST', revision, body })
  }
  const move = (ref: ViewRef, body: object): Promise<View> => step(ref, '', body)
  const cancel = async (flowId: string): Promise<View> => {
    const isOwn = own.has(flowId)
    own.delete(flowId)
    try {
      return await view(flowPath(flowId), { method: 'DELETE' })
    } catch (error) {
      if (isOwn) own.add(flowId)
      throw error
    }
  }

  return {
    flows: {
      start: (body, { idempotencyKey } = {}) => opened('/flows', body, idempotencyKey),
      get: (flowId) => view(flowPath(flowId)),
      list: (query = {}) => call('/flows', { query: { ...query } }),
      submit: (view, input) => move(view, { input }),
      choose: (view, choice) => move(view, { choice }),
      retry: (view) => move(view, { retry: true }),
      back: (view) => move(view, { back: true }),
      authorize: (view) => step(view, '/authorize'),
      addressOf: (url) => `${connection.url}/${url}`,
      poll: (flowId) => view(flowPath(flowId), { method: 'POST', isRead: true, body: { poll: true } }),
      cancel,
      isOwn: (flowId) => own.has(flowId),
      ignore: (flowId) => view(`${flowPath(flowId)}/ignore`, { method: 'POST' }),
    },
    entries: {
      get: (id) => entry(entryPath(id)),
      list: async (query = {}) => {
        const page = await call<EntryPage>('/entries', { query: { ...query } })
        // Other lists are filled by the stream, which is newer.
        if (state.get().entryList === 'partial' && !query.ignored)
          state.fold({ type: 'entries', data: { items: page.items } })
        return page
      },
      rename: (id, title, { revision } = {}) =>
        entry(entryPath(id), { method: 'PATCH', revision, body: { title } }),
      remove: async (entryId) => {
        await call(entryPath(entryId), { method: 'DELETE' })
        state.fold({ type: 'entry_removed', data: { entryId } })
      },
      reload: (id, body = {}) => entry(entryPath(id, '/reload'), { method: 'POST', body }),
      unload: (id, body = {}) => entry(entryPath(id, '/unload'), { method: 'POST', body }),
      reauth: (id) => opened(entryPath(id, '/reauth')),
      withdrawReauth: (id) => entry(entryPath(id, '/reauth'), { method: 'DELETE' }),
      reconfigure: (id) => opened(entryPath(id, '/reconfigure')),
      replace: (id) => opened(entryPath(id, '/replace')),
      changeOptions: (entryId) => opened('/flows', { source: 'options', entryId }),
      addSubentry: (entryId, type) => opened('/flows', { source: 'subentry', entryId, type }),
      changeSubentry: (entryId, subentryId) => opened('/flows', { source: 'subentry', entryId, subentryId }),
      removeSubentry: (id, subentryId) =>
        entry(entryPath(id, `/subentries/${encodeURIComponent(subentryId)}`), { method: 'DELETE' }),
      enable: (id) => entry(entryPath(id, '/enable'), { method: 'POST' }),
      disable: (id) => entry(entryPath(id, '/disable'), { method: 'POST' }),
      dismissProposal: (id) => entry(entryPath(id, '/dismiss'), { method: 'POST' }),
      history: (id, { kinds, ...query } = {}) =>
        call(entryPath(id, '/history'), { query: { ...query, ...(kinds && { kinds: kinds.join(',') }) } }),
      diagnostics: (id) => call(entryPath(id, '/diagnostics')),
      optionsForm: (id) => call<{ form?: View }>(entryPath(id, '/options')).then(({ form }) => form ?? null),
      createLink: (id) => call(entryPath(id, '/links'), { method: 'POST' }),
      revokeLinks: (id) => call(entryPath(id, '/links'), { method: 'DELETE' }),
    },
    attention: { list: (query = {}) => call('/attention', { query: { ...query } }) },
    integrations: { list: () => call('/integrations'), watch: () => integrations.watch() },
    webhooks: webhookCalls(call, startOnce),
    page: () => call('/page', { authorized: false }),
    openLink: (token) => call('/link', { method: 'POST', isRead: true, body: { token }, authorized: false }),
    setLanguage: (tag) => {
      if (tag === language) return
      language = tag
      stream.restart()
      integrations.reload()
    },
    reconnect: () => stream.retry(),
    getState: () => state.get(),
    subscribe: (listener) => {
      const leave = state.listen(listener)
      if (options.events !== false) stream.start()
      return () => {
        if (leave()) stream.stop()
      }
    },
  }
}

const flowPath = (flowId: string): string => `/flows/${encodeURIComponent(flowId)}`
const entryPath = (entryId: string, rest = ''): string => `/entries/${encodeURIComponent(entryId)}${rest}`
