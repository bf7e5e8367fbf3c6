import { expect } from '@jest/globals'
import { CannotConnectError, type EntryRecord, InvalidAuthError, RateLimitedError } from '../../src/index.ts'
import type { Story, StoryStep, StoryTurn } from '../../src/testing/index.ts'
import type { SubentryAbout } from '../../src/testing/subentry-stories.ts'
import { CommitRivals, type Saving } from './commit-rivals.ts'
import { unplayable } from './flow-telling.ts'
import { FlowWalk, MINUTE } from './flow-walk.ts'
import { addEntry, refuse } from './scene.ts'
import type { Rooms } from './subentry-rooms.ts'
import { until, type World } from './world.ts'

/** The limit of sub-entries per entry. */
const FULL = 100

/** The reason why a story of a sub-entry cannot be played through the public API, or null. */
export function unplayableSubentry(story: Story<SubentryAbout>): string | null {
  const turns = story.steps.flatMap(({ brings }) => brings)
  const meets = (comes: string, work?: string) =>
    turns.some((invocation) => invocation.comes === comes && (work ?? invocation.work) === invocation.work)
  if (meets('throws', 'checkSubentry')) return 'the engine turns every result of check into a value'
  if (story.source === 'subentry changed' && meets('full')) return 'what is there already needs no room'
  if (story.source === 'subentry added') {
    if (meets('unchanged') || meets('changed')) return 'a new one is nothing yet that could be changed'
  } else if (
    turns.some(({ comes }, index) => comes === 'unchanged' && turns[index - 1]?.comes === 'outdated')
  ) {
    return 'an unchanged sub-entry is not written, so there is no conflict'
  }
  return unplayable(story)
}

/** Plays one story of the flow that adds or changes a room of an entry. */
export class SubentryPlayer extends FlowWalk<SubentryAbout> {
  readonly #rooms: Rooms
  /** The current titles of the sub-entries, and whether the entry exists, is loaded and needs attention. */
  readonly #now = { names: [] as readonly string[], exists: true, running: true, needs: 0 }
  #subentryId: string | null = null

  constructor(world: World, story: Story<SubentryAbout>, { scope, rooms }: { scope: string; rooms: Rooms }) {
    super(world, story, scope)
    this.#rooms = rooms
  }

  protected async prepare(): Promise<void> {
    this.#rooms.script(null)
    this.entryId = await addEntry(this.at, this.token('old'))
    if (this.story.source === 'subentry added') return
    const { flows, entries } = this.at
    const form = await flows.start({ source: 'subentry', entryId: this.entryId, type: 'room' })
    await flows.submit(form.flowId, { name: 'Loft' }, form)
    this.#subentryId = (await entries.get(this.entryId)).subentries[0]?.subentryId ?? ''
    this.#now.names = ['Loft']
  }

  protected async step({ does, brings }: StoryStep): Promise<void> {
    if (does === 'start') return this.#start(brings[0]?.comes ?? '')
    if (does === 'submit') return this.#submit(brings)
    if (does === 'reject') {
      this.view = await this.at.flows.submit(this.flowId, { name: '' }, this.revision)
      return
    }
    if (!(await this.common(does))) throw new Error(`The player has no step "${does}".`)
    this.#meet(does)
  }

  async #start(found: string): Promise<void> {
    if (found === 'full') await new CommitRivals(this.world, this.#saving, []).writeRow('full')
    const { entryId } = this
    const about = this.#subentryId === null ? { type: 'room' } : { subentryId: this.#subentryId }
    await this.open({ source: 'subentry', entryId, ...about }, found)
    this.#meet(found)
  }

  async #submit([checked, ...saves]: readonly StoryTurn[]): Promise<void> {
    const { world } = this
    const comes = saves.map((invocation) => invocation.comes)
    const name = comes[0] === 'unchanged' ? 'Loft' : 'Hall'
    if (checked?.comes !== 'named') await this.#check(checked, name)
    else {
      let rivals: CommitRivals | null = null
      // The checked sub-entry is saved next: the commit is the next reader of the entry.
      this.#rooms.script((_, named) => {
        rivals ??= new CommitRivals(world, this.#saving, comes[0] === 'unchanged' ? [] : comes)
        return named
      })
      const asked = world.service.connects.length
      this.view = await this.at.flows.submit(this.flowId, { name }, this.revision)
      const isSaved = comes.includes('saved')
      // The check needs no login. The entry reloads with the sub-entry.
      expect(world.service.connects).toHaveLength(asked + (isSaved ? 1 : 0))
      for (const what of (rivals as CommitRivals | null)?.met ?? []) this.#meet(what)
      if (isSaved) this.#now.names = [name]
    }
    this.#rooms.script(null)
  }

  /** Checks a sub-entry that is refused. */
  async #check(checked: StoryTurn | undefined, name: string): Promise<void> {
    const { world, scope, entryId, flowId } = this
    const { comes = '', work } = checked ?? {}
    const rivals = new CommitRivals(world, this.#saving, [])
    const isWritten = work !== null && (comes === 'missing' || comes === 'disabled')
    if (isWritten) world.store.after('beginWork', 1, () => rivals.writeRow(comes))
    if (comes === 'reauth_required') await refuse(world, scope, entryId, this.token('old'))
    if (comes === 'entry_not_loaded') await this.#drop()
    const tried = this.#rooms.tried
    this.#rooms.script((signal) => this.#answer(work === null ? 'interrupted' : comes, signal))
    const submitted = this.at.flows.submit(flowId, { name }, this.revision)
    if (work === null || comes === 'timeout') await until(() => this.#rooms.tried > tried)
    if (comes === 'timeout') await world.advance(MINUTE / 2)
    if (work === null && !(await this.common(comes)))
      throw new Error(`The player has no interruption "${comes}".`)
    this.view = await submitted
    this.#meet(comes)
  }

  #answer(comes: string, signal: AbortSignal) {
    if (comes === 'refused') return { error: 'invalid_value', field: 'name' }
    if (comes === 'cannot_connect') throw new CannotConnectError()
    if (comes === 'invalid_auth') throw new InvalidAuthError()
    if (comes === 'rate_limited') throw new RateLimitedError(60)
    if (comes === 'unknown') throw new Error('The service is on fire.')
    return new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
  }

  /** Drops the connection of the entry, which schedules a setup. */
  async #drop(): Promise<void> {
    const { world, at, entryId } = this
    await at.entries.use(world.integration, entryId, (client) => client.drop())
    await until(async () => (await at.entries.get(entryId)).state === 'setup_retry')
  }

  get #saving(): Saving {
    const { scope, entryId, flowId } = this
    const room = (name: string) => ({
      subentryId: name,
      type: 'room',
      title: name,
      uniqueId: name.toLowerCase(),
      data: { name },
      sealed: null,
      revision: 1,
    })
    type Items = NonNullable<EntryRecord['subentries']>['items']
    const row =
      (change: (items: Items) => Items) =>
      ({ subentries = { revision: 0, items: [] } }: EntryRecord) => {
        const items = change(subentries.items)
        this.#now.names = items.map(({ title }) => title)
        return { subentries: { revision: subentries.revision + 1, items } }
      }
    const rows = {
      taken: row((items) => [...items, room('Hall')]),
      changed: row((items) => items.map((item) => ({ ...item, revision: item.revision + 1 }))),
      full: row(() => Array.from({ length: FULL }, (_, index) => room(`Room ${index}`))),
    }
    return { scope, entryId, flowId, rows }
  }

  #meet(what: string): void {
    if (what === 'missing' || what === 'entryRemoved') {
      Object.assign(this.#now, { exists: false, running: false, names: [] })
    }
    if (what === 'disabled' || what === 'entryDisabled') this.#now.running = false
    if (what === 'entry_not_loaded') this.#now.running = false
    if (what === 'reauth_required') Object.assign(this.#now, { running: false, needs: 1 })
  }

  protected async checkRest(): Promise<void> {
    const { names, exists, running, needs } = this.#now
    const entry = await this.stored()
    const titles = entry?.subentries?.items.map(({ title }) => title)
    expect(titles ?? []).toEqual(names)
    // Nothing of the entry's own credential is touched.
    expect(entry?.credentialRevision).toBe(exists ? 1 : undefined)
    expect(await this.at.attention.list()).toHaveLength(needs)
    if (!running) return
    await this.at.entries.use(this.world.integration, this.entryId, (client) => client.ping())
    expect(this.world.handed.map(({ title }) => title)).toEqual(names)
    expect(this.world.service.open).toBe(1)
  }
}
