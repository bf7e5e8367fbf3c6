import { setTimeout as sleep } from 'node:timers/promises'

/** The story went another way than it should have; the line that says so has been printed. */
export class StoryError extends Error {}

const PATIENCE = 12_000

/** Tells a story one line at a time, and checks each line against what it should be. */
export class Teller {
  readonly #print: (line: string) => void
  lines = 0

  constructor(print: (line: string) => void) {
    this.#print = print
  }

  chapter(title: string): void {
    this.#print(`\n${title}`)
  }

  /** Something that is done, by a person or to the broker. */
  deed(text: string): void {
    this.#print(`  › ${text}`)
  }

  /** What came of it. @throws StoryError where it is not what it should be */
  check(kind: string, actual: string, expected: string): void {
    this.lines++
    const differs = actual !== expected
    this.#print(`${differs ? '  ✗' : '   '} ${kind.padEnd(12)} ${actual}`)
    if (!differs) return
    this.#print(`    ${'should be'.padEnd(12)} ${expected}`)
    throw new StoryError(`${kind}: ${actual} instead of ${expected}`)
  }

  /** As {@link check}, of something that takes a while to come about. */
  async eventually(kind: string, look: () => string | Promise<string>, expected: string): Promise<void> {
    const until = Date.now() + PATIENCE
    while ((await look()) !== expected && Date.now() < until) await sleep(10)
    this.check(kind, await look(), expected)
  }
}
