import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Measure } from '../observers.ts'

/** A transaction that waits for the next commit. */
interface Member {
  readonly run: () => void
  /** Whether the commit must be on disk before the transaction resolves. */
  readonly isSynced: boolean
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Combines the transactions of one turn of the event loop into one commit, with one disk sync. Each transaction is
 * still all or nothing: if one fails, only that one is rolled back, to its savepoint.
 */
export class GroupCommit {
  /** The number of commits that changed records. */
  commits = 0
  #isSynced = true
  readonly #database: DatabaseSync
  readonly #measure: Measure
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #savepoint: StatementSync
  readonly #release: StatementSync
  readonly #backToSavepoint: StatementSync
  #waiting: Member[] = []

  constructor(database: DatabaseSync, measure: Measure) {
    this.#database = database
    this.#measure = measure
    // Takes the write lock first. Otherwise a transaction could read, and then fail to write.
    this.#begin = database.prepare('begin immediate')
    this.#commit = database.prepare('commit')
    this.#savepoint = database.prepare('savepoint member')
    this.#release = database.prepare('release member')
    this.#backToSavepoint = database.prepare('rollback to member')
  }

  /**
   * Adds a transaction to the commit of this turn. Settles when it is on disk or has failed. An `unsynced` transaction can
   * be lost in a crash of the machine.
   */
  submit(run: () => void, kind: 'synced' | 'unsynced' = 'synced'): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ run, isSynced: kind === 'synced', resolve, reject })
      if (this.#waiting.length === 1) setImmediate(() => this.flush())
    })
  }

  /** Commits the waiting transactions now. */
  flush(): void {
    const members = this.#waiting
    this.#waiting = []
    if (members.length > 1 && this.#commitAll(members)) return
    for (const member of members) this.#commitSingle(member)
  }

  /**
   * Commits all transactions together. Returns false if SQLite rolled back all of them, for example when the disk is
   * full.
   */
  #commitAll(members: readonly Member[]): boolean {
    const failures = new Map<Member, unknown>()
    try {
      this.#beginSynced(members.some(({ isSynced }) => isSynced))
    } catch (error) {
      // The database is locked. Single commits would each wait as long again.
      for (const member of members) member.reject(error)
      return true
    }
    try {
      for (const member of members) {
        this.#savepoint.run()
        try {
          member.run()
        } catch (error) {
          if (!this.#database.isTransaction) return false
          this.#backToSavepoint.run()
          failures.set(member, error)
        }
        this.#release.run()
      }
      this.#commit.run()
      this.#count(members.length - failures.size)
    } catch {
      this.#rollBack()
      return false
    }
    for (const member of members) {
      if (failures.has(member)) member.reject(failures.get(member))
      else member.resolve()
    }
    return true
  }

  #commitSingle(member: Member): void {
    try {
      this.#beginSynced(member.isSynced)
      member.run()
      this.#commit.run()
      this.#count(1)
    } catch (error) {
      this.#rollBack()
      member.reject(error)
      return
    }
    member.resolve()
  }

  /** Begins a transaction, and sets before whether its commit waits for the disk. */
  #beginSynced(isSynced: boolean): void {
    if (isSynced !== this.#isSynced) {
      this.#database.exec(`pragma synchronous = ${isSynced ? 'full' : 'normal'}`)
      this.#isSynced = isSynced
    }
    this.#begin.run()
  }

  /** Counts a commit that changed records. */
  #count(size: number): void {
    if (!this.#isSynced) return
    this.commits++
    this.#measure({ type: 'commit', size })
  }

  #rollBack(): void {
    // SQLite may have rolled back already.
    if (this.#database.isTransaction) this.#database.exec('rollback')
  }
}
