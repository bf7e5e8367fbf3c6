import type { AnyIntegration, ClientOf, OptionsOf } from '../../authoring/integration.ts'
import type { IntegrationCategory } from '../../categories.ts'
import type { Cipher } from '../../ports/cipher.ts'
import type { Clock } from '../../ports/clock.ts'
import type { AuditRow, HistoryOrder } from '../../ports/history.ts'
import type { Jobs } from '../../ports/jobs.ts'
import type { Log } from '../../ports/log.ts'
import type { Network } from '../../ports/network.ts'
import type { Page, Store } from '../../ports/store.ts'
import type { Telemetry } from '../../ports/telemetry.ts'
import type { RequestedLanguages } from '../../texts/languages.ts'
import type { View } from '../../view.ts'
import type {
  AttentionItem,
  AttentionPage,
  Diagnostics,
  EntryCounts,
  EntryPage,
  EntryQuery,
  EntryView,
  ReloadOptions,
  RequestReauthOptions,
  UseContext,
  UseOptions,
} from './entries.ts'
import type { LatchkeyEventType, Listener } from './events.ts'
import type { StartBy, StartRequest, SubmitOptions, ViewPage } from './flows.ts'
import type { Keys } from './keys.ts'
import type { AuthorizeOptions, Authorizing, CameBack, Returned } from './sign-ins.ts'
import type {
  WebhookChange,
  WebhookDelivery,
  WebhookDeliveryPage,
  WebhookList,
  WebhookRequest,
  WebhookView,
  WebhookWithSecret,
} from './webhooks.ts'

/** The options of `createLatchkey`. */
export interface LatchkeyOptions {
  readonly integrations: readonly AnyIntegration[]
  readonly store: Store
  /** Encrypts secrets. Defaults to the cipher of the store. */
  readonly cipher?: Cipher
  /** The network that integrations use. Defaults to one without restrictions. */
  readonly network?: Network
  /** Receives errors that no caller awaits. By default, they are discarded. */
  readonly log?: Log
  /** Receives measurements and spans, for example `openTelemetry()` of `latchkey/telemetry`. */
  readonly telemetry?: Telemetry
  readonly limits?: Partial<Limits>
  /**
   * When entries connect. `eager`: all at `start()`. `lazy`: each at its first use, until it is idle. Defaults to `lazy` for
   * stores that many processes share, otherwise to `eager`.
   */
  readonly connect?: 'lazy' | 'eager'
  /** The language of calls that specify none, as a BCP 47 tag. Defaults to `en`. */
  readonly language?: string
  /**
   * Whether a scope is required for each call: calls outside of `latchkey.scope(…)` then throw `ScopeError`.
   * With `true`, `createLatchkey` returns a {@link ScopesLatchkey}, without these calls. Defaults to false.
   */
  readonly scopes?: boolean
  /** Runs the recurring tasks, such as the expiry of flows. Defaults to timers in this process. */
  readonly jobs?: Jobs
  readonly clock?: Clock
  readonly random?: () => number
}

/** The language of the texts in the result. Defaults to the host's language. */
export interface LanguageChoice {
  /**
   * One or several BCP 47 tags, the preferred one first. `de-AT` matches `de` if there is no Austrian German (RFC
   * 4647, 3.4).
   */
  readonly language?: RequestedLanguages
}

/** The caller of an API method. */
export interface By extends LanguageChoice {
  /** The id of the user, for the history and the limits on failed attempts. */
  readonly principal?: string
}

/** The expected revision of the entry. The call fails with `StaleRevisionError` if it is a different one. */
export interface Expected {
  readonly revision?: number
}

/** The query of one page of a list. */
export interface PageQuery {
  /** The `next` of the previous page. */
  readonly after?: string
  /** The maximum number of items. Defaults to 100. */
  readonly limit?: number
}

/** The query of one page of the history. */
export interface HistoryQuery extends PageQuery {
  /** The first row: the `oldest` (the default) or the `newest`. */
  readonly order?: HistoryOrder
  /** Only rows of these kinds, such as `['reauth_required', 'credential_updated']`. */
  readonly kinds?: readonly string[]
}

/** An integration in the list of services that users can add. */
export interface IntegrationView {
  readonly domain: string
  readonly title: string
  /** Whether the integration has options. */
  readonly options: boolean
  /** The types of sub-entries that its entries can have. */
  readonly subentries: readonly { readonly type: string; readonly title: string }[]
  /** The picture of the service: a `data:` URL of an SVG, PNG or WebP. Show it only as the source of an `<img>`. */
  readonly icon?: string
  /** One line about the service. */
  readonly description?: string
  readonly category?: IntegrationCategory
  /** The `https` URL of its documentation. */
  readonly docs?: string
  /** Further words for a search, such as other names of the service. */
  readonly keywords?: readonly string[]
  /** Set if only one entry is allowed. */
  readonly singleInstance?: true
  /** The sign-in methods. Absent if there is only one. */
  readonly methods?: readonly IntegrationMethodView[]
}

/** A sign-in method. `form`: fields of this integration. `code`: in the browser. `device`: with a code on another device. */
export interface IntegrationMethodView {
  readonly name: string
  readonly title: string
  readonly kind: 'form' | 'code' | 'device'
}

/** The API of one scope. */
export interface ScopedLatchkey {
  readonly flows: {
    /**
     * Opens a flow and returns its first step.
     *
     * @throws UnknownEntryError, AlreadyInProgressError, TooManyFlowsError, IdempotencyConflictError
     */
    start(request: StartRequest, by?: StartBy & LanguageChoice): Promise<View>
    /**
     * Submits the form of the current step. A rejected input is not an error: the view shows the form again, with
     * `errors`.
     *
     * @throws StaleRevisionError, WrongStepError, FlowEndedError, InvalidInputError
     */
    submit(flowId: string, input: unknown, options: SubmitOptions & LanguageChoice): Promise<View>
    /** Selects an option of a menu, or the choice of a page with one field. @throws the errors of `submit` */
    choose(flowId: string, choice: string, options: SubmitOptions & LanguageChoice): Promise<View>
    /** Loads the choices of a form again if its view has `mayRetry`. @throws the errors of `submit` */
    retry(flowId: string, options: SubmitOptions & LanguageChoice): Promise<View>
    /** Returns to the previous step. @throws the errors of `submit` */
    back(flowId: string, options: SubmitOptions & LanguageChoice): Promise<View>
    /** Starts a sign-in in the browser. Redirect the browser to the result of {@link SignIns.redirect} next. */
    authorize(flowId: string, options: AuthorizeOptions & LanguageChoice): Promise<Authorizing>
    /** Checks whether the user has confirmed the device code. Call it at the interval that the view specifies. */
    poll(flowId: string, by?: By): Promise<View>
    /** Returns the current view of a flow, without side effects. @throws UnknownFlowError */
    get(flowId: string, options?: LanguageChoice): Promise<View>
    /** Lists the open flows of the scope. `edits: false`: without those that edit an entry, such as reauthentications. */
    list(
      query?: PageQuery &
        LanguageChoice & { readonly domain?: string; readonly entryId?: string; readonly edits?: false },
    ): Promise<ViewPage>
    /**
     * Cancels a flow. For a flow that has ended with another account, it closes that account's connection, which waits for
     * a replacement. Has no effect on other flows that have ended. @throws CommittingError if the flow is saving
     */
    cancel(flowId: string, by?: By): Promise<View>
    /** Ends a discovery and ignores its device or account from now on. To undo it, remove the ignored entry. */
    ignore(flowId: string, by?: By): Promise<View>
  }
  readonly entries: {
    /** Returns an entry. @throws UnknownEntryError, like all methods that take an `entryId` */
    get(entryId: string, options?: LanguageChoice): Promise<EntryView>
    /**
     * Lists the entries that are not ignored, or those that a query selects. A page of a search has a bounded cost: it
     * can have fewer items than `limit`, or none, although another page follows.
     *
     * @throws InvalidInputError if `q` or `state` is not valid
     * @example
     * ```ts
     * import type { Latchkey } from 'latchkey'
     *
     * export const offlineHubs = (latchkey: Latchkey) =>
     *   latchkey.entries.list({ state: 'offline', domain: 'my_hub', q: 'kitchen' })
     * ```
     */
    list(query?: PageQuery & LanguageChoice & EntryQuery): Promise<EntryPage>
    /**
     * Counts the entries that are not ignored. More than 100,000 of a kind may not be counted.
     *
     * @example
     * ```ts
     * import type { Latchkey } from 'latchkey'
     *
     * export const offline = async (latchkey: Latchkey) => (await latchkey.entries.counts()).offline
     * ```
     */
    counts(): Promise<EntryCounts>
    /** Renames an entry. @throws StaleRevisionError */
    update(entryId: string, change: { readonly title: string }, by?: By & Expected): Promise<EntryView>
    /** Renames an entry, as `update` does. @throws StaleRevisionError */
    rename(entryId: string, title: string, by?: By & Expected): Promise<EntryView>
    /**
     * Opens the flow that asks for a new credential of the entry. `requestReauth` also adds the entry to the attention list.
     *
     * @throws the errors of `flows.start`
     */
    reauth(entryId: string, by?: StartBy & LanguageChoice): Promise<View>
    /** Opens the flow that edits the fields of the entry. @throws the errors of `flows.start` */
    reconfigure(entryId: string, by?: StartBy & LanguageChoice): Promise<View>
    /** Opens the flow that replaces the account of the entry. @throws the errors of `flows.start` */
    replace(entryId: string, by?: StartBy & LanguageChoice): Promise<View>
    /** Opens the options flow of the entry. @throws the errors of `flows.start` */
    changeOptions(entryId: string, by?: StartBy & LanguageChoice): Promise<View>
    /** Opens the flow that adds a sub-entry of a type. @throws the errors of `flows.start` */
    addSubentry(entryId: string, type: string, by?: StartBy & LanguageChoice): Promise<View>
    /** Opens the flow that changes a sub-entry. @throws the errors of `flows.start` */
    changeSubentry(entryId: string, subentryId: string, by?: StartBy & LanguageChoice): Promise<View>
    /** Loads an entry: connects to the service. @throws EntryStateError if the state does not allow it */
    setup(entryId: string, options?: LanguageChoice): Promise<EntryView>
    /**
     * Unloads an entry: closes its connection. With `force`, also if closing it failed before. @throws
     * EntryStateError
     */
    unload(entryId: string, options?: LanguageChoice & { readonly force?: boolean }): Promise<EntryView>
    /** Unloads an entry and loads it again. @throws EntryStateError */
    reload(entryId: string, options?: LanguageChoice & ReloadOptions): Promise<EntryView>
    /** Enables an entry and loads it. @throws EntryStateError if the entry is ignored */
    enable(entryId: string, by?: By): Promise<EntryView>
    /** Unloads an entry. It is not loaded again until it is enabled. Disabled entries need no attention. */
    disable(entryId: string, by?: By): Promise<EntryView>
    /** Removes an entry with its credential, and ends its open flows. Its history remains. */
    remove(entryId: string, by?: By): Promise<void>
    /** Removes a sub-entry and reloads the entry. An open flow of the sub-entry ends. */
    removeSubentry(entryId: string, subentryId: string, by?: By): Promise<EntryView>
    /** Dismisses the proposed address of an entry and removes it from the attention list. */
    dismissProposal(entryId: string, by?: By): Promise<EntryView>
    /**
     * Opens a reauthentication, or returns the open one. It does not replace a refusal by the service.
     *
     * @throws EntryStateError if the entry is disabled, InvalidInputError if the reason is not a text
     * @example
     * ```ts
     * import type { Latchkey } from 'latchkey'
     *
     * export const askAgain = (latchkey: Latchkey, entryId: string) =>
     *   latchkey.entries.requestReauth(entryId, { reason: 'Your plan has changed.' })
     * ```
     */
    requestReauth(entryId: string, options?: By & RequestReauthOptions): Promise<View>
    /**
     * Withdraws a requested reauthentication and ends its open flow. Has no effect if none is requested.
     *
     * @throws EntryStateError if the service has rejected the credential, CommittingError if the flow is saving
     * @example
     * ```ts
     * import type { Latchkey } from 'latchkey'
     *
     * export const neverMind = (latchkey: Latchkey, entryId: string) => latchkey.entries.withdrawReauth(entryId)
     * ```
     */
    withdrawReauth(entryId: string, by?: By): Promise<EntryView>
    /**
     * Returns the state, the versions and the last 50 history rows of an entry, for a bug report. Secrets are redacted. Also
     * works for a removed entry.
     *
     * @throws UnknownEntryError if neither the entry nor its history exists
     * @example
     * ```ts
     * import type { Latchkey } from 'latchkey'
     *
     * export const report = async (latchkey: Latchkey, entryId: string) =>
     *   JSON.stringify(await latchkey.entries.diagnostics(entryId), null, 2)
     * ```
     */
    diagnostics(entryId: string, options?: LanguageChoice): Promise<Diagnostics>
    /**
     * Returns the form of an entry's options with their values, as the first step of an options flow. It opens no flow, so its
     * `flowId` is empty. Null if the integration has no options, or if they have several pages or choices of the service.
     *
     * @throws UnknownEntryError if the entry does not exist
     * @example
     * ```ts
     * import type { Latchkey } from 'latchkey'
     *
     * export async function optionNames(latchkey: Latchkey, entryId: string) {
     *   const form = await latchkey.entries.optionsForm(entryId)
     *   return form?.type === 'form' ? form.order : []
     * }
     * ```
     */
    optionsForm(entryId: string, options?: LanguageChoice): Promise<View | null>
    /** Revokes the repair links of an entry. */
    revokeLinks(entryId: string, by?: By): Promise<void>
    /**
     * Clears the failed attempts and waits of an entry, or of all new links of an integration, so that users can try
     * again immediately. Not available over HTTP, because it lifts the limit on guesses.
     *
     * @throws UnknownEntryError, UnknownDomainError
     * @example
     * ```ts
     * import type { Latchkey } from 'latchkey'
     *
     * export const allowNewLinks = (latchkey: Latchkey) => latchkey.entries.resetAttempts({ domain: 'my_hub' })
     * ```
     */
    resetAttempts(of: string | { readonly domain: string }, by?: By): Promise<void>
    /** Runs a callback with the client of the entry. See {@link UseOptions}. */
    use<Integration extends AnyIntegration, Result>(
      integration: Integration,
      entryId: string,
      work: (
        client: ClientOf<Integration>,
        context: UseContext<OptionsOf<Integration>>,
      ) => Result | Promise<Result>,
      options?: UseOptions,
    ): Promise<Result>
  }
  readonly attention: {
    /** Lists the entries that need the user, and the integrations that need the operator, page by page. */
    list(options?: LanguageChoice): Promise<readonly AttentionItem[]>
    /**
     * Returns one page of the list. The first page has the items of integrations in addition. A page can have fewer
     * items than `limit` although another one follows.
     *
     * @example
     * ```ts
     * import type { Latchkey } from 'latchkey'
     *
     * export const firstTen = (latchkey: Latchkey) => latchkey.attention.page({ limit: 10 })
     * ```
     */
    page(query?: PageQuery & LanguageChoice): Promise<AttentionPage>
    /** Returns the attention item of an entry; null if it needs none or does not exist. */
    get(entryId: string, options?: LanguageChoice): Promise<AttentionItem | null>
    /** Returns the item of an integration whose service refuses the host's application; null if it accepts it. */
    ofClient(domain: string, options?: LanguageChoice): Promise<AttentionItem | null>
    /** Returns the item of a webhook that is off because its deliveries failed; null if it is not. */
    ofWebhook(webhookId: string, options?: LanguageChoice): Promise<AttentionItem | null>
  }
  readonly webhooks: {
    /** Lists the webhooks of the scope. */
    list(): Promise<WebhookList>
    /**
     * Adds a webhook: an address that receives signed events, as the Standard Webhooks specification defines them. A
     * scope can have 10. Events from before are not sent. Requires the package `standardwebhooks`.
     *
     * @returns the webhook and its signing secret, which is not shown again; for a day, a repeated request with the same
     *   idempotency key returns both
     * @throws IdempotencyConflictError if the key was used for another request, InvalidInputError if the URL, the events or the tags are invalid, AddressRefusedError if the host's address
     *   policy forbids the address, TooManyWebhooksError, ConfigurationError if the package is missing
     * @example
     * ```ts
     * import type { Latchkey } from 'latchkey'
     *
     * export async function notify(latchkey: Latchkey, tenant: string): Promise<string> {
     *   const { webhooks } = latchkey.scope(tenant)
     *   const { secret } = await webhooks.add({ url: 'https://example.org/hooks', tags: { tenant } })
     *   return secret
     * }
     * ```
     */
    add(request: WebhookRequest, by?: StartBy): Promise<WebhookWithSecret>
    /**
     * Changes a webhook, or turns it on or off.
     *
     * @throws UnknownWebhookError, and the errors of `add`
     */
    change(webhookId: string, change: WebhookChange, by?: By): Promise<WebhookView>
    /** Removes a webhook. Its deliveries end. @throws UnknownWebhookError */
    remove(webhookId: string, by?: By): Promise<void>
    /**
     * Sends the event `webhook.test` once, immediately, and returns the delivery. A test that fails does not change the
     * state of the webhook. @throws UnknownWebhookError
     */
    test(webhookId: string, by?: By): Promise<WebhookDelivery>
    /**
     * Replaces the signing secret. A replaced one stays valid for a day, at most four of them: requests have all signatures.
     *
     * @returns the webhook and its new signing secret, which is not shown again
     * @throws UnknownWebhookError
     */
    rotateSecret(webhookId: string, by?: By): Promise<WebhookWithSecret>
    /** Lists the deliveries of a webhook, newest first. They remain for 7 days after their end. @throws UnknownWebhookError */
    deliveries(webhookId: string, query?: PageQuery): Promise<WebhookDeliveryPage>
  }
  /** The integrations that users can add, in the order of `LatchkeyOptions.integrations`. */
  readonly integrations: readonly IntegrationView[]
  /** The language of calls that specify none. */
  readonly language: string
  /**
   * Returns the history of an entry. It remains after the entry was removed. With `kinds`, a page can have fewer items than
   * its limit although another one follows.
   *
   * @example
   * ```ts
   * import type { Latchkey } from 'latchkey'
   *
   * export const latest = (latchkey: Latchkey, entryId: string) =>
   *   latchkey.history(entryId, { order: 'newest', limit: 20 })
   * ```
   */
  history(entryId: string, query?: HistoryQuery): Promise<Page<AuditRow>>
  /**
   * Resolves when `other_process_changed` was emitted for all changes that other processes have made up to now. Has no
   * effect if the scope has no listener for this event and no running entry.
   */
  catchUp(): Promise<void>
  /**
   * Adds a listener for an event of the scope. Its attention items are in the language of the scope.
   *
   * @returns a function that removes it
   * @example
   * ```ts
   * import type { Latchkey } from 'latchkey'
   *
   * export const notifyUsers = (latchkey: Latchkey, send: (text: string) => Promise<void>) =>
   *   latchkey.on('attention_added', ({ item }) => send(item.text))
   * ```
   */
  on<Type extends LatchkeyEventType>(type: Type, listener: Listener<Type>): () => void
}

/** The browser's part of a sign-in. The requests specify the flow by themselves, so they need no scope. */
export interface SignIns {
  /** Returns the URL at the service. Null if another browser started the sign-in, or if it has expired. */
  redirect(flowId: string, browser: string): Promise<string | null>
  /**
   * Processes the redirect from the service. Only the browser that started the sign-in can finish it, and only once.
   */
  finish(cameBack: CameBack): Promise<Returned>
}

/** The options of `stop`. */
export interface StopOptions {
  /**
   * Time in which everything still works, but `readiness()` is false, so that a load balancer sends no new requests, in
   * milliseconds. Defaults to 0. A second `stop()` without a delay ends it.
   */
  readonly delay?: number
}

/** Whether a process can take requests. `store`: the store does not answer. */
export interface Readiness {
  readonly ready: boolean
  readonly reason: 'not_started' | 'stopping' | 'store' | null
}

/** A page of the names of scopes. */
export interface ScopePage {
  readonly items: readonly string[]
  /** Pass this as `after` to get the next page; null on the last page. */
  readonly next: string | null
}

/** The public API. Its own methods operate on the scope `default`. */
export interface Latchkey extends ScopedLatchkey, ScopesLatchkey {}

/** The API of a host with tenants, from `createLatchkey({ scopes: true })`. All other calls are those of `scope(name)`. */
export interface ScopesLatchkey {
  readonly signIns: SignIns
  /** The log of the host, which never throws. Without one, it drops its lines. */
  readonly log: Log
  /** The keys that encrypt the stored secrets of all scopes. */
  readonly keys: Keys
  /** The available languages, the host's language first. */
  readonly languages: readonly string[]
  /** Returns the API of another scope (tenant), or in another language. @throws ScopeError */
  scope(name: string, options?: LanguageChoice): ScopedLatchkey
  /** Returns the names of the scopes that have an entry, a flow or a webhook, in alphabetical order. */
  scopes(query?: PageQuery): Promise<ScopePage>
  /**
   * Adds a listener for an event of all scopes. `other_process_changed` and `entries_checked` need a listener of the scope
   * as well, because they cost reads of the store. So do `attention_added` and `attention_removed` for the changes of
   * other processes in a scope without a running entry.
   *
   * @returns a function that removes it
   * @example
   * ```ts
   * import type { ScopesLatchkey } from 'latchkey'
   *
   * export const notifyTenants = (latchkey: ScopesLatchkey, send: (tenant: string, text: string) => Promise<void>) =>
   *   latchkey.onAll('attention_added', ({ scope, item }) => send(scope, item.text))
   * ```
   */
  onAll<Type extends LatchkeyEventType>(type: Type, listener: Listener<Type>): () => void
  /**
   * Starts the recurring work. With `connect: 'eager'`, also loads all entries, and resolves after each has been loaded
   * once, or has failed.
   */
  start(): Promise<void>
  /**
   * Unloads all entries in parallel, and closes the store last. Running calls have 10 seconds to end, then clients have
   * `disposeTimeout` to close: together they bound the duration. A flow that is connecting returns to its form.
   *
   * From its first line on, nothing starts. Calls that start work throw `StoppedError`. Calls that only read answer
   * from the store until the promise resolves. With `delay`, all this begins after it.
   *
   * @throws ConfigurationError if `delay` is not a time
   * @example
   * ```ts
   * import type { Latchkey } from 'latchkey'
   *
   * export const stopOnSignal = (latchkey: Latchkey) =>
   *   process.once('SIGTERM', () => void latchkey.stop({ delay: 5_000 }))
   * ```
   */
  stop(options?: StopOptions): Promise<void>
  /**
   * Returns whether this process can take requests: it has started, does not stop, and its store answers within 2
   * seconds. Never throws.
   *
   * @example
   * ```ts
   * import type { Latchkey } from 'latchkey'
   *
   * export const statusOf = async (latchkey: Latchkey) => ((await latchkey.readiness()).ready ? 200 : 503)
   * ```
   */
  readiness(): Promise<Readiness>
  /** Fires when `stop()` begins. */
  readonly stopping: AbortSignal
}

/** The limits that a host can change. Times are in milliseconds. Numbers of items are whole numbers from 1. */
export interface Limits {
  /** Idle time until a user or reconfigure flow expires. Defaults to 30 minutes. */
  readonly flowIdle: number
  /** Time until an unanswered discovery expires. Scanners can then announce it again. Defaults to 24 hours. */
  readonly discoveryIdle: number
  /** Retention time of the results of ended flows. Defaults to 24 hours. */
  readonly tombstone: number
  /** Retention time of history rows. Defaults to `Infinity`. */
  readonly history: number
  /** A short-lived token is refreshed this long before it expires. Defaults to 60 seconds. */
  readonly refreshSkew: number
  /**
   * Duration of a lease: of a process that refreshes a token, works on a flow, runs a task or owns a connection.
   * Latchkey extends it until that has ended. Defaults to 15 seconds.
   */
  readonly refreshLease: number
  /**
   * With `connect: 'lazy'`: a token that no call needs is refreshed this long after it was issued, or at its end if that is
   * later. Defaults to 24 hours.
   */
  readonly refreshUnused: number
  /** The attention list includes a credential this long before it expires. Defaults to 7 days. */
  readonly expiryNotice: number
  /**
   * Timeout of a client's `dispose`. After it, the entry is in the state `failed_unload`. An integration can set a
   * different one. Defaults to 10 seconds.
   */
  readonly disposeTimeout: number
  /** With `connect: 'lazy'`: an entry is unloaded after this time without a use. Defaults to 10 minutes. */
  readonly idleAfter: number
  /**
   * With `connect: 'lazy'`: maximum number of entries that a process keeps loaded. The one with the oldest use is unloaded
   * first. Calls in progress are never interrupted, so there can be more during calls. Defaults to 10,000.
   */
  readonly maxLoaded: number
  /**
   * Maximum number of open user flows and discoveries of a scope. Discoveries can use half of it. Defaults to 1,000.
   */
  readonly openFlows: number
  /**
   * Maximum number of sub-entries of an entry. They are stored in its row, which each change writes again. Defaults
   * to 100.
   */
  readonly subentries: number
  /** Failed attempts count for this long. Defaults to 15 minutes. */
  readonly attemptsWindow: number
  /**
   * After this many calls that the service refused although `connect` succeeds, a user must sign in again. A call that
   * succeeds resets the count. Each process counts its own calls. Defaults to 3.
   */
  readonly refusedCalls: number
  /** A refused call counts for this long. Defaults to 10 minutes. */
  readonly refusedCallsWindow: number
  /** Maximum number of rejected credentials of one principal for one entry. Defaults to 5. */
  readonly attemptsPerEntry: number
  /** Maximum number of rejected credentials of one domain and scope, in flows without an entry. Defaults to 20. */
  readonly attemptsPerDomain: number
  /** Maximum number of failed connections of one domain and scope, in flows without an entry. Defaults to 60. */
  readonly unreachablePerDomain: number
}

export const DEFAULT_LIMITS: Limits = {
  flowIdle: 30 * 60_000,
  discoveryIdle: 24 * 3_600_000,
  tombstone: 24 * 3_600_000,
  history: Number.POSITIVE_INFINITY,
  refreshSkew: 60_000,
  refreshLease: 15_000,
  refreshUnused: 24 * 3_600_000,
  expiryNotice: 7 * 24 * 3_600_000,
  disposeTimeout: 10_000,
  idleAfter: 10 * 60_000,
  maxLoaded: 10_000,
  openFlows: 1_000,
  subentries: 100,
  attemptsWindow: 15 * 60_000,
  refusedCalls: 3,
  refusedCallsWindow: 10 * 60_000,
  attemptsPerEntry: 5,
  attemptsPerDomain: 20,
  unreachablePerDomain: 60,
}
