import { asStoreError, Unanswered } from './connections.ts'

/** Maximum number of calls in one statement. */
const MAX_CALLS = 200
/** Maximum number of statements without an answer. */
const MAX_STATEMENTS = 4
/** Time that the next calls wait for the answer to the previous statement, in milliseconds. */
const PATIENCE = 100

interface Waiting<Call, Result> {
  readonly call: Call
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Combines the calls of a turn, and those that wait for the previous statement, into one statement. No timer delays them if
 * the database answers. If a connection does not, the next calls use another one.
 */
export class ReadBatches<Call, Result> {
  readonly #run: (calls: readonly Call[]) => Promise<readonly Result[]>
  #waiting: Waiting<Call, Result>[] = []
  readonly #running = new Set<Promise<void>>()
  #work: Promise<void> | undefined

  /** `run` returns the result of each call, in their order. It runs again if its answer was lost. */
  constructor(run: (calls: readonly Call[]) => Promise<readonly Result[]>) {
    this.#run = run
  }

  /** @throws StoreError */
  read(call: Call): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject })
      this.#work ??= this.#runAll()
    })
  }

  async #runAll(): Promise<void> {
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      if (this.#running.size === MAX_STATEMENTS) await Promise.race(this.#running)
      const statement = this.#runSome(this.#waiting.splice(0, MAX_CALLS)).finally(() =>
        this.#running.delete(statement),
      )
      this.#running.add(statement)
      await withPatience(statement)
    }
    this.#work = undefined
  }

  async #runSome(waiting: readonly Waiting<Call, Result>[]): Promise<void> {
    try {
      const calls = waiting.map(({ call }) => call)
      const results = await this.#run(calls).catch((error: unknown) => {
        if (error instanceof Unanswered) return this.#run(calls)
        throw error
      })
      for (const [at, { resolve }] of waiting.entries()) resolve(results[at] as Result)
    } catch (error) {
      for (const { reject } of waiting) reject(asStoreError(error))
    }
  }
}

/** Waits until a statement is over, or for `PATIENCE`. */
async function withPatience(statement: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, PATIENCE)
  await Promise.race([statement, promise])
  clearTimeout(timer)
}
