import { collectGarbage } from './garbage.ts'

/** Rounds that warm the compiler up. */
const WARM_UP = 2

/** One of those that are measured side by side. */
export interface Contender {
  readonly name: string
  /** Makes it ready and warm, which is not timed. */
  prepare(): Promise<{
    /** What is timed: this many times the work. */
    run(): Promise<number>
    /** The processor time, in µs, that the process which does the work has used so far. */
    cpu?(): Promise<number>
    stop?(): Promise<void>
  }>
}

/** What one piece of work takes, in µs. */
export interface Measured {
  readonly time: number
  /** Processor time; 0 where the contender does not tell. */
  readonly cpu: number
}

/**
 * Measures contenders side by side: in every round each runs once, in an order that turns, so that a slow moment of
 * the machine falls on all of them. @returns by name, the medians of the rounds
 */
export async function sideBySide(
  contenders: readonly Contender[],
  rounds: number,
): Promise<Map<string, Measured>> {
  const all = new Map(contenders.map(({ name }) => [name, [] as Measured[]]))
  for (let round = -WARM_UP; round < rounds; round++) {
    for (let invocation = 0; invocation < contenders.length; invocation++) {
      const { name, prepare } = contenders[(invocation + round + WARM_UP) % contenders.length] as Contender
      // Not after it is warm: garbage collection takes compiled code away, too.
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
