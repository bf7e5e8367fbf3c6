import { expect } from '@jest/globals'
import type { StoreCall } from '../../src/testing/failing-store.ts'
import type { Story, StoryStep, StoryTurn } from '../../src/testing/index.ts'
import { atRest } from '../engine/host.ts'
import { LIFE } from '../engine/token-service.ts'
import { full, refuse, TokenScene, unreachable } from './token-scene.ts'
import { type Shelf, until } from './world.ts'

type TokenStory = Story<'token'>

const works: Readonly<Record<string, string>> = {
  'refreshing.claimingLease': 'claimLease',
  'refreshing.askingService': 'refreshToken',
  'refreshing.recordingFailure': 'recordFailure',
  'refreshing.readingAgain': 'readAgain',
  'refreshing.savingToken': 'saveToken',
}

/** The late answer of a story: the step before it whose call has not been answered. */
function lateStep(steps: readonly StoryStep[]): number {
  const arrives = steps.findIndex(({ does }, index) => does === 'arrived' && index > 0)
  return steps.slice(0, Math.max(arrives, 0)).findLastIndex(isUnreachable)
}

const isUnreachable = ({ brings }: StoryStep): boolean =>
  brings.some(({ comes }) => comes === 'cannot_connect')

/** The reason why a story of a token cannot be played through the public API, or null. */
export function unplayableToken({ steps }: Pick<Story, 'steps'>, restarting: boolean): string | null {
  const brought = steps.flatMap(({ brings }) => brings)
  if (brought.some(({ work, comes }) => work === 'refreshToken' && comes === 'throws'))
    return 'the engine turns every answer of a service into a value'
  if (brought.some(({ work, comes }) => work === null && comes === 'arrived'))
    return 'a failure is recorded sooner than a late answer can arrive'
  if (
    steps.some(
      ({ does }, at) => does === 'refused' && at > 0 && steps[at - 1]?.rest.reason !== 'cannot_connect',
    )
  )
    return 'what is due is renewed before the service can refuse it'
  if (restarting && steps.some((step, at) => step.does === 'refused' && at > 0 && isUnreachable(step)))
    return 'a process that restarts does not know of the backoff'
  if (!restarting && steps.some(({ does }, index) => does === 'arrived' && index > 0) && lateStep(steps) < 0)
    return 'no earlier call can still be answered'
  return null
}

/** Plays one story of a token, and checks the entry and the calls after every step. */
export class TokenPlayer {
  readonly #story: TokenStory
  readonly #shelf: Shelf
  readonly #now = { state: 'fresh', reason: null as string | null, unforeseen: [] as string[] }
  #turns: StoryTurn[] = []
  #built: TokenScene | null = null
  #call: Promise<string> = Promise.resolve('')
  #isLate = false
  #timedOut = false
  #answer: () => void = () => {}
  #asked = 0

  constructor(story: TokenStory, shelf: Shelf) {
    this.#story = story
    this.#shelf = shelf
  }

  async play(restarting: boolean): Promise<void> {
    const { steps } = this.#story
    this.#built = await TokenScene.begin(this.#shelf)
    this.#listen()
    const late = restarting ? -1 : lateStep(steps)
    await this.#age()
    for (const [index, step] of steps.entries()) {
      const arrives = step.does === 'arrived' && (restarting || index === 0)
      if (arrives) await this.#others('unsaved')
      // A process that restarts does not know of the backoff.
      const waits = step.does === 'after refreshBackoff'
      if (arrives || (restarting && index > 0 && !waits)) await this.#restart()
      this.#isLate = index === late
      // After the backoff, the reason is still that of the step before.
      if (!waits) this.#timedOut = this.#isLate
      this.#turns = [...step.brings]
      const recorded = step.brings.find(({ work, comes }) => work === 'recordFailure' && comes !== 'throws')
      if (recorded !== undefined) await this.#others(recorded.comes)
      await this.#step(step, index, restarting)
      await this.#check(step, index)
    }
  }

  async stop(): Promise<void> {
    await this.#scene.host.latchkey.stop()
    await this.#call
  }

  get #scene(): TokenScene {
    if (this.#built === null) throw new Error('The story has not begun.')
    return this.#built
  }

  async #restart(): Promise<void> {
    await this.#scene.restart()
    await this.#call
    this.#listen()
  }

  /** The token has expired, unless the story has one that is refused before its end. */
  async #age(): Promise<void> {
    const { steps } = this.#story
    if (steps[0]?.does === 'refused') return
    await this.#scene.host.pass(steps.some(({ does }) => does === 'refused') ? LIFE - 30_000 : LIFE)
  }

  /** Counts the refreshes of other processes too. */
  async #others(what: string): Promise<void> {
    const { service } = this.#scene
    const before = service.renewals.length
    await this.#scene.meet(what)
    this.#asked += service.renewals.length - before
  }

  #listen(): void {
    const now = this.#now
    Object.assign(now, { state: 'fresh', reason: null })
    this.#scene.host.latchkey.on('transition', ({ machine, to, codes }) => {
      if (machine !== 'token') return
      Object.assign(now, { state: to, reason: codes[0] ?? null })
      const work = works[to]
      if (work === undefined) return
      const invocation = this.#turns.shift()
      if (invocation?.work === work) this.#ready(invocation)
      else now.unforeseen.push(`${work} instead of ${invocation?.work}`)
    })
  }

  /** Has ready what a piece of work meets, right before it begins. */
  #ready({ work, comes }: StoryTurn): void {
    const { store } = this.#scene
    if (work === 'refreshToken') {
      this.#asked++
      this.#scene.asked = () => this.#served(comes)
    } else if (comes === 'throws') store.before(failing[work ?? ''] ?? 'apply', 1, full)
    else if (others.has(comes))
      store.before(work === 'claimLease' ? 'claim' : 'getEntry', 1, () => this.#others(comes))
  }

  #served(comes: string): unknown {
    const { service, host } = this.#scene
    service.asks = comes === 'lapsed'
    if (comes === 'refused') return refuse()
    // This process stands still, and the right to renew the token lapses.
    if (comes === 'lapsed') return host.clock.increment(16_000)
    if (comes !== 'cannot_connect') return undefined
    return this.#isLate ? new Promise<void>((resolve) => (this.#answer = resolve)) : unreachable()
  }

  async #step({ does, rest }: StoryStep, index: number, restarting: boolean): Promise<void> {
    const { host, service, entryId } = this.#scene
    if (does === 'refused') service.takes = (access) => access !== 'access-1'
    if (does === 'replaced') await this.#others('changed')
    const delay = delays[does]
    if (delay !== undefined && (!restarting || does === 'after refreshBackoff')) host.clock.increment(delay)
    else if (does === 'arrived' && !restarting && index > 0) this.#answer()
    else if (does === 'retry') {
      const retried = host.latchkey.entries.reload(entryId, { retryRejected: true })
      this.#call = retried.then(String, String)
    } else this.#call = this.#scene.use()
    if (this.#isLate) await this.#outwait()
    await until(() => this.#turns.length === 0 && this.#now.state === rest.state)
    if (rest.state !== 'refreshing.waitingForHolder') await this.#ended()
  }

  /** No caller waits for the answer. */
  async #outwait(): Promise<void> {
    // The failure is recorded after the timeout.
    const isAsked = () => this.#turns.every(({ work }) => work === 'recordFailure')
    await until(() => isAsked() && this.#scene.service.renewals.length === this.#asked)
    for (let wait = 0; wait < 6; wait++) {
      this.#scene.host.clock.increment(5_000)
      await atRest()
    }
  }

  /** A failed setup is retried only by a step of the story. */
  async #ended(): Promise<void> {
    const { host, entryId } = this.#scene
    await this.#call
    const { state } = await host.latchkey.entries.get(entryId)
    if (state === 'setup_retry') await host.latchkey.entries.unload(entryId)
  }

  async #check({ rest }: StoryStep, index: number): Promise<void> {
    const { service, host, newest } = this.#scene
    const { state, unforeseen } = this.#now
    expect({ state, unforeseen, asked: service.renewals.length }).toEqual({
      state: rest.state,
      unforeseen: [],
      asked: this.#asked,
    })
    const open = await host.latchkey.attention.list()
    if (state === 'fresh') expect(await this.#scene.use()).toBe(newest)
    else if (state === 'rejected') expect(await this.#call).toMatch(/^REAUTH_REQUIRED/)
    else if (state === 'refreshing.waitingForHolder') expect(await this.#scene.isHeld()).toBe(true)
    else expect(this.#now.reason).toBe(this.#timedOut ? 'timeout' : rest.reason)
    expect(open).toHaveLength(this.#needs(index))
  }

  /**
   * A user is needed after the service has refused the credential, or after the refresh has failed for too long, until
   * there is another one.
   */
  #needs(index: number): number {
    const states = this.#story.steps.slice(0, index + 1).map(({ rest }) => rest.state)
    const since = states.slice(states.lastIndexOf('fresh') + 1)
    return since.includes('rejected') || this.#isOverdue(index) ? 1 : 0
  }

  /** Whether the last failure that was recorded since the last good token is overdue. */
  #isOverdue(index: number): boolean {
    const steps = this.#story.steps.slice(0, index + 1)
    const since = steps.slice(steps.map(({ rest }) => rest.state).lastIndexOf('fresh') + 1)
    const recorded = since.flatMap(({ brings }) => brings).filter(({ work }) => work === 'recordFailure')
    return recorded.findLast(({ comes }) => comes !== 'throws')?.comes === 'overdue'
  }
}

/** The calls of the store that fail the work of a token. */
const failing: Readonly<Record<string, StoreCall>> = { claimLease: 'claim', readAgain: 'getEntry' }

/** The delays of the statechart, in milliseconds. */
const delays: Readonly<Record<string, number>> = {
  'after leasePoll': 2_000,
  'after refreshBackoff': 60_000,
  'after saveRetry': 2_000,
}

/** The writes of other processes. */
const others = new Set(['held', 'current', 'rejected', 'unsaved', 'changed', 'superseded'])
