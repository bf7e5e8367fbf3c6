import { expect } from '@jest/globals'
import * as z from 'zod'
import { AbortFlowError, CannotConnectError } from '../../src/index.ts'
import type { ChoicesAbout } from '../../src/testing/choice-stories.ts'
import { fullDisk, type Story, type StoryStep } from '../../src/testing/index.ts'
import { FlowWalk } from './flow-walk.ts'
import { addEntry } from './scene.ts'
import { until, type World } from './world.ts'

/** The calendars that an entry offers. A story scripts the next answer. */
export class Calendars {
  /** The number of calls. */
  asked = 0
  /** The outcome of the next calls; null for one that is never answered. */
  next: string | null = 'listed'

  /** The options and sub-entries of an integration, with pages and choices. */
  readonly parts = {
    options: z.object({ calendar: z.string().optional(), every: z.int().min(1).default(60) }),
    optionsPages: { calendar: ['calendar'], every: ['every'] },
    optionsChoices: { calendar: (_: unknown, context: Asking) => this.#list(context) },
    subentries: {
      room: {
        title: 'Room',
        fields: z.object({ calendar: z.string().optional(), name: z.string().min(1) }),
        pages: { calendar: ['calendar'], name: ['name'] },
        choices: { calendar: (_: unknown, context: Asking) => this.#list(context) },
        check: async ({ name }: Record<string, unknown>, { signal }: Asking) => {
          this.asked++
          if (this.next === null) await aborted(signal)
          return { title: String(name), uniqueId: String(name) }
        },
      },
    },
  }

  async #list({ signal }: Asking): Promise<Record<string, string>> {
    this.asked++
    if (this.next === null) await aborted(signal)
    if (this.next === 'cannot_connect') throw new CannotConnectError()
    if (this.next === 'no_api') throw new AbortFlowError('no_api')
    return { work: 'Work', home: 'Home' }
  }
}

interface Asking {
  readonly signal: AbortSignal
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })

/** Plays one story of options or a new sub-entry whose first page has choices of the service. */
export class ChoicesPlayer extends FlowWalk<ChoicesAbout> {
  readonly #calendars: Calendars
  readonly #now = { exists: true, running: true, saved: false, calendar: undefined as string | undefined }

  constructor(
    world: World,
    story: Story<ChoicesAbout>,
    { scope, calendars }: { scope: string; calendars: Calendars },
  ) {
    super(world, story, scope)
    this.#calendars = calendars
  }

  protected async prepare(): Promise<void> {
    this.#calendars.next = 'listed'
    this.entryId = await addEntry(this.at, this.token('old'))
  }

  protected async step({ does, brings }: StoryStep): Promise<void> {
    const { flows } = this.at
    const comesOf = (of: string | null) => brings.find(({ work }) => work === of)?.comes
    const found = comesOf('findChoices')
    const interrupted = comesOf(null)
    this.#calendars.next = interrupted === undefined ? (found ?? 'listed') : null
    if (found !== undefined) await this.#load(found !== 'entry_not_loaded')
    if (does === 'start') {
      const { source } = this.story
      const { entryId } = this
      const about = source === 'options' ? { source, entryId } : { source, entryId, type: 'room' }
      // A flow that ends at once is not stored.
      return this.open(about, found === 'no_api' ? 'ended' : 'found')
    }
    if (does === 'reject') {
      this.view = await flows.submit(this.flowId, this.#input(false), this.revision)
      return
    }
    if (does !== 'submit' && does !== 'retry') return this.#meet(does)
    if (brings.some(({ comes }) => comes === 'throws')) this.world.store.before('apply', 1, fullDisk)
    const { asked } = this.#calendars
    const input = this.#input(true)
    const going =
      does === 'retry'
        ? flows.retry(this.flowId, this.revision)
        : flows.submit(this.flowId, input, this.revision)
    if (interrupted !== undefined) {
      await until(() => this.#calendars.asked > asked)
      await this.#meet(interrupted)
    }
    this.view = await going
    if ('calendar' in input) this.#now.calendar = input.calendar
    if (brings.some(({ comes }) => comes === 'saved')) this.#now.saved = true
  }

  /** An event that every open flow has. */
  async #meet(does: string): Promise<void> {
    if (!(await this.common(does))) throw new Error(`The player has no step "${does}".`)
    if (does === 'entryRemoved') Object.assign(this.#now, { exists: false, running: false })
    if (does === 'entryDisabled') this.#now.running = false
    // The input of the first page is dropped with the draft.
    if (does === 'expireDraft') this.#now.calendar = undefined
  }

  /** Loads the entry, or drops its connection. */
  async #load(isLoaded: boolean): Promise<void> {
    const { at, world, entryId } = this
    if (isLoaded === this.#now.running) return
    if (isLoaded) await at.entries.reload(entryId)
    else {
      await at.entries.use(world.integration, entryId, (client) => client.drop())
      await until(async () => (await at.entries.get(entryId)).state === 'setup_retry')
    }
    this.#now.running = isLoaded
  }

  #input(isRight: boolean): { readonly calendar?: string } | object {
    const isFirst = this.view?.type === 'form' && this.view.order.includes('calendar')
    if (!isFirst)
      return this.story.source === 'options' ? { every: isRight ? 5 : 0 } : { name: isRight ? 'Hall' : '' }
    if (!isRight) return { calendar: 'made up' }
    // Without the list, there is nothing to choose.
    return this.view?.type === 'form' && this.view.mayRetry === true ? {} : { calendar: 'home' }
  }

  protected override async restarted(): Promise<void> {
    const entry = await this.stored()
    this.#now.running = entry?.disabled === false
  }

  protected async checkRest(): Promise<void> {
    const { exists, running, saved, calendar } = this.#now
    const entry = await this.stored()
    const chosen = calendar !== undefined && { calendar }
    const { source } = this.story
    expect(entry?.options).toEqual(
      exists ? (saved && source === 'options' ? { ...chosen, every: 5 } : {}) : undefined,
    )
    const rooms = entry?.subentries?.items.map(({ data }) => data) ?? []
    expect(rooms).toEqual(saved && source === 'subentry' && exists ? [{ ...chosen, name: 'Hall' }] : [])
    const { view } = this
    if (view?.type === 'form') {
      const isListed = view.order.includes('calendar') && view.schema.properties.calendar?.oneOf !== undefined
      expect(view.mayRetry === true).toBe(view.order.includes('calendar') && !isListed)
    }
    expect(await this.at.attention.list()).toEqual([])
    if (running) expect(this.world.service.open).toBe(1)
  }
}
