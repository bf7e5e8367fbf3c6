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
    stop?(): Promise<void>
  }>
}

/**
 * Measures contenders side by side: in every round each runs once, in an order that turns, so that a slow moment of
 * the machine falls on all of them. @returns by name, the median of the rounds in µs for one piece of work
 */
export async function sideBySide(
  contenders: readonly Contender[],
  rounds: number,
): Promise<Map<string, number>> {
  const times = new Map(contenders.map(({ name }) => [name, [] as number[]]))
  for (let round = -WARM_UP; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const { name, prepare } = contenders[(turn + round + WARM_UP) % contenders.length] as Contender
      // Not after it is warm: garbage collection takes compiled code away, too.
      collectGarbage()
      const { run, stop } = await prepare()
      const begun = performance.now()
      const count = await run()
      const time = ((performance.now() - begun) * 1000) / count
      await stop?.()
      if (round >= 0) times.get(name)?.push(time)
    }
  }
  return new Map([...times].map(([name, all]) => [name, median(all)]))
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}
