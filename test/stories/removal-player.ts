import { expect } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import * as z from 'zod'
import { joseCipher } from '../../src/adapters/jose-cipher.ts'
import {
  CannotConnectError,
  defineIntegrationWithMethods,
  InvalidAuthError,
  type ScopedLatchkey,
  secret,
} from '../../src/index.ts'
import type { CodeAuthorizer } from '../../src/ports/authorizer.ts'
import type { RemovalRecord } from '../../src/ports/removals.ts'
import {
  FailingStore,
  fullDisk,
  type Story,
  type StoryStep,
  type StoryTurn,
} from '../../src/testing/index.ts'
import { HandJobs } from '../engine/hand-jobs.ts'
import { type Host, makeHost } from '../engine/host.ts'
import { type Shelf, until } from './world.ts'

type RemovalStory = Story<'removal'>

/** The reason why a story of a removal cannot be played through the public API, or null. */
export function unplayableRemoval({ steps }: Pick<Story, 'steps'>): string | null {
  const turns = steps.flatMap(({ brings }) => brings)
  return turns.some(({ work, comes }) => work !== 'findOwner' && comes === 'throws')
    ? 'the engine turns every answer of an integration into a value'
    : null
}

const never = new Promise<never>(() => {})
const REDIRECT = 'http://127.0.0.1:4711/oauth/callback/removed'

type RemovalCall = 'inform' | 'revoke'

/** A service that is informed of removals, and revokes grants. Each link has another token. */
class RemovedService {
  /** The calls of removals, with their tokens. */
  readonly calls: RemovalCall[] = []
  revokes: 'account' | 'token' = 'account'
  /** Answers the calls for the first token. */
  answer: (call: RemovalCall) => Promise<void> = async () => {}
  #granted = 0
  readonly #authorize: CodeAuthorizer

  readonly integration

  readonly account: string

  constructor(account: string) {
    const service = this
    this.account = account
    this.#authorize = {
      grant: 'code',
      begin: async ({ state }) => `https://login.example/?state=${encodeURIComponent(state)}`,
      finish: async () => ({ type: 'granted', values: { token: `token-${++this.#granted}` } }),
      revoke: ({ token }) => this.#called('revoke', String(token)),
      get revokes() {
        return service.revokes
      },
    }
    this.integration = defineIntegrationWithMethods({
      domain: 'removed',
      title: 'Removed',
      stored: z.object({ token: secret() }),
      methods: { browser: { title: 'Browser', authorize: this.#authorize } },
      connect: async () => ({ client: {}, uniqueId: account }),
      onRemove: ({ token }) => this.#called('inform', token.reveal()),
    })
  }

  async #called(call: RemovalCall, token: string): Promise<void> {
    if (token !== 'token-1') return
    this.calls.push(call)
    await this.answer(call)
  }
}

/** A process: its engine, and the turns of its tasks. */
interface Process {
  readonly host: Host
  readonly store: FailingStore
  readonly jobs: HandJobs
}

/**
 * Plays one story of a removal, and looks at the rows and the calls of the service after every step. An event during the
 * work of an attempt kills the process: during the call of the service or, if `restarting`, right after it. Then processes
 * are also killed before and after the removal is saved.
 */
export class RemovalPlayer {
  readonly #story: RemovalStory
  readonly #shelf: Shelf
  readonly #names: { readonly home: string; readonly work: string }
  readonly #service: RemovedService
  readonly #processes: Process[] = []
  readonly #expected: RemovalCall[] = []
  /** Whether it is stored that the integration was called. */
  #isTold = false
  #restarting = false
  #now = 1_000_000
  #otherId: string | null = null

  /** @param name - distinguishes the stories in one store */
  constructor(story: RemovalStory, shelf: Shelf, name = 'story') {
    this.#story = story
    this.#shelf = shelf
    this.#names = { home: `${name}-home`, work: `${name}-work` }
    this.#service = new RemovedService(name)
  }

  async play(restarting: boolean): Promise<void> {
    this.#restarting = restarting
    await this.#restart()
    const entryId = await this.#link('home')
    const [first] = this.#story.steps
    // Nothing happens before a day is over only if the process is killed after it has saved the removal.
    if (restarting || first?.does === 'over') await this.#removeAndDie(entryId)
    for (const [index, step] of this.#story.steps.entries()) {
      const begin = index === 0 && this.#processes.length === 1 ? () => this.#remove(entryId) : null
      await this.#play(step, begin)
      await this.#check(step, entryId)
    }
  }

  /** Ends all processes, and leaves no row to the next story. */
  async stop(): Promise<void> {
    for (const { id, revision } of await this.#rows())
      await this.#process.store.apply(this.#names.home, [{ remove: 'removal', id, ifRevision: revision }])
    const last = this.#processes.pop()
    await last?.host.latchkey.stop()
    for (const { store } of this.#processes) await store.close()
  }

  get #process(): Process {
    return this.#processes.at(-1) as Process
  }

  #scope(name: 'home' | 'work'): ScopedLatchkey {
    return this.#process.host.latchkey.scope(this.#names[name])
  }

  /** Another process takes over. The one before has died, and nothing that it still does counts. */
  async #restart(): Promise<void> {
    const store = new FailingStore(this.#shelf())
    const jobs = new HandJobs()
    const clock = new SimulatedClock()
    clock.set(this.#now)
    const cipher = store.durable ? {} : { cipher: joseCipher([new Uint8Array(32).fill(7)]) }
    const integrations = [this.#service.integration]
    const parts = { integrations, store, jobs, clock, ...cipher }
    const host = await makeHost({ ...parts, scopes: true, connect: 'lazy' })
    this.#processes.push({ host, store, jobs })
    await host.latchkey.start()
  }

  async #link(name: 'home' | 'work'): Promise<string> {
    const { signIns } = this.#process.host.latchkey
    const { flows } = this.#scope(name)
    const view = await flows.start({ domain: 'removed', source: 'user' })
    const { browser } = await flows.authorize(view.flowId, { ...view, redirectUri: REDIRECT })
    const query = new URL((await signIns.redirect(view.flowId, browser ?? '')) ?? '').searchParams
    const returned = await signIns.finish({ domain: 'removed', query, browserOf: () => browser })
    expect(returned).toMatchObject({ view: { type: 'create_entry' } })
    return returned.type === 'moved' ? (returned.view.entryId ?? '') : ''
  }

  async #remove(entryId: string): Promise<void> {
    await this.#scope('home').entries.remove(entryId)
  }

  /** Kills a process before the removal is saved, which then has no effect, and another one right after that. */
  async #removeAndDie(entryId: string): Promise<void> {
    const killed = Promise.withResolvers<void>()
    this.#process.store.before('apply', 1, () => {
      killed.resolve()
      return never
    })
    void this.#remove(entryId)
    await killed.promise
    await this.#restart()
    expect(await this.#scope('home').entries.get(entryId)).toMatchObject({ uniqueId: this.#service.account })
    expect(await this.#rows()).toEqual([])
    this.#process.store.after('apply', 1, () => never)
    void this.#remove(entryId)
    await until(async () => (await this.#rows()).length === 1)
    await this.#restart()
  }

  async #play({ does, brings }: StoryStep, begin: (() => Promise<void>) | null): Promise<void> {
    const attempts: { event: string; turns: StoryTurn[] }[] = [{ event: does, turns: [] }]
    for (const turn of brings) {
      if (turn.work === null) attempts.push({ event: turn.comes, turns: [] })
      else attempts.at(-1)?.turns.push(turn)
    }
    for (const [index, { event, turns }] of attempts.entries()) {
      if (begin === null || index > 0) await this.#pass(event, index > 0)
      const isKilled = index < attempts.length - 1
      await this.#attempt(event === 'over' ? [] : turns, isKilled, index === 0 ? begin : null)
    }
  }

  /** Lets time pass until the removal is due, or is over. */
  async #pass(event: string, isDead: boolean): Promise<void> {
    const [{ content }] = (await this.#rows()) as readonly [RemovalRecord]
    const { nextAt, endsAt } = content as { nextAt: number; endsAt: number }
    const at = event === 'over' ? endsAt : Math.max(this.#now, nextAt)
    const wait = at - this.#now
    this.#now = at
    if (isDead) await this.#restart()
    else if (this.#restarting) {
      await this.#processes.pop()?.host.latchkey.stop()
      await this.#restart()
    } else this.#process.host.clock.increment(wait)
  }

  /** Makes one attempt. If it is killed, its first work without a result never gets one. */
  async #attempt(
    turns: readonly StoryTurn[],
    isKilled: boolean,
    begin: (() => Promise<void>) | null,
  ): Promise<void> {
    const { store, jobs } = this.#process
    const comesOf = (work: string) => turns.find((turn) => turn.work === work)?.comes
    const found = comesOf('findOwner')
    const comes = { inform: comesOf('informService'), revoke: comesOf('revokeGrant') }
    if (found !== undefined && found !== 'throws') await this.#share(found !== 'free', found === 'shared')
    const killed = Promise.withResolvers<void>()
    const die = () => {
      killed.resolve()
      return never
    }
    if (found === 'throws') store.before('anyEntry', 1, fullDisk)
    if (found === undefined && isKilled) store.before('anyEntry', 1, die)
    const reaches = found === 'free' || found === 'shared'
    if (reaches && isKilled && this.#restarting) store.before('apply', 2, die)
    const otherwise = isKilled && !this.#restarting ? die : async () => {}
    this.#service.answer = (call) => answerOf(comes[call], otherwise)
    if (reaches) this.#expect(found, comes, isKilled && !this.#restarting)
    this.#isTold ||= !isKilled && comes.inform !== undefined && comes.revoke === 'failed'
    const { revision } = (await this.#rows())[0] ?? { revision: 1 }
    const working = begin !== null ? begin() : jobs.turn('inform_services')
    if (isKilled) await killed.promise
    else {
      await working
      // The first attempt is made in the background.
      await until(async () => {
        const [row] = await this.#rows()
        return row === undefined || (row.revision > revision && row.content.step === 'waiting')
      })
      expect(store.clear()).toBe(0)
    }
    this.#service.answer = async () => {}
  }

  /** Records the calls that an attempt makes. */
  #expect(found: string, { inform }: { readonly inform: string | undefined }, isHeld: boolean): void {
    const informs = found === 'free' && !this.#isTold
    const isLast = informs && (inform === 'failed' || (isHeld && inform === undefined))
    if (informs) this.#expected.push('inform')
    if (!isLast) this.#expected.push('revoke')
  }

  /** Links the account in another scope, or ends that link. */
  async #share(isShared: boolean, revokesToken: boolean): Promise<void> {
    this.#service.revokes = 'account'
    if (isShared) this.#otherId ??= await this.#link('work')
    else if (this.#otherId !== null) {
      await this.#scope('work').entries.remove(this.#otherId)
      this.#otherId = null
      await until(async () => (await this.#rows('work')).length === 0)
    }
    if (revokesToken) this.#service.revokes = 'token'
  }

  async #check({ rest, brings }: StoryStep, entryId: string): Promise<void> {
    const rows = await this.#rows()
    const isWaiting = rest.state === 'waiting'
    expect(rows.map(({ content }) => content.step)).toEqual(isWaiting ? ['waiting'] : [])
    expect(JSON.stringify(rows)).not.toContain('token-1')
    expect(this.#service.calls).toEqual(this.#expected)
    expect(await this.#process.store.getEntry(this.#names.home, entryId)).toBeUndefined()
    const { log } = this.#process.host
    const gaveUp = log.messages.filter((message) => message.includes('was not informed'))
    expect(gaveUp).toHaveLength(rest.state === 'given_up' ? 1 : 0)
    expect(JSON.stringify(log.lines)).not.toContain('token-1')
    // A removal that is skipped reaches the service with no further call.
    if (rest.state === 'skipped') expect(brings.at(-1)).toEqual({ work: 'findOwner', comes: 'linked' })
  }

  /** The stored removals, read past the plans of the process. */
  async #rows(name: 'home' | 'work' = 'home'): Promise<readonly RemovalRecord[]> {
    return (await this.#process.store.removals.list(this.#names[name], { limit: 9 })).items
  }
}

async function answerOf(comes: string | undefined, otherwise: () => Promise<void>): Promise<void> {
  if (comes === 'failed') throw new CannotConnectError()
  if (comes === 'refused') throw new InvalidAuthError()
  if (comes === undefined) await otherwise()
}
