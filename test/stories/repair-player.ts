import { expect } from '@jest/globals'
import type { StoryStep, StoryTurn } from '../../src/testing/index.ts'
import { answerOf } from './answers.ts'
import { CommitRivals } from './commit-rivals.ts'
import { FlowWalk } from './flow-walk.ts'
import { addEntry, refuse } from './scene.ts'

const domain = 'scripted'

/** Plays one story of a new link whose account has an entry that needs a new credential. */
export class RepairPlayer extends FlowWalk<'user' | 'import'> {
  /** Whether the entry exists, needs a new credential, and has the one of the flow. */
  readonly #now = { exists: true, needs: true, repaired: false }

  protected async prepare(): Promise<void> {
    this.entryId = await addEntry(this.at, this.token('old'))
    await refuse(this.world, this.scope, this.entryId, this.token('old'))
  }

  protected async step({ does, brings }: StoryStep): Promise<void> {
    const { flows } = this.at
    if (does === 'start' && this.story.source === 'user') {
      this.view = await flows.start({ domain, source: 'user' })
      this.flowId = this.view.flowId
      return
    }
    if (does === 'start') {
      const input = this.#connecting()
      const start = () => flows.start({ domain, source: 'import', input })
      this.view = await this.#saving(brings.slice(2), { reads: 1, writes: 1 }, start)
      return
    }
    if (does === 'submit') {
      this.view = await flows.submit(this.flowId, this.#connecting(), this.revision)
      return
    }
    if (does === 'confirm') {
      const repair = () => flows.submit(this.flowId, {}, this.revision)
      const logins = this.world.service.connects.length
      this.view = await this.#saving(brings, { reads: 0 }, repair)
      // The verified connection is saved without another login.
      expect(this.world.service.connects).toHaveLength(logins)
      return
    }
    if (!(await this.common(does))) throw new Error(`The player has no step "${does}".`)
    this.#meet(does)
  }

  /** The next login succeeds. @returns its input */
  #connecting() {
    this.world.service.script(answerOf('connected'))
    return { host: 'hub', token: this.token('new') }
  }

  async #saving<View>(
    brings: readonly StoryTurn[],
    before: { readonly reads: number; readonly writes?: number },
    save: () => Promise<View>,
  ): Promise<View> {
    const comes = brings.map((turn) => turn.comes)
    const { scope, entryId, flowId } = this
    const rows = { repaired: () => ({ reauth: null, rejectedRevision: null }) }
    const rivals = new CommitRivals(this.world, { scope, entryId, flowId, rows, ...before }, comes)
    const view = await save()
    for (const what of rivals.met) this.#meet(what)
    if (comes.includes('updated')) Object.assign(this.#now, { needs: false, repaired: true })
    return view
  }

  #meet(what: string): void {
    if (what === 'missing' || what === 'entryRemoved')
      Object.assign(this.#now, { exists: false, needs: false })
    if (what === 'disabled' || what === 'entryDisabled' || what === 'repaired') this.#now.needs = false
  }

  protected async checkRest(): Promise<void> {
    const { exists, needs, repaired } = this.#now
    const entry = await this.stored()
    expect(entry?.uniqueId).toBe(exists ? 'me' : undefined)
    if (repaired) expect(entry).toMatchObject({ credentialRevision: 2, reauth: null })
    const items = await this.at.attention.list()
    expect(items.map(({ entryId }) => entryId)).toEqual(needs ? [this.entryId] : [])
    const asks = this.view !== null && 'step' in this.view && this.view.step === 'repair_confirm'
    // The connection of the entry, or the one that waits for the confirmation.
    expect(this.world.service.open).toBe(repaired || asks ? 1 : 0)
    if (repaired)
      expect(await this.at.entries.use(this.world.integration, this.entryId, ({ account }) => account)).toBe(
        'me',
      )
  }
}
