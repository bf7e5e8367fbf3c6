/** One line of the bench. */
export interface Result {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What the value is compared with. */
  readonly versus?: string
  /** The value over that of `versus`. */
  readonly ratio?: number
}

/** A group of results that come from one measurement. */
export interface Bench {
  /** The names of its results: `--only` runs it where one of them begins so. */
  readonly names: readonly string[]
  run(): Promise<readonly Result[]>
}
