/** Maximum number of calls in one statement. */
const MAX_CALLS = 200

interface Waiting<Call, Result> {
  readonly call: Call
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/** Combines the calls of a turn, and those that wait for the previous statement, into one statement. No timer delays them. */
export class ReadBatches<Call, Result> {
  readonly #run: (calls: readonly Call[]) => Promise<readonly Result[]>
  #waiting: Waiting<Call, Result>[] = []
  #work: Promise<void> | undefined

  /** `run` returns the result of each call, in their order. */
  constructor(run: (calls: readonly Call[]) => Promise<readonly Result[]>) {
    this.#run = run
  }

  read(call: Call): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject })
      this.#work ??= this.#runAll()
    })
  }

  async #runAll(): Promise<void> {
    await Promise.resolve()
    while (this.#waiting.length > 0) await this.#runSome(this.#waiting.splice(0, MAX_CALLS))
    this.#work = undefined
  }

  async #runSome(waiting: readonly Waiting<Call, Result>[]): Promise<void> {
    try {
      const results = await this.#run(waiting.map(({ call }) => call))
      for (const [at, { resolve }] of waiting.entries()) resolve(results[at] as Result)
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
  }
}
