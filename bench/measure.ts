import { collectGarbage } from './garbage.ts'

/** Number of warm-up rounds. */
const WARM_UP = 2

/** A contender of a measurement. */
export interface Contender {
  readonly name: string
  /** Prepares and warms up the contender. Not timed. */
  prepare(): Promise<{
    /** The timed work, repeated this many times. */
    run(): Promise<number>
    /** Returns the processor time of the working process in µs. */
    cpu?(): Promise<number>
    stop?(): Promise<void>
  }>
}

/** Duration of one repetition in µs. */
export interface Measured {
  readonly time: number
  /** Processor time of one repetition in µs; 0 if the contender does not report it. */
  readonly cpu: number
}

/**
 * Measures contenders side by side: each runs once per round, in rotating order, so that a slow moment of the machine
 * affects all of them.
 *
 * @returns the medians of the rounds by name
 */
export async function sideBySide(
  contenders: readonly Contender[],
  rounds: number,
): Promise<Map<string, Measured>> {
  const all = new Map(contenders.map(({ name }) => [name, [] as Measured[]]))
  for (let round = -WARM_UP; round < rounds; round++) {
    for (let invocation = 0; invocation < contenders.length; invocation++) {
      const { name, prepare } = contenders[(invocation + round + WARM_UP) % contenders.length] as Contender
      // Before the warm-up, because garbage collection also discards optimized code.
      collectGarbage()
      const { run, cpu = unknown, stop } = await prepare()
      const [used, begun] = [await cpu(), performance.now()]
      const count = await run()
      const time = (performance.now() - begun) * 1000
      const measured = { time: time / count, cpu: ((await cpu()) - used) / count }
      await stop?.()
      if (round >= 0) all.get(name)?.push(measured)
    }
  }
  return new Map([...all].map(([name, rounds]) => [name, medians(rounds)]))
}

const unknown = async () => 0

const medians = (rounds: readonly Measured[]): Measured => ({
  time: median(rounds.map(({ time }) => time)),
  cpu: median(rounds.map(({ cpu }) => cpu)),
})

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}
