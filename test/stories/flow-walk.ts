import { expect } from '@jest/globals'
import type { EntryRecord, ScopedLatchkey, StartRequest, View } from '../../src/index.ts'
import { fullDisk, type Story, type StoryStep } from '../../src/testing/index.ts'
import { seen, told } from './flow-telling.ts'
import { tokenOf } from './scene.ts'
import { soon, until, type World } from './world.ts'

export const MINUTE = 60_000

/** Plays one story of a flow in a separate scope. Subclasses add the steps of their source. */
export abstract class FlowWalk<About extends string> {
  protected readonly world: World
  protected readonly story: Story<About>
  protected readonly scope: string
  protected entryId = ''
  protected flowId = ''
  protected view: View | null = null

  constructor(world: World, story: Story<About>, scope: string) {
    this.world = world
    this.story = story
    this.scope = scope
    const { accounts } = world.service
    for (const [kind, account] of Object.entries({ old: 'me', new: 'me', rival: 'me', another: 'another' }))
      accounts.set(this.token(kind), account)
  }

  protected get at(): ScopedLatchkey {
    return this.world.scope(this.scope)
  }

  protected get revision(): { readonly revision: number } {
    return { revision: this.view?.revision ?? 0 }
  }

  async play(restarting: boolean): Promise<void> {
    await this.prepare()
    for (const [index, step] of this.story.steps.entries()) {
      if (restarting && index > 0) await this.#restart()
      await this.step(step)
      await this.#check(step)
    }
    expect(this.world.store.clear()).toBe(0)
    expect(this.world.complaints).toEqual([])
  }

  /** Leaves nothing behind that costs the next story anything. */
  async clear(): Promise<void> {
    for (const ignored of [false, true]) {
      const { items } = await this.at.entries.list({ ignored })
      for (const { entryId } of items) await this.at.entries.remove(entryId)
    }
    for (const { flowId } of (await this.at.flows.list()).items) await this.at.flows.cancel(flowId)
    // An entry that another process removed stays loaded here until its next use. The end of the process closes it.
    await this.world.restart()
    expect(this.world.service.open).toBe(0)
  }

  /** Prepares the state before the flow. */
  protected abstract prepare(): Promise<void>

  /** Plays a step that depends on the source. */
  protected abstract step(step: StoryStep): Promise<void>

  /** Checks the state after every step, in addition to the view. */
  protected abstract checkRest(): Promise<void>

  /** Opens a flow about the entry, which is found as the story tells. */
  protected async open(request: StartRequest, found: string): Promise<void> {
    const { flows, entries } = this.at
    if (found === 'missing') {
      await entries.remove(this.entryId)
      await expect(flows.start(request)).rejects.toMatchObject({ code: 'UNKNOWN_ENTRY' })
    } else if (found === 'throws') {
      this.world.store.before('getEntry', 1, fullDisk)
      await expect(flows.start(request)).rejects.toMatchObject({ code: 'STORE' })
    } else {
      if (found === 'disabled') await entries.disable(this.entryId)
      const { joined: _, ...view } = await flows.start(request)
      this.view = view
      // One that has ended at once was never kept: there is nothing to look at again.
      if (found === 'found') this.flowId = this.view.flowId
    }
  }

  /** Plays a step that every open flow has. @returns false for another step */
  protected async common(does: string): Promise<boolean> {
    const { flows, entries } = this.at
    if (does === 'cancel') this.view = await flows.cancel(this.flowId)
    else if (does === 'back') this.view = await flows.back(this.flowId, this.revision)
    else if (does === 'expire') await this.#wait(25 * 60 * MINUTE)
    else if (does === 'expireDraft') await this.#wait(10 * MINUTE)
    else if (does === 'entryRemoved') await entries.remove(this.entryId)
    else if (does === 'entryDisabled') await entries.disable(this.entryId)
    else return false
    this.view = await flows.get(this.flowId)
    return true
  }

  protected token(kind: string): string {
    return tokenOf(this.scope, kind)
  }

  protected stored(entryId = this.entryId): Promise<EntryRecord | undefined> {
    return this.world.row(this.scope, entryId)
  }

  /** Called after a restart. */
  protected async restarted(): Promise<void> {}

  async #restart(): Promise<void> {
    await this.world.restart()
    await this.restarted()
    if (this.view === null) return
    const { view } = this
    const after = await this.at.flows.get(this.flowId)
    expect(after).toEqual('entryState' in view ? { ...view, entryState: expect.any(String) } : view)
    await this.checkRest()
  }

  async #wait(milliseconds: number): Promise<void> {
    const { revision } = this.revision
    await this.world.advance(milliseconds)
    await until(async () => (await this.at.flows.get(this.flowId)).revision !== revision)
  }

  async #check({ rest }: StoryStep): Promise<void> {
    const { view } = this
    if (view !== null) {
      expect(seen(view)).toEqual(told(rest))
      if (this.flowId !== '') expect(await this.at.flows.get(this.flowId)).toEqual(view)
    }
    await soon()
    await this.checkRest()
  }
}
