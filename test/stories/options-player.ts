import { expect } from '@jest/globals'
import * as z from 'zod'
import type { StoryStep } from '../../src/testing/index.ts'
import { CommitRivals } from './commit-rivals.ts'
import { FlowWalk } from './flow-walk.ts'
import { addEntry } from './scene.ts'

/** The options that a user sets in a story. */
export const options = z.object({ every: z.int().min(1).default(60) })

/** Plays one story of the flow that changes options. */
export class OptionsPlayer extends FlowWalk<'options'> {
  /** The current options, and whether the entry exists and is loaded. */
  readonly #now = { every: undefined as number | undefined, exists: true, running: true }

  protected async prepare(): Promise<void> {
    this.entryId = await addEntry(this.at, this.token('old'))
  }

  protected async step({ does, brings }: StoryStep): Promise<void> {
    const comes = brings.map((invocation) => invocation.comes)
    if (does === 'start') {
      await this.open({ source: 'options', entryId: this.entryId }, comes[0] ?? '')
      return this.#meet(comes[0] ?? '')
    }
    if (does === 'submit') return this.#submit(comes)
    if (does === 'reject') {
      this.view = await this.at.flows.submit(this.flowId, { every: 0 }, this.revision)
      return
    }
    await this.common(does)
    this.#meet(does === 'entryRemoved' ? 'missing' : does === 'entryDisabled' ? 'disabled' : '')
  }

  async #submit(comes: readonly string[]): Promise<void> {
    const saving = { scope: this.scope, entryId: this.entryId, flowId: this.flowId, options: { every: 5 } }
    const rivals = new CommitRivals(this.world, saving, comes)
    const asked = this.world.service.connects.length
    this.view = await this.at.flows.submit(this.flowId, { every: 5 }, this.revision)
    for (const what of rivals.met) this.#meet(what)
    const isSaved = comes.includes('saved') || comes.includes('updated')
    if (isSaved || comes.includes('unchanged')) this.#now.every = 5
    // A change of options needs no login. The entry reloads with them.
    expect(this.world.service.connects).toHaveLength(asked + (isSaved ? 1 : 0))
  }

  #meet(what: string): void {
    if (what === 'missing') Object.assign(this.#now, { exists: false, running: false })
    if (what === 'disabled') this.#now.running = false
  }

  protected async checkRest(): Promise<void> {
    const { every, exists, running } = this.#now
    const entry = await this.stored()
    expect(entry?.options).toEqual(exists ? { ...(every !== undefined && { every }) } : undefined)
    if (exists) expect(entry).toMatchObject({ credentialRevision: 1, reauth: null, disabled: !running })
    expect(await this.at.attention.list()).toEqual([])
    if (!running) return
    const set = this.at.entries.use(this.world.integration, this.entryId, (_, context) => context.options)
    expect(await set).toEqual({ every: every ?? 60 })
    expect(this.world.service.open).toBe(1)
  }
}
