import { setTimeout } from 'node:timers/promises'
import { RevisionConflictError, SlotTakenError, StoreError } from '../../errors.ts'
import type { Measurement } from '../../ports/telemetry.ts'
import {
  asStoreError,
  type Companion,
  type Connections,
  NotSent,
  Refusal,
  Unanswered,
} from './connections.ts'
import type { EncodedTransaction } from './encode.ts'

/** Maximum number of transactions in one commit. */
const MAX_MEMBERS = 200
/** Maximum size of the records in one commit, in characters. */
const MAX_SIZE = 4_000_000
/** Maximum number of transactions with a savepoint each. PostgreSQL slows down with more than 64 in one commit. */
const MAX_SAVEPOINTS = 50
/** Maximum number of executions of a transaction that the database rolls back in favor of another one. */
const MAX_TRIES = 5

/** A transaction that waits for the next commit. */
interface Member {
  readonly scope: string
  /** Whether the feed has its change. */
  readonly isChange: boolean
  /** The transaction as JSON. */
  readonly json: string
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
  tries: number
}

/** The result of one transaction of a batch, as the function `apply_each` returns it. */
type Answer = { readonly code: string; readonly detail: string; readonly message: string } | null

/** The result of a batch: one answer for each member, or null if all were written. */
type Answers = readonly Answer[] | null

/** The part of the feed that commits need. */
interface CommitFeed {
  /** Identifies this store in `writers` and `changes`. */
  readonly origin: string
  notification(scopes: Iterable<string>, session: { readonly app: Connections }): Companion | null
  notify(scopes: Iterable<string>, session: { readonly app: Connections }): void
}

export interface GroupCommitOptions {
  readonly schema: string
  /** Time to find out whether a batch without an answer was written, in milliseconds. */
  readonly outcomeTimeout: number
  readonly measure: (measurement: Measurement) => void
  readonly feed: CommitFeed
}

/** The number of the last batch of this process. It goes on when a store is opened again, with the same origin. */
let lastBatch = 0

/**
 * Combines the transactions that wait into one commit. While it is on its way, the next ones wait; no timer delays them.
 * Each transaction is still all or nothing: if a commit fails, each of its transactions is executed with a savepoint.
 */
export class GroupCommit {
  readonly #connections: Connections
  readonly #options: GroupCommitOptions
  #waiting: Member[] = []
  #work: Promise<void> | undefined

  constructor(connections: Connections, options: GroupCommitOptions) {
    this.#connections = connections
    this.#options = options
  }

  /** Adds a transaction to the next commit. Settles when it is on disk or has failed. */
  submit(scope: string, transaction: EncodedTransaction): Promise<void> {
    return new Promise((resolve, reject) => {
      const json = JSON.stringify(transaction)
      this.#waiting.push({ scope, isChange: transaction[0] !== null, json, resolve, reject, tries: 0 })
      this.#work ??= this.#run()
    })
  }

  /** Waits until no transaction is left. */
  async idle(): Promise<void> {
    await this.#work
  }

  async #run(): Promise<void> {
    // Transactions of the same turn of the event loop go into the first commit.
    await Promise.resolve()
    while (this.#waiting.length > 0) await this.#commit(this.#take())
    this.#work = undefined
  }

  #take(): Member[] {
    let count = 0
    let size = 0
    for (const member of this.#waiting) {
      size += member.json.length
      if (count === MAX_MEMBERS || (count > 0 && size > MAX_SIZE)) break
      count++
    }
    return this.#waiting.splice(0, count)
  }

  async #commit(members: readonly Member[]): Promise<void> {
    try {
      await this.#execute('apply', members)
      this.#options.measure({ type: 'commit', size: members.length })
      for (const { resolve } of members) resolve()
    } catch (error) {
      if (isRolledBackForAnother(error)) this.#putBack(members, error)
      else if (!(error instanceof Refusal)) rejectAll(members, error)
      else if (members.length === 1) rejectAll(members, writeError(error))
      else {
        for (let at = 0; at < members.length; at += MAX_SAVEPOINTS)
          await this.#commitEach(members.slice(at, at + MAX_SAVEPOINTS))
      }
    }
  }

  async #commitEach(members: readonly Member[]): Promise<void> {
    // The function answers in the order in which it executes.
    const ordered = byScope(members).flatMap(([, some]) => some)
    try {
      const answers = await this.#execute('apply_each', members)
      for (const [at, member] of ordered.entries()) {
        const answer = answers?.[at] ?? null
        if (answer === null) member.resolve()
        else this.#settle(member, new Refusal(answer.code, answer.detail, answer.message))
      }
    } catch (error) {
      for (const member of members) this.#settle(member, error)
    }
  }

  #settle(member: Member, error: unknown): void {
    if (isRolledBackForAnother(error)) this.#putBack([member], error)
    else member.reject(error instanceof Refusal ? writeError(error) : asStoreError(error))
  }

  #putBack(members: readonly Member[], error: unknown): void {
    const again = members.filter((member) => ++member.tries < MAX_TRIES)
    rejectAll(
      members.filter((member) => !again.includes(member)),
      error,
    )
    this.#waiting.unshift(...again)
  }

  /**
   * Executes a batch, and notifies other stores of it. If its answer is lost, finds out whether it was written, and
   * executes it again if not.
   */
  async #execute(name: 'apply' | 'apply_each', members: readonly Member[]): Promise<Answers> {
    const { schema, feed } = this.#options
    const session = { app: this.#connections }
    const changed = new Set(members.flatMap(({ scope, isChange }) => (isChange ? [scope] : [])))
    const groups = byScope(members).map(
      ([scope, some]) => `[${JSON.stringify(scope)},[${some.map(({ json }) => json).join(',')}]]`,
    )
    const payload = `[${groups.join(',')}]`
    for (let again = true; ; again = false) {
      const batch = ++lastBatch
      const notification = feed.notification(changed, session)
      try {
        const text = `select ${schema}.${name}($1, $2, $3) as answers`
        type Row = { readonly answers: unknown }
        const values = [feed.origin, batch, payload]
        const [row] = await this.#connections.queryFirst<Row>(text, values, notification)
        if (notification === null) feed.notify(changed, session)
        return answersOf(row?.answers)
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error
        const outcome = await this.#lookFor(batch, error)
        if (outcome !== 'not_written') {
          feed.notify(changed, session)
          return outcome.answers
        }
        if (!again) throw error
      }
    }
  }

  /**
   * Finds out whether a batch without an answer was written. If not, the database will refuse it from then on, even if it
   * arrives later. @throws StoreError with the outcome `unknown` if the database does not answer in time
   */
  async #lookFor(batch: number, lost: Unanswered): Promise<'not_written' | { readonly answers: Answers }> {
    const { schema, outcomeTimeout } = this.#options
    const deadline = performance.now() + outcomeTimeout
    for (let pause = 10; ; pause = Math.min(2 * pause, 500)) {
      try {
        const text = `select written, answers from ${schema}.settle_batch($1, $2)`
        type Row = { readonly written: boolean; readonly answers: unknown }
        const [row] = await this.#connections.queryFirst<Row>(text, [this.#options.feed.origin, batch])
        return row?.written === true ? { answers: answersOf(row.answers) } : 'not_written'
      } catch (error) {
        if (!(error instanceof Unanswered || error instanceof NotSent) || performance.now() > deadline)
          throw new StoreError(UNKNOWN, { cause: lost, outcome: 'unknown' })
      }
      await setTimeout(pause)
    }
  }
}

const UNKNOWN =
  'The connection to the database was lost, and it cannot be reached. It may have saved the change. Read it again.'

/** Groups members by scope, in the order of scopes in which all processes lock them. */
function byScope(members: readonly Member[]): readonly (readonly [string, readonly Member[]])[] {
  const groups = new Map<string, Member[]>()
  for (const member of members) {
    const group = groups.get(member.scope)
    if (group === undefined) groups.set(member.scope, [member])
    else group.push(member)
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Whether the database chose this transaction to end a deadlock, or could not order it with another one. */
const isRolledBackForAnother = (error: unknown): boolean =>
  error instanceof Refusal && (error.code === '40P01' || error.code === '40001')

function rejectAll(members: readonly Member[], error: unknown): void {
  for (const { reject } of members) reject(asStoreError(error))
}

function answersOf(value: unknown): Answers {
  return Array.isArray(value) ? value : null
}

/** Returns the error of a transaction that the functions of the schema refused. */
function writeError(refusal: Refusal): unknown {
  if (refusal.code !== 'LK001' && refusal.code !== 'LK002') return asStoreError(refusal)
  const [kind, id, slot, holder] = JSON.parse(refusal.detail)
  return slot === null ? new RevisionConflictError(kind, id) : new SlotTakenError(slot, holder)
}
