import { fullDisk, type StoryTurn } from '../../src/testing/index.ts'
import { answerOf } from './answers.ts'
import { until, type World } from './world.ts'

/** The timeout of connect. It exceeds the lifetime that allows an immediate retry. */
export const PATIENCE = 90_000

/** The state in which the work of a step begins. */
export interface Start {
  /** The first piece of work. */
  readonly work: 'migrateEntry' | 'setUpEntry' | 'probeEntry'
  /** The number of reads of the row before that. */
  readonly reads: number
}

/**
 * Has everything ready that the work of an entry is to meet, in the order of the story: answers of the service, rows
 * that another process writes before they are read, a failing disk, and work that waits for an interruption.
 */
export class WorkPlan {
  readonly #world: World
  readonly #asked: number
  readonly #hangs: number[] = []
  readonly #interrupts: string[] = []
  #reached: () => boolean = () => true
  #go: () => void = () => {}

  constructor(
    world: World,
    brings: readonly StoryTurn[],
    { work, reads }: Start,
    meet: (what: string) => Promise<void>,
  ) {
    this.#world = world
    const { service, store } = world
    this.#asked = service.connects.length
    let current: string = work
    let read = reads
    let connects = 0
    let held = false
    for (const [index, invocation] of brings.entries()) {
      const { comes } = invocation
      if (invocation.work === null) {
        this.#interrupts.push(comes)
        held = true
        continue
      }
      // The rollback writes the values that were read: it reads no row again.
      if (invocation.work !== 'restoreOriginal' || comes === 'proven') read++
      const connecting = invocation.work === 'setUpEntry' || invocation.work === 'probeEntry'
      if (comes === 'refused') {
        if (brings[index + 1]?.work === null) this.#reached = () => false
        store.before('getEntry', read, async () => {
          await meet(comes)
          this.#restoring(brings[index + 1], meet)
        })
      } else if (invocation.work !== 'restoreOriginal') {
        const isMet = met.has(comes) || (invocation.work === 'migrateEntry' && index > 0)
        if (comes === 'throws') store.before('getEntry', read, fullDisk)
        else if (isMet) store.before('getEntry', read, () => meet(comes))
      }
      if (connecting && comes !== 'throws' && !met.has(comes)) {
        const answer = answerOf(comes)
        service.script(held ? { held: answer } : answer)
        if (held) this.#holdConnect(connects)
        if (comes === 'timeout') this.#hangs.push(connects)
        connects++
      }
      held = false
      current = after(invocation)
    }
    if (!held || current === 'restoreOriginal') return
    if (current === 'setUpEntry' || current === 'probeEntry') {
      service.script({ held: { connect: 'me' } })
      this.#holdConnect(connects)
    } else this.#hold('getEntry', read + 1)
  }

  /** Lives through it: time passes where the service hangs, and `interrupt` does what calls the work off. */
  async through<Result>(call: Promise<Result>, interrupt: (what: string) => Promise<void>): Promise<Result> {
    const { service } = this.#world
    for (const connects of this.#hangs) {
      await until(() => service.connects.length > this.#asked + connects)
      await this.#world.advance(PATIENCE)
    }
    if (this.#interrupts.length > 0) await until(() => this.#reached())
    for (const what of this.#interrupts) await interrupt(what)
    this.#go()
    return call
  }

  #holdConnect(connects: number): void {
    const { service } = this.#world
    this.#reached = () => service.connects.length > this.#asked + connects
    this.#go = () => service.release()
  }

  /** Has ready what the write meets that puts back what the entry held before. */
  #restoring(next: StoryTurn | undefined, meet: (what: string) => Promise<void>): void {
    const { store } = this.#world
    if (next?.comes === 'throws') store.before('apply', 1, fullDisk)
    else if (next?.comes === 'proven') store.before('apply', 1, () => meet('proven'))
    else if (next?.work === null) this.#hold('apply', 1)
  }

  #hold(call: 'getEntry' | 'apply', nth: number): void {
    let reached = false
    const gate = new Promise<void>((resolve) => {
      this.#go = resolve
    })
    this.#reached = () => reached
    this.#world.store.before(call, nth, () => {
      reached = true
      return gate
    })
  }
}

/** The write of another process before the row is read. */
const met = new Set(['missing', 'disabled', 'rejected', 'gone', 'outdated'])

/** The work that follows a result. */
function after({ work, comes }: StoryTurn): string {
  if (comes === 'refused') return 'restoreOriginal'
  if (comes === 'outdated' || comes === 'proven') return 'migrateEntry'
  if (work === 'migrateEntry' || work === 'requireReauth') return 'setUpEntry'
  return comes === 'invalid_auth' ? 'requireReauth' : 'rest'
}
