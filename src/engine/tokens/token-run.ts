import type { SnapshotFrom } from 'xstate'
import type { Draft } from '../../../machines/draft.ts'
import { tokenMachine } from '../../../machines/token.ts'
import { StoppedError, UnknownEntryError } from '../../errors.ts'
import type { Compiled } from '../integrations/compiled.ts'
import type { Core } from '../kernel/core.ts'
import { ignore } from '../lib/ignore.ts'
import { type ActorsOf, performWith, present } from '../statecharts/actors.ts'
import { Driver } from '../statecharts/driver.ts'
import { Run } from '../statecharts/runner.ts'
import { TokenActors } from './token-actors.ts'
import type { TokenValue } from './token-value.ts'

type TokenMachine = typeof tokenMachine

type Snapshot = SnapshotFrom<TokenMachine>

/** The result of requesting a token. */
export type TokenOutcome =
  | { readonly type: 'fresh'; readonly value: TokenValue }
  /** The token has expired and could not be refreshed; retrying may help. */
  | { readonly type: 'failed'; readonly reason: string; readonly until: number | null }
  /** The service rejects the credential. */
  | { readonly type: 'refused' }

/** The options of {@link TokenRun.ask}. */
export interface TokenAsk {
  /** The encrypted credential that the service has just rejected. */
  readonly refused?: string
  /** Whether a user requested an attempt with a rejected credential. */
  readonly retryRejected?: boolean
}

interface TokenListener {
  /** Called when the service rejects the credential. */
  rejected(): void
  /** Called when the service has refreshed the token. */
  refreshed(): void
  /** Called when the token waits for another process. */
  held(): void
}

/** Runs the token machine of one entry in this process. */
export class TokenRun {
  static readonly #actors = {
    claimLease: (work) => work.claim(),
    refreshToken: (work, { tries }, invocation) => work.refresh(invocation, tries),
    recordFailure: (work, { reason, refused }) => work.recordFailure(present(reason), refused),
    readAgain: (work) => work.reread(),
    saveToken: (work, { draft }) => work.save(present(draft)),
  } satisfies ActorsOf<TokenMachine, TokenActors>

  readonly #core: Core
  readonly #entry: { readonly scope: string; readonly entryId: string }
  readonly #run: Run<TokenMachine>
  readonly #work: TokenActors
  readonly #listener: TokenListener
  /** The number of changes of the entry that this process knows of. */
  #changes = 0
  /** The stamp when the entry was last read. */
  #read: number | null = null
  #waiting: (() => void)[] = []
  #stopped: boolean

  constructor(
    core: Core,
    compiled: Compiled,
    entry: { readonly scope: string; readonly entryId: string },
    listener: TokenListener,
  ) {
    this.#core = core
    this.#stopped = core.lifetime.ended
    this.#entry = entry
    this.#listener = listener
    this.#work = new TokenActors(core, compiled, entry, (draft) => this.#arrive(draft))
    const driver = tokenDriver()
    this.#run = new Run(driver, driver.start({ entryId: entry.entryId }), {
      clock: core.clock,
      perform: (invocation) => performWith(TokenRun.#actors, this.#work, invocation),
      stepped: ({ event, snapshot, failures }, before) => {
        const { scope, entryId } = entry
        core.events.step({ scope, machine: 'token', id: entryId }, { event, snapshot, failures, before })
        this.#stepped(snapshot, before)
      },
    })
  }

  /** Whether all that this process knows of the token is stored. */
  get isIdle(): boolean {
    const { snapshot, working } = this.#run
    const isAtRest =
      snapshot.matches('fresh') || snapshot.matches('rejected') || snapshot.matches({ stale: 'ready' })
    return isAtRest && !working && this.#waiting.length === 0
  }

  /** Returns the token, and refreshes it first if it expires soon. @throws UnknownEntryError, StoppedError */
  async ask({ refused, retryRejected = false }: TokenAsk = {}): Promise<TokenOutcome> {
    const value = await this.#refreshValue()
    this.#work.retryRejected = retryRejected
    const { sealed } = value.entry
    const { snapshot } = this.#run
    // If this process does not know of the rejection, the token is refreshed as usual.
    if (retryRejected && topOf(snapshot) === 'rejected') this.#begin({ type: 'retry' }, value)
    else if (refused === sealed) this.#begin({ type: 'refused' }, value)
    else if (this.#work.isDue(value)) this.#begin({ type: 'due', now: this.#core.clock.now() }, value)
    if (topOf(this.#run.snapshot) === 'refreshing' && !this.#stopped)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    // The refresh goes on, and its token is saved, but no call waits for it.
    if (topOf(this.#run.snapshot) === 'refreshing')
      throw this.#core.lifetime.ended ? new StoppedError() : new UnknownEntryError(this.#entry.entryId)
    return this.#outcome(refused)
  }

  /** Reads the entry again before the next token is returned, and looks whether another process has refreshed it. */
  noticeChange(): void {
    this.#changes++
    if (!this.#stopped) this.#run.send({ type: 'changed' })
  }

  /** Stops the machine. Waits for a refresh in progress, because the service may have replaced the token already. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#run.stopTimers()
    this.#wake()
    if (this.#run.working) await this.#run.settled()
    await this.#work.lease.release()
  }

  #outcome(refused: string | undefined): TokenOutcome {
    const { snapshot } = this.#run
    const { value } = this.#work
    if (value === null) throw new UnknownEntryError(this.#entry.entryId)
    const state = topOf(snapshot)
    if (state === 'rejected') return { type: 'refused' }
    const isGood = value.endsAt === null || value.endsAt > this.#core.clock.now()
    if (state === 'fresh' || (isGood && value.entry.sealed !== refused)) return { type: 'fresh', value }
    const waits = snapshot.matches({ stale: 'waiting' }) || snapshot.matches({ stale: 'overdue' })
    const until = waits ? snapshot.context.until : null
    return { type: 'failed', reason: String(snapshot.context.reason), until }
  }

  /** Reads the entry again if the store has changed. */
  async #refreshValue(): Promise<TokenValue> {
    const stamp = (this.#core.store.feed.stamp?.() ?? 0) + this.#changes
    const { value } = this.#work
    if (stamp === this.#read && value !== null) return value
    const isFirst = value === null
    const now = await this.#work.read()
    if (now === null) throw new UnknownEntryError(this.#entry.entryId)
    this.#read = stamp
    if (value !== null && value.entry.sealed !== now.entry.sealed) this.#run.send({ type: 'replaced' })
    const unsaved = isFirst ? await this.#work.unsaved(now.entry) : null
    if (unsaved !== null) {
      this.#work.base = now
      this.#arrive(unsaved)
    }
    return now
  }

  #begin(event: Parameters<Run<TokenMachine>['send']>[0], value: TokenValue): void {
    if (this.#core.lifetime.ended) throw new StoppedError()
    // A refresh in progress keeps its token, even if other calls ask for one.
    if (topOf(this.#run.snapshot) === 'refreshing') return
    if (this.#run.snapshot.context.draft === null) this.#work.base = value
    this.#run.send(event)
  }

  #arrive(draft: Draft): void {
    // The journal has it at once. If the store has closed, the next process saves it.
    if (this.#stopped) void this.#work.save(draft).catch(ignore)
    else this.#run.send({ type: 'arrived', draft })
  }

  #stepped(snapshot: Snapshot, before: Snapshot | null): void {
    const state = topOf(snapshot)
    if (before?.matches({ refreshing: 'askingService' }) && snapshot.matches({ refreshing: 'savingToken' }))
      this.#listener.refreshed()
    if (snapshot.matches({ refreshing: 'waitingForHolder' })) this.#listener.held()
    if (state === 'refreshing') return
    // This process keeps the lease until it has saved the token.
    if (!snapshot.matches({ stale: 'unsaved' })) void this.#work.lease.release()
    if (state === 'rejected' && before !== null && topOf(before) !== 'rejected') this.#listener.rejected()
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}

const topOf = ({ value }: Snapshot): string =>
  typeof value === 'string' ? value : (Object.keys(value)[0] as string)

type TokenDriver = Driver<typeof tokenMachine>

let driver: TokenDriver | null = null

/** The one driver of all tokens. */
function tokenDriver(): TokenDriver {
  if (driver !== null) return driver
  const created = new Driver(tokenMachine, { entryId: '' })
  created.assertDrivable({ entryId: '' }, { type: 'refused' })
  driver = created
  return driver
}
