import type { DatabaseSync, StatementSync } from 'node:sqlite'

interface Member {
  readonly run: () => void
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Gathers the transactions of one turn of the event loop into one commit, which is one sync of the disk. Each is
 * still all or nothing by itself: one that fails goes back to its savepoint and fails alone.
 */
export class GroupCommit {
  /** How many commits were made. */
  commits = 0
  readonly #database: DatabaseSync
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #savepoint: StatementSync
  readonly #release: StatementSync
  readonly #backToSavepoint: StatementSync
  #waiting: Member[] = []

  constructor(database: DatabaseSync) {
    this.#database = database
    // Immediate: a transaction that reads first and then cannot write would have read for nothing.
    this.#begin = database.prepare('begin immediate')
    this.#commit = database.prepare('commit')
    this.#savepoint = database.prepare('savepoint member')
    this.#release = database.prepare('release member')
    this.#backToSavepoint = database.prepare('rollback to member')
  }

  /** Runs a transaction's statements in this turn's commit; settles when that is on disk, or has failed. */
  submit(run: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ run, resolve, reject })
      if (this.#waiting.length === 1) setImmediate(() => this.flush())
    })
  }

  /** Commits what waits, now. */
  flush(): void {
    const members = this.#waiting
    this.#waiting = []
    if (members.length > 1 && this.#together(members)) return
    for (const member of members) this.#alone(member)
  }

  /** False where the transaction itself was lost, with everybody's writes: a full disk takes all of it back. */
  #together(members: readonly Member[]): boolean {
    const failures = new Map<Member, unknown>()
    try {
      this.#begin.run()
    } catch (error) {
      // Locked by somebody else for too long: each alone would wait as long again.
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
      this.commits++
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

  #alone(member: Member): void {
    try {
      this.#begin.run()
      member.run()
      this.#commit.run()
      this.commits++
    } catch (error) {
      this.#rollBack()
      member.reject(error)
      return
    }
    member.resolve()
  }

  #rollBack(): void {
    // What SQLite has rolled back by itself cannot be rolled back again.
    if (this.#database.isTransaction) this.#database.exec('rollback')
  }
}
