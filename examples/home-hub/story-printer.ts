import { setTimeout as sleep } from 'node:timers/promises'

/** A check of the story failed. The line with the failure was printed. */
export class StoryError extends Error {}

const TIMEOUT = 12_000

/** Prints a story line by line, and checks each result. */
export class StoryPrinter {
  readonly #print: (line: string) => void
  lines = 0

  constructor(print: (line: string) => void) {
    this.#print = print
  }

  chapter(title: string): void {
    this.#print(`\n${title}`)
  }

  /** Prints an action of the user or the broker. */
  action(text: string): void {
    this.#print(`  › ${text}`)
  }

  /** Prints and checks a result. @throws StoryError if it is not the expected one */
  check(kind: string, actual: string, expected: string): void {
    this.lines++
    const differs = actual !== expected
    this.#print(`${differs ? '  ✗' : '   '} ${kind.padEnd(12)} ${actual}`)
    if (!differs) return
    this.#print(`    ${'expected'.padEnd(12)} ${expected}`)
    throw new StoryError(`${kind}: ${actual} instead of ${expected}`)
  }

  /** Like {@link check}, but waits for the expected result. */
  async eventually(kind: string, look: () => string | Promise<string>, expected: string): Promise<void> {
    const until = Date.now() + TIMEOUT
    while ((await look()) !== expected && Date.now() < until) await sleep(10)
    this.check(kind, await look(), expected)
  }
}
