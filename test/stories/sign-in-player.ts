import { expect } from '@jest/globals'
import { joseCipher } from '../../src/adapters/jose-cipher.ts'
import { CannotConnectError, SetupError, type View } from '../../src/index.ts'
import type { DevicePoll } from '../../src/ports/authorizer.ts'
import type { Story, StoryStep, StoryTurn } from '../../src/testing/index.ts'
import { afterLeases, type Host, makeHost } from '../engine/host.ts'
import { begin, SignInScript, signIn } from '../engine/sign-in-script.ts'
import type { Shelf } from './world.ts'

type SignInStory = Story<'authorization_code' | 'device_code'>

/** The timeouts of a browser sign-in and of a device code, in milliseconds. */
const LIFE = { authorization_code: 600_000, device_code: 60_000 }

/** The reason why a story of a sign-in cannot be played through the public API, or null. */
export function unplayableSignIn({ steps }: Pick<Story, 'steps'>): string | null {
  const turns = steps.flatMap(({ brings }) => brings)
  if (turns.some(({ comes }) => comes === 'throws'))
    return 'the engine turns every answer of a service into a value'
  if (turns.some(({ work, comes }) => work === 'pollToken' && comes === 'cannot_connect'))
    return 'an unreachable service is polled again'
  if (steps.some(({ does, brings: [first] }) => does.startsWith('poll') && first?.work === null))
    return 'the store answers a claim at once'
  return null
}

/** Plays one story of a sign-in, as a flow has it, and looks at the flow after every step. */
export class SignInPlayer {
  readonly #story: SignInStory
  readonly #shelf: Shelf
  readonly #script = new SignInScript()
  #hosts: Host[] = []
  /** The processes whose time has stopped during a call of the service. */
  readonly #dead: Host[] = []
  #view: View | null = null
  /** Has the browser come back. */
  #comeBack: Awaited<ReturnType<typeof signIn>>['comeBack'] | null = null

  constructor(story: SignInStory, shelf: Shelf) {
    this.#story = story
    this.#shelf = shelf
  }

  async play(restarting: boolean): Promise<void> {
    await this.#restart()
    const way = this.#story.source === 'device_code' ? 'device' : 'browser'
    this.#view = await begin(this.#host, way)
    for (const [index, step] of this.#story.steps.entries()) {
      if (restarting && index > 0) await this.#restart()
      await this.#play(step)
      await this.#check(step)
    }
    await this.#checkUsed()
  }

  async stop(): Promise<void> {
    // The answer that a dead process waits for comes too late.
    for (const host of this.#dead) await host.pass(LIFE[this.#story.source])
    for (const { latchkey } of this.#hosts) await latchkey.stop()
  }

  get #host(): Host {
    const host = this.#hosts.at(-1)
    if (host === undefined) throw new Error('Nothing runs yet.')
    return host
  }

  get #flowId(): string {
    return this.#view?.flowId ?? ''
  }

  /** Another process takes over: the one before has died, and nothing that it still does counts. */
  async #restart(): Promise<void> {
    const last = this.#hosts.at(-1)
    const cipher = joseCipher([new Uint8Array(32).fill(7)])
    const parts = { integrations: [this.#script.integration], cipher, store: this.#shelf() }
    if (last === undefined) this.#hosts.push(await makeHost(parts))
    else this.#hosts.push(await (this.#dead.includes(last) ? afterLeases(last, parts) : last.again(parts)))
    if (this.#view === null) return
    const view = await this.#host.latchkey.flows.get(this.#flowId)
    expect(view).toEqual(
      'entryState' in this.#view ? { ...this.#view, entryState: 'not_loaded' } : this.#view,
    )
  }

  async #play({ does, brings }: StoryStep): Promise<void> {
    const { latchkey, clock } = this.#host
    const { flows } = latchkey
    const view = this.#view as View
    if (does === 'comesBackLate' || does === 'pollLate') clock.increment(LIFE[this.#story.source])
    if (does === 'poll' && view.type === 'progress' && 'interval' in view) clock.increment(view.interval)
    if (does === 'expire') this.#view = await this.#expired()
    else if (does === 'cancel') this.#view = await flows.cancel(this.#flowId)
    else if (does === 'authorize') this.#view = await this.#asking(brings, () => this.#authorize(view))
    else if (does.startsWith('comesBack')) this.#view = await this.#asking(brings, () => this.#returned())
    else this.#view = await this.#asking(brings, () => flows.poll(this.#flowId))
  }

  /** A question that meets what the story brings. */
  async #asking(brings: readonly StoryTurn[], ask: () => Promise<View>): Promise<View> {
    if (brings.some(({ comes }) => comes === 'busy')) return this.#besideRival(ask)
    const script = this.#script
    const interrupted = brings.find(({ work }) => work === null)?.comes
    const answered = brings.flatMap(({ work, comes }) =>
      work === null || work === 'claimPoll' ? [] : [{ work, comes }],
    )
    const of = (...works: readonly string[]) => answered.find(({ work }) => works.includes(work))?.comes
    const begun = of('beginAuthorization', 'requestCode')
    const asked = of('exchangeCode', 'pollToken')
    const never = new Promise<never>(() => {})
    // What is interrupted is what has no answer yet.
    const isOpen = interrupted !== undefined
    script.begins = () => (begun === undefined && isOpen ? never : failing(begun ?? ''))
    script.answer = () => (asked === undefined && isOpen ? never : this.#answer(asked ?? ''))
    const reached = this.#reached(answered.length)
    const view = ask()
    if (interrupted === undefined) return view
    await reached
    if (interrupted === 'expire') return this.#outlive()
    await this.#host.latchkey.flows.cancel(this.#flowId)
    await view
    return this.#host.latchkey.flows.get(this.#flowId)
  }

  /** A poll while another process has the right to contact the service. */
  async #besideRival(ask: () => Promise<View>): Promise<View> {
    const { store, clock } = this.#host
    const claim = { scope: 'default', kind: 'task', id: `poll-${this.#flowId}` } as const
    await store.leases.claim(claim, { holder: 'rival', ms: 15_000, now: clock.now() })
    const view = await ask()
    await store.leases.release('rival', [claim])
    return view
  }

  /** Advances the clock without a callback. */
  async #expired(): Promise<View> {
    await this.#host.latchkey.start()
    await this.#host.pass(LIFE[this.#story.source])
    return this.#host.latchkey.flows.get(this.#flowId)
  }

  /** Resolves at the first call that the service does not answer. */
  async #reached(answers: number): Promise<void> {
    for (let asked = 0; asked <= answers; asked++) await this.#script.next()
  }

  /** The process does not live to see the answer. */
  async #outlive(): Promise<View> {
    const view = this.#view
    this.#view = null
    this.#dead.push(this.#host)
    await this.#restart()
    this.#view = view
    return this.#expired()
  }

  async #authorize(view: View): Promise<View> {
    const begun = await signIn(this.#host, view).catch(() => null)
    this.#comeBack = begun?.comeBack ?? null
    return this.#host.latchkey.flows.get(this.#flowId)
  }

  async #returned(): Promise<View> {
    await this.#comeBack?.(this.#host)
    return this.#host.latchkey.flows.get(this.#flowId)
  }

  async #answer(comes: string): Promise<DevicePoll> {
    if (comes === 'granted') return this.#script.grant()
    if (comes === 'pending' || comes === 'slow_down' || comes === 'expired' || comes === 'rejected')
      return { type: comes }
    await failing(comes)
    throw new Error(`No service answers ${comes}.`)
  }

  async #check({ rest }: StoryStep): Promise<void> {
    const view = this.#view as View
    const { latchkey } = this.#host
    expect(await latchkey.flows.get(this.#flowId)).toEqual(view)
    const { items } = await latchkey.entries.list()
    expect(items).toHaveLength(rest.state === 'authorized' ? 1 : 0)
    if (rest.state === 'authorized') expect(view).toMatchObject({ type: 'create_entry', success: true })
    else if (rest.reason === 'cancelled') expect(view).toMatchObject({ type: 'abort', reason: 'cancelled' })
    else {
      const errors = 'errors' in view ? view.errors : null
      expect(errors?.base?.code ?? null).toBe(rest.reason)
      expect(view).toMatchObject(this.#shown(rest.reason === null && rest.state !== 'waiting'))
    }
  }

  #shown(isWaiting: boolean): object {
    if (this.#story.source === 'authorization_code') return { type: 'external', step: 'authorize' }
    return { type: 'progress', step: 'device', ...(isWaiting && { userCode: 'CODE' }) }
  }

  /** Accepts a callback once, regardless of its result. */
  async #checkUsed(): Promise<void> {
    const { state } = this.#story.ending
    if (this.#comeBack === null || state === 'redirected') return
    expect(await this.#comeBack(this.#host)).toMatchObject({ type: 'ignored' })
  }
}

async function failing(comes: string): Promise<void> {
  if (comes === 'cannot_connect') throw new CannotConnectError()
  if (comes === 'authorize_failed') throw new SetupError()
}
