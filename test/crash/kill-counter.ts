import { type SQLInputValue, StatementSync } from 'node:sqlite'
import { promiseHooks } from 'node:v8'
import type { Store } from '../../src/index.ts'

/** The kill points of a process: awaits, statements, commits, and before and after each write. */
export type Series = 'await' | 'statement' | 'write'

/** Counts the points that this process comes by, and kills it at one of them. */
export class KillCounter {
  /** The number of kill points that it passed while armed. */
  count = 0
  armed = false
  readonly #fatal: number
  readonly #inside: boolean

  /**
   * @param fatal - at which it dies; 0 for none
   * @param inside - whether each statement of a transaction counts. A kill there leaves what a kill before the commit
   *   leaves.
   */
  constructor(fatal: number, inside = process.env.KILL_POINTS === 'all') {
    this.#fatal = fatal
    this.#inside = inside
  }

  /** The store, watched as this series wants it. */
  watch(store: Store, series: Series): Store {
    if (series === 'await') promiseHooks.onBefore(() => this.pass())
    else if (series === 'statement') this.#watchStatements()
    else this.#watchWrites(store)
    return store
  }

  /** Counts a point, and dies at the fatal one. */
  pass(): void {
    if (this.armed && ++this.count === this.#fatal) process.kill(process.pid, 'SIGKILL')
  }

  #watchStatements(): void {
    const pass = () => this.pass()
    const countsAll = this.#inside
    const { run } = StatementSync.prototype
    let isInside = false
    const counted = function (this: StatementSync, ...values: SQLInputValue[]) {
      const { sourceSQL } = this
      if (!isInside || countsAll || sourceSQL === 'commit') pass()
      const result: unknown = Reflect.apply(run, this, values)
      isInside = sourceSQL.startsWith('begin') || (isInside && !/^(commit|rollback)$/.test(sourceSQL))
      if (sourceSQL === 'commit') pass()
      return result
    }
    Object.assign(StatementSync.prototype, { run: counted })
  }

  #watchWrites(store: Store): void {
    const apply = store.apply.bind(store)
    store.apply = async (scope, writes) => {
      this.pass()
      await apply(scope, writes)
      this.pass()
    }
  }
}
