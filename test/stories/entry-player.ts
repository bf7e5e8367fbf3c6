import { expect } from '@jest/globals'
import { DRAIN_TIMEOUT } from '../../machines/config-entry-setup.ts'
import { DEFAULT_LIMITS } from '../../src/engine/api/latchkey.ts'
import { type EntryRecord, InvalidAuthError, type ScopedLatchkey } from '../../src/index.ts'
import {
  fullDisk,
  type ScriptedClient,
  type Story,
  type StoryRest,
  type StoryStep,
} from '../../src/testing/index.ts'
import { atRest } from '../engine/host.ts'
import { answerOf } from './answers.ts'
import { EntryRivals, isRejected } from './entry-rivals.ts'
import { addEntry, mend, tokenOf } from './scene.ts'
import { type Start, WorkPlan } from './work-plan.ts'
import { soon, until, type World } from './world.ts'

const MINUTE = 60_000
const working = new Set([
  'migrating',
  'setup_in_progress.connecting',
  'loaded.probing',
  'reauth_required.recordingNeed',
  'migration_error.restoringOriginal',
])

/** The reason why a story cannot be played through the public API, or null. */
export function unplayableEntry({ steps }: Story): string | null {
  for (const { does, brings } of steps) {
    if (does === 'retry') return 'only a discovery sends it'
    if (does === 'authFailed' && brings.some(({ work, comes }) => work === null && comes === 'unload')) {
      return 'an unload waits for the probe'
    }
    const first = brings.find(({ work }) => work === 'setUpEntry')
    if (does === 'setupRejected' && first?.comes === 'rejected') return 'a requested retry happens'
  }
  return null
}

/** Plays one story of an entry in a separate scope, and checks everything after every step. */
export class EntryPlayer {
  readonly #world: World
  readonly #story: Story
  readonly #scope: string
  #entryId = ''
  #rivals: EntryRivals
  /** The state of the machine in this process, its number of steps, and `loaded` minus `unloaded`. */
  readonly #now = { stands: 'not_loaded', moves: 0, told: 0 }
  #client: ScriptedClient | null = null

  constructor(world: World, story: Story, scope: string) {
    this.#world = world
    this.#story = story
    this.#scope = scope
    this.#rivals = new EntryRivals(world, scope, '')
    world.service.accounts.set(this.#token('old'), 'me').set(this.#token('new'), 'me')
  }

  get #at(): ScopedLatchkey {
    return this.#world.scope(this.#scope)
  }

  async play(restarting: boolean): Promise<void> {
    this.#listen()
    this.#entryId = await addEntry(this.#at, this.#token('old'))
    this.#rivals = new EntryRivals(this.#world, this.#scope, this.#entryId)
    await this.#at.entries.unload(this.#entryId)
    let rest: StoryRest = { state: 'not_loaded', errors: {}, challenge: null, reason: null }
    for (const [index, step] of this.#story.steps.entries()) {
      if (restarting && index > 0) await this.#restart(rest)
      await this.#play(step)
      rest = step.rest
      await this.#check(rest)
    }
    // A process that follows the others comes to stand here, too.
    await this.#at.catchUp()
    await atRest()
    await this.#check(rest)
    expect(this.#world.store.clear()).toBe(0)
    expect(this.#world.complaints).toEqual([])
  }

  async clear(): Promise<void> {
    this.#world.stuck = false
    await this.#at.entries.remove(this.#entryId)
    await soon()
    expect(this.#world.service.open).toBe(0)
  }

  /** A new process sets the entry up, and the world is as it was: so the entry comes to stand where it stood. */
  async #restart(rest: StoryRest): Promise<void> {
    this.#world.stuck = false
    const { service } = this.#world
    const { state, reason } = rest
    const [top] = state.split('.')
    const held = (await this.#stored())?.version
    // A service that hung is one that cannot be reached.
    const again = reason === 'timeout' ? 'cannot_connect' : reason
    await this.#world.restart((store) => {
      this.#listen()
      if (state === 'setup_error')
        service.script(answerOf(again === 'wrong_account' ? 'another account' : 'setup_error'))
      else if (top === 'migration_error' && held === 2) service.script('setup_error')
      else if (state !== 'setup_retry') return
      else if (again === 'unknown') store.before('getEntry', 1, fullDisk)
      else service.script(answerOf(again ?? ''))
    })
    if (state === 'not_loaded') await this.#at.entries.unload(this.#entryId)
    if (state === 'failed_unload') await this.#unload([{ work: 'disposeConnection', comes: 'throws' }])
    if (state === 'loaded.settled') await this.#world.advance(MINUTE)
    if (state === 'loaded.probed') await this.#failing([{ work: 'probeEntry', comes: 'connected' }], rest)
    await this.#check({ ...rest, reason: again })
  }

  #listen(): void {
    const now = this.#now
    Object.assign(now, { stands: 'not_loaded', moves: 0, told: 0 })
    this.#at.on('transition', ({ machine, to }) => {
      if (machine === 'configEntry') Object.assign(now, { stands: to, moves: now.moves + 1 })
    })
    this.#at.on('entry_loaded', () => now.told++)
    this.#at.on('entry_unloaded', () => now.told--)
  }

  async #play({ does, brings, rest }: StoryStep): Promise<void> {
    const { entries } = this.#at
    const id = this.#entryId
    switch (does) {
      case 'setup':
        return this.#connecting(brings, { work: 'migrateEntry', reads: 1 }, () => entries.setup(id))
      case 'setupRejected':
        return this.#connecting(brings, { work: 'migrateEntry', reads: 3 }, () =>
          entries.reload(id, { retryRejected: true }),
        )
      case 'after retryBackoff':
        return this.#connecting(brings, { work: 'setUpEntry', reads: 0 }, () => this.#wait())
      case 'after livedLong':
      case 'after probeExpiry':
        await this.#world.advance(MINUTE)
        return
      case 'authFailed':
        return this.#failing(brings, rest)
      case 'adopt':
      case 'lost':
        return this.#meetEvent(does)
      case 'unload':
        return this.#unload(brings)
      case 'forceUnload':
        await entries.unload(id, { force: true })
        return
      case 'disable':
        await entries.disable(id)
        return
      case 'enable':
        // It is set up in the same call.
        await this.#rivals.settle({ version: 'current', rejected: false })
        expect(await entries.enable(id)).toMatchObject({ state: 'loaded' })
        return this.#unload([])
      default:
        throw new Error(`The player has no step "${does}".`)
    }
  }

  /** Unloads the entry: its client can be stuck, calls can go on, and a user can end the wait. */
  async #unload(brings: StoryStep['brings']): Promise<void> {
    const { entries } = this.#at
    const first = brings[0]?.comes
    const last = brings.at(-1)?.comes
    const isBusy = first === 'after drainTimeout' || first === 'forceUnload'
    const call = Promise.withResolvers<void>()
    if (isBusy) entries.use(this.#world.integration, this.#entryId, () => call.promise).catch(() => {})
    await soon()
    if (last === 'throws') this.#world.stuck = true
    else if (last === 'after disposeTimeout' || (last === 'forceUnload' && !isBusy))
      this.#world.stuck = 'hangs'
    const unloaded = entries.unload(this.#entryId)
    await soon()
    if (isBusy && first !== 'forceUnload') await this.#world.advance(DRAIN_TIMEOUT)
    if (last === 'after disposeTimeout') await this.#world.advance(DEFAULT_LIMITS.disposeTimeout)
    if (last === 'forceUnload') await entries.unload(this.#entryId, { force: true })
    await unloaded
    call.resolve()
    await soon()
  }

  /** The backoff elapses. */
  async #wait(): Promise<void> {
    const { moves } = this.#now
    await this.#world.advance(60 * MINUTE)
    await until(() => this.#now.moves > moves && !working.has(this.#now.stands))
  }

  /** A call that connects meets what the story brings. */
  async #connecting(brings: StoryStep['brings'], start: Start, call: () => Promise<unknown>): Promise<void> {
    const comes = (work: string) => brings.find((invocation) => invocation.work === work)?.comes
    const retried = start.reads === 3
    const connect = comes('setUpEntry')
    const first = brings.find(({ work }) => work !== null)
    await this.#rivals.settle({
      version: first?.work === 'migrateEntry' && first.comes === 'failed' ? 'failed' : 'current',
      ...(connect !== 'rejected' && connect !== undefined && !retried && { rejected: false }),
    })
    const plan = new WorkPlan(this.#world, brings, start, (what) => this.#rivals.meet(what))
    const failed = call().then(
      () => null,
      (error: unknown) => error,
    )
    const error = await plan.through(failed, (what) => this.#meetEvent(what))
    if (this.#rivals.removed !== null && start.reads > 0)
      expect(error).toMatchObject({ code: 'UNKNOWN_ENTRY' })
    else expect(error).toBeNull()
  }

  /** A call meets an authentication failure, and runs again if there is a connection. */
  async #failing(brings: StoryStep['brings'], { state }: StoryRest): Promise<void> {
    const plans: WorkPlan[] = []
    const call = this.#use(() => {
      const start = { work: 'probeEntry', reads: 1 } as const
      plans.push(new WorkPlan(this.#world, brings, start, (what) => this.#rivals.meet(what)))
    }).catch((error: unknown) => error)
    await until(() => plans.length > 0)
    const answer = await plans[0]?.through(call, (what) => this.#meetEvent(what))
    const [top] = state.split('.')
    if (top === 'loaded') expect(answer).toBe('done')
    else if (top === 'reauth_required') expect(answer).toMatchObject({ code: 'REAUTH_REQUIRED' })
    else if (this.#rivals.removed !== null) expect(answer).toMatchObject({ code: 'UNKNOWN_ENTRY' })
    else expect(answer).toMatchObject({ code: 'ENTRY_NOT_LOADED', state: top })
  }

  /** A call that meets an authentication failure once. */
  #use(fails: () => void): Promise<string> {
    let first = true
    return this.#at.entries.use(this.#world.integration, this.#entryId, (client) => {
      if (!first) return 'done'
      first = false
      this.#client = client
      fails()
      throw new InvalidAuthError()
    })
  }

  /** The events of an entry, waiting or working. */
  async #meetEvent(what: string): Promise<void> {
    const { entries } = this.#at
    if (what === 'unload') await entries.unload(this.#entryId)
    else if (what === 'adopt') {
      // Only values that the integration can read are repaired.
      if (this.#now.stands.endsWith('waitingForCorrection')) await this.#rivals.settle({ version: 'current' })
      await mend(this.#at, this.#entryId, this.#token('new'))
    } else if (what === 'authFailed') {
      // It joins the probe that is under way.
      const failed: boolean[] = []
      this.#use(() => failed.push(true)).catch(() => {})
      await until(() => failed.length > 0)
      await soon()
    } else {
      if (!working.has(this.#now.stands)) {
        await entries.use(this.#world.integration, this.#entryId, (client) => {
          this.#client = client
        })
      }
      this.#client?.drop()
    }
  }

  async #check({ state, reason }: StoryRest): Promise<void> {
    await soon()
    const [top] = state.split('.')
    if (this.#rivals.removed !== null) {
      await expect(this.#at.entries.get(this.#entryId)).rejects.toMatchObject({ code: 'UNKNOWN_ENTRY' })
      await this.#rivals.putBack()
    }
    expect(await this.#at.entries.get(this.#entryId)).toMatchObject({ state: top, reason })
    expect(this.#now.stands).toBe(state)
    const running = top === 'loaded' ? 1 : 0
    expect(this.#world.service.open).toBe(running)
    expect(this.#now.told).toBe(running)
    if (running === 1) {
      const account = (client: ScriptedClient) => client.account
      expect(await this.#at.entries.use(this.#world.integration, this.#entryId, account)).toBe('me')
    }
    const stored = await this.#stored()
    expect(stored?.disabled).toBe(state === 'disabled')
    if (running === 1) expect(stored).toMatchObject({ reauth: null, rejectedRevision: null })
    const waits = state === 'reauth_required.waiting'
    if (waits) expect([stored?.reauth?.reason, isRejected(stored)]).toEqual(['invalid_auth', true])
    const list = await this.#at.attention.list()
    const failure = stored?.setupFailure?.retryAt === null ? stored.setupFailure.reason : null
    if (state === 'setup_error') expect(failure).toBe(reason)
    const isStuck = top === 'migration_error' || (stored?.migrationError ?? null) !== null
    const why = stored?.reauth?.reason ?? (isStuck ? 'migration_error' : failure)
    expect(list.map((item) => item.reason)).toEqual(why === null || state === 'disabled' ? [] : [why])
    if (waits) expect(list[0]?.flowId).toEqual(expect.any(String))
  }

  #stored(): Promise<EntryRecord | undefined> {
    return this.#world.row(this.#scope, this.#entryId)
  }

  #token(kind: string): string {
    return tokenOf(this.#scope, kind)
  }
}
