/** One result of the bench. */
export interface Result {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** The name of the baseline. */
  readonly versus?: string
  /** The value divided by the value of the baseline. */
  readonly ratio?: number
}

/** A group of results from one measurement. */
export interface Bench {
  /** The names of its results. `--only` runs the group if one of them starts with the argument. */
  readonly names: readonly string[]
  run(): Promise<readonly Result[]>
}
