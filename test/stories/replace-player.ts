import { expect } from '@jest/globals'
import type { StoryStep, StoryTurn } from '../../src/testing/index.ts'
import { answerOf } from './answers.ts'
import { CommitRivals } from './commit-rivals.ts'
import { FlowWalk, MINUTE } from './flow-walk.ts'
import { addEntry } from './scene.ts'
import { until } from './world.ts'

type Brings = readonly StoryTurn[]

/** Plays one story of the flow that replaces the account of an entry. */
export class ReplacePlayer extends FlowWalk<'replace'> {
  /** The current account, and whether the entry exists and is loaded. */
  readonly #now = { account: 'me', exists: true, running: true }

  protected async prepare(): Promise<void> {
    this.entryId = await addEntry(this.at, this.token('old'))
  }

  protected async step({ does, brings }: StoryStep): Promise<void> {
    const { flows } = this.at
    if (does === 'start') {
      const found = brings[0]?.comes ?? ''
      await this.open({ source: 'replace', entryId: this.entryId }, found)
      return this.#meet(found)
    }
    if (does === 'submit') return this.#submit(brings)
    if (does === 'replace') return this.#replace(brings)
    if (does === 'reject') {
      const input = this.#asksForCode ? { code: '' } : { host: 'hub', token: '' }
      this.view = await flows.submit(this.flowId, input, this.revision)
      return
    }
    if (!(await this.common(does))) throw new Error(`The player has no step "${does}".`)
    this.#meet(does)
  }

  async #submit([checked]: Brings): Promise<void> {
    const { service } = this.world
    const { flows } = this.at
    const comes = checked?.comes ?? ''
    const isInterrupted = checked?.work === null
    if (this.view?.type === 'form' && this.view.errors.base?.code === 'rate_limited')
      await this.world.advance(MINUTE)
    const asked = service.connects.length
    service.script(isInterrupted ? { held: { connect: 'another' } } : answerOf(comes))
    const token = this.token(comes === 'another account' ? 'another' : 'new')
    const input = this.#asksForCode ? { code: '123456' } : { host: 'hub', token }
    const submitted = flows.submit(this.flowId, input, this.revision)
    if (isInterrupted || comes === 'timeout') await until(() => service.connects.length > asked)
    if (comes === 'timeout') await this.world.advance(MINUTE / 2)
    if (isInterrupted) {
      if (!(await this.common(comes))) throw new Error(`The player has no interruption "${comes}".`)
      this.#meet(comes)
    }
    this.view = await submitted
    service.release()
    expect(service.connects).toHaveLength(asked + 1)
  }

  async #replace(brings: Brings): Promise<void> {
    const comes = brings.map((invocation) => invocation.comes)
    const { scope, entryId, flowId } = this
    const saving = { scope, entryId, flowId, account: 'another', reads: 0 }
    const rivals = new CommitRivals(this.world, saving, comes)
    const asked = this.world.service.connects.length
    this.view = await this.at.flows.choose(flowId, 'replace', this.revision)
    for (const what of rivals.met) this.#meet(what)
    if (comes.includes('updated')) this.#now.account = 'another'
    // The verified connection is saved without another login.
    expect(this.world.service.connects).toHaveLength(asked)
  }

  get #asksForCode(): boolean {
    return this.view?.type === 'form' && this.view.step === 'challenge'
  }

  #meet(what: string): void {
    if (what === 'missing' || what === 'entryRemoved')
      Object.assign(this.#now, { exists: false, running: false })
    if (what === 'disabled' || what === 'entryDisabled') this.#now.running = false
  }

  protected async checkRest(): Promise<void> {
    const { account, exists, running } = this.#now
    const entry = await this.stored()
    expect(entry?.uniqueId).toBe(exists ? account : undefined)
    expect(await this.at.attention.list()).toEqual([])
    if (!running) return
    // There are two connections: the one of the entry, and the one that waits for a confirmation.
    expect(this.world.service.open).toBe(this.view?.type === 'menu' ? 2 : 1)
    const call = this.at.entries.use(this.world.integration, this.entryId, (client) => client.account)
    if (entry?.revision === 1 || account === 'another') expect(await call).toBe(account)
    else await call
  }
}
