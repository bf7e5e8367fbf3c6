import type { AnyIntegration, ClientOf, OptionsOf } from '../../authoring/integration.ts'
import type { Cipher } from '../../ports/cipher.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Network } from '../../ports/network.ts'
import type { AuditRow, Page, Store } from '../../ports/store.ts'
import type { RequestedLanguages } from '../../texts/languages.ts'
import type { View } from '../../view.ts'
import type { AttentionItem, EntryPage, EntryView, ReloadOptions, UseContext, UseOptions } from './entries.ts'
import type { LatchkeyEventType, Listener } from './events.ts'
import type { StartBy, StartRequest, SubmitOptions, ViewPage } from './flows.ts'
import type { AuthorizeOptions, Authorizing, CameBack, Returned } from './sign-ins.ts'

export interface LatchkeyOptions {
  readonly integrations: readonly AnyIntegration[]
  readonly store: Store
  /** What seals secrets; the store's own where absent. */
  readonly cipher?: Cipher
  /** How integrations reach their services; everything may be reached where absent. */
  readonly network?: Network
  /** Where the engine reports what nobody awaits; nowhere where absent. */
  readonly log?: Log
  readonly limits?: Partial<Limits>
  /** The language of whoever names none, as a tag such as `de` (default `en`). */
  readonly language?: string
  /** Every call has to name its scope. */
  readonly scopes?: boolean
  readonly clock?: Clock
  readonly random?: () => number
}

/** In what language to answer; the one that the host set where absent. */
export interface LanguageChoice {
  /** A BCP 47 tag, or several, the best first: `de-AT` finds German where there is no Austrian (RFC 4647, 3.4). */
  readonly language?: RequestedLanguages
}

/** Who does it: kept in the history, and counted by the budget. */
export interface By extends LanguageChoice {
  readonly principal?: string
}

/** What the caller saw last: the call is refused where it is no longer so. */
export interface Expected {
  readonly revision?: number
}

export interface PageQuery {
  /** The `next` of the page before. */
  readonly after?: string
  /** At most this many (default 100). */
  readonly limit?: number
}

/** An integration as a person picks it. */
export interface IntegrationView {
  readonly domain: string
  readonly title: string
  /** Whether its entries have options. */
  readonly options: boolean
  /** What may be under its entries, by type. */
  readonly subentries: readonly { readonly type: string; readonly title: string }[]
}

/** The calls of one scope. */
export interface ScopedLatchkey {
  readonly flows: {
    start(request: StartRequest, by?: StartBy & LanguageChoice): Promise<View>
    submit(flowId: string, input: unknown, options: SubmitOptions & LanguageChoice): Promise<View>
    choose(flowId: string, choice: string, options: SubmitOptions & LanguageChoice): Promise<View>
    back(flowId: string, options: SubmitOptions & LanguageChoice): Promise<View>
    /** Begins a sign-in at the service's own page; the browser then goes to what {@link SignIns.redirect} says. */
    authorize(flowId: string, options: AuthorizeOptions & LanguageChoice): Promise<Authorizing>
    /** Asks whether somebody has entered the code that is shown; to be called as often as the view's interval says. */
    poll(flowId: string, by?: By): Promise<View>
    get(flowId: string, options?: LanguageChoice): Promise<View>
    list(
      query?: PageQuery & LanguageChoice & { readonly domain?: string; readonly entryId?: string },
    ): Promise<ViewPage>
    cancel(flowId: string, by?: By): Promise<View>
    /** Keeps what was found from being offered again; undone by removing the entry that it makes. */
    ignore(flowId: string, by?: By): Promise<View>
  }
  readonly entries: {
    get(entryId: string, options?: LanguageChoice): Promise<EntryView>
    /** Those that are not ignored; with `ignored: true` those that are. */
    list(
      query?: PageQuery & LanguageChoice & { readonly domain?: string; readonly ignored?: boolean },
    ): Promise<EntryPage>
    update(entryId: string, change: { readonly title: string }, by?: By & Expected): Promise<EntryView>
    setup(entryId: string, options?: LanguageChoice): Promise<EntryView>
    unload(entryId: string, options?: LanguageChoice & { readonly force?: boolean }): Promise<EntryView>
    reload(entryId: string, options?: LanguageChoice & ReloadOptions): Promise<EntryView>
    enable(entryId: string, by?: By): Promise<EntryView>
    disable(entryId: string, by?: By): Promise<EntryView>
    remove(entryId: string, by?: By): Promise<void>
    /** Removes something under an entry, which is set up anew without it; a flow that changes it ends. */
    removeSubentry(entryId: string, subentryId: string, by?: By): Promise<EntryView>
    /** Takes an address that was announced, and that nobody wants, out of the attention list. */
    dismissProposal(entryId: string, by?: By): Promise<EntryView>
    requestReauth(entryId: string, by?: By): Promise<View>
    revokeLinks(entryId: string, by?: By): Promise<void>
    resetAttempts(entryId: string, by?: By): Promise<void>
    /** Runs work on the entry's client; see `UseOptions`. */
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
    list(options?: LanguageChoice): Promise<readonly AttentionItem[]>
    /** What one entry needs; null where it needs nobody, or is gone. */
    get(entryId: string, options?: LanguageChoice): Promise<AttentionItem | null>
  }
  /** What can be linked, in the order in which the host lists it. */
  readonly integrations: readonly IntegrationView[]
  /** The language of whoever names none in a call. */
  readonly language: string
  /** What happened to an entry, oldest first; it outlives the entry. */
  history(entryId: string, query?: PageQuery): Promise<Page<AuditRow>>
  /**
   * Which entries and flows other processes have written about since a mark that this gave before; with null the mark alone. Null where the
   * store is one process's own. It costs next to nothing while nobody else writes.
   */
  otherProcessChanges(since: string | null): Promise<OtherProcessChanges | null>
  /** Listens to the scope's events. @returns how to stop */
  on<Type extends LatchkeyEventType>(type: Type, listener: Listener<Type>): () => void
}

/** Sign-ins in a browser that belongs to no call: what it carries says which flow it is about. */
export interface SignIns {
  /** The service's address for the browser that began; null for any other, and once it is too late. */
  redirect(flowId: string, browser: string): Promise<string | null>
  /** Takes what the service answered, from the browser that began, once and in time. */
  finish(cameBack: CameBack): Promise<Returned>
}

/** The engine; its own calls are those of the scope `default`. */
export interface Latchkey extends ScopedLatchkey {
  readonly signIns: SignIns
  /** Every language in which something can be said, the host's own first. */
  readonly languages: readonly string[]
  /** The same calls for another tenant, or in another language. @throws ScopeError */
  scope(name: string, options?: LanguageChoice): ScopedLatchkey
  /** Sets up every entry, and keeps time from then on. Resolves when each has been tried once. */
  start(): Promise<void>
  /** Closes every connection and the store. What was being tried waits at its form. */
  stop(): Promise<void>
}

/** What the host may set; times are in milliseconds. */
export interface Limits {
  /** A user or reconfigure flow that nobody touches expires after this long. */
  readonly flowIdle: number
  /** A discovery that nobody answers expires after this long; what announces it may do so again. */
  readonly discoveryIdle: number
  /** How long a finished flow still answers with its end. */
  readonly tombstone: number
  /** How long the history of entries is kept; for ever where it is Infinity. */
  readonly history: number
  /** How long before its end a short-lived token is renewed. */
  readonly refreshSkew: number
  /** How long the right to renew a token is held before it has to be held anew. */
  readonly refreshLease: number
  /** How long before its end a credential is in the list of those that need a person. */
  readonly expiryNotice: number
  /** Open user flows of one scope, and discoveries; of these at most half as many. */
  readonly openFlows: number
  /** Things under one entry: its row holds them all, and is written anew with each change of the entry. */
  readonly subentries: number
  /** The window in which refused logins are counted. */
  readonly attemptsWindow: number
  /** Refused logins of one principal for one entry. */
  readonly attemptsPerEntry: number
  /** Refused logins for one domain of a scope, where there is no entry yet. */
  readonly attemptsPerDomain: number
  /** Addresses that could not be reached for one domain of a scope, where there is no entry yet. */
  readonly unreachablePerDomain: number
}

export const DEFAULT_LIMITS: Limits = {
  flowIdle: 30 * 60_000,
  discoveryIdle: 24 * 3_600_000,
  tombstone: 24 * 3_600_000,
  history: Number.POSITIVE_INFINITY,
  refreshSkew: 60_000,
  refreshLease: 15_000,
  expiryNotice: 7 * 24 * 3_600_000,
  openFlows: 1_000,
  subentries: 100,
  attemptsWindow: 15 * 60_000,
  attemptsPerEntry: 5,
  attemptsPerDomain: 20,
  unreachablePerDomain: 60,
}

/** What other processes have written about since a mark. Their ids may be joined by those of what this process wrote. */
export interface OtherProcessChanges {
  /** To be handed back the next time. */
  readonly mark: string
  readonly entryIds: readonly string[]
  readonly flowIds: readonly string[]
}
