import { expect } from '@jest/globals'
import {
  AbortFlowError,
  CannotConnectError,
  InvalidAuthError,
  type Secret,
  WrongAccountError,
} from '../../src/index.ts'
import type { EntryChoicesAbout } from '../../src/testing/choice-stories.ts'
import { type Answer, fullDisk, type Story, type StoryStep } from '../../src/testing/index.ts'
import { answerOf } from './answers.ts'
import { unplayable } from './flow-telling.ts'
import { FlowWalk, MINUTE } from './flow-walk.ts'
import { until, type World } from './world.ts'

/** The hubs that the token of a form can use. A story scripts the next answer. */
export class Hubs {
  /** The tokens of the calls. */
  readonly asked: string[] = []
  /** The outcome of the next calls; null for one that is never answered. */
  next: string | null = 'listed'

  /** An integration whose second page has choices. */
  readonly parts = {
    reauth: ['token', 'host'] as const,
    choices: {
      host: async ({ token }: { readonly token?: Secret }, { signal }: { readonly signal: AbortSignal }) => {
        this.asked.push(token?.reveal() ?? '')
        if (this.next === null)
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        if (this.next === 'cannot_connect') throw new CannotConnectError()
        if (this.next === 'invalid_auth') throw new InvalidAuthError()
        if (this.next === 'no_api') throw new AbortFlowError('no_api')
        return { hub: 'Hub', other: 'Other hub' }
      },
    },
  }
}

/** The reason why a story cannot be played through the public API, or null. */
export const unplayableChoices = (story: Story<EntryChoicesAbout>): string | null =>
  story.source === 'user' ? null : unplayable(story)

/** Whether a story continues after it has asked for a confirmation. */
export const confirms = ({ steps }: Story<EntryChoicesAbout>): boolean =>
  steps.slice(0, -1).some(({ rest }) => rest.state === 'asking.replace_confirm')

/** Plays one story of a flow whose second page has choices that the service provides for the input of the first one. */
export class EntryChoicesPlayer extends FlowWalk<EntryChoicesAbout> {
  readonly #hubs: Hubs
  /** The stored values of the entry, and whether it is loaded. */
  readonly #now = { host: null as string | null, account: 'me', running: false }

  constructor(world: World, story: Story<EntryChoicesAbout>, { scope, hubs }: { scope: string; hubs: Hubs }) {
    super(world, story, scope)
    this.#hubs = hubs
  }

  protected async prepare(): Promise<void> {
    this.#hubs.next = 'listed'
    if (this.story.source === 'user') return
    const { flows } = this.at
    const form = await flows.start({ domain: 'scripted', source: 'user' })
    const page = await flows.submit(form.flowId, { token: this.token('old') }, form)
    const end = await flows.submit(form.flowId, { host: 'hub' }, page)
    this.entryId = end.entryId ?? ''
    this.#saved('hub')
  }

  protected async step({ does, brings }: StoryStep): Promise<void> {
    const { flows } = this.at
    const { source } = this.story
    const comesOf = (of: string | null) => brings.find(({ work }) => work === of)?.comes
    if (does === 'start' && source !== 'user') return this.open({ source, entryId: this.entryId }, 'found')
    if (does === 'start') {
      this.view = await flows.start({ domain: 'scripted', source: 'user' })
      this.flowId = this.view.flowId
      return
    }
    if (does === 'reject') {
      this.view = await flows.submit(this.flowId, this.#input(false), this.revision)
      return
    }
    if (does !== 'submit' && does !== 'replace') return this.#meet(does)
    const interrupted = comesOf(null)
    const checked = comesOf('checkConnection')
    const isListing = this.view?.type === 'form' && this.view.order.includes('token')
    this.#hubs.next = interrupted === undefined ? (comesOf('findChoices') ?? 'listed') : null
    if (brings.some(({ comes }) => comes === 'throws')) this.world.store.before('apply', 1, fullDisk)
    const calls = () => this.#hubs.asked.length + this.world.service.connects.length
    const before = calls()
    if (does === 'submit' && !isListing) this.world.service.script(answer(checked))
    const going =
      does === 'replace'
        ? flows.choose(this.flowId, 'replace', this.revision)
        : flows.submit(this.flowId, this.#input(true), this.revision)
    if (interrupted !== undefined) {
      await until(() => calls() > before)
      await this.#meet(interrupted)
    }
    this.view = await going
    this.world.service.release()
    // The choices follow from the token of the form, never from the stored one.
    if (isListing) expect(this.#hubs.asked.at(-1)).toBe(this.token('new'))
    if (brings.some(({ comes }) => comes === 'created' || comes === 'updated')) this.#saved('other')
  }

  /** The flow has saved a hub of the account. */
  #saved(host: string): void {
    this.entryId = this.view?.entryId ?? this.entryId
    const isReplaced = this.story.source === 'replace' && host === 'other'
    Object.assign(this.#now, { host, running: true, account: isReplaced ? 'another' : 'me' })
  }

  async #meet(does: string): Promise<void> {
    if (!(await this.common(does))) throw new Error(`The player has no step "${does}".`)
    if (does === 'entryRemoved') Object.assign(this.#now, { host: null, running: false })
    if (does === 'entryDisabled') this.#now.running = false
  }

  #input(isRight: boolean): Record<string, string> {
    const order = this.view?.type === 'form' ? this.view.order : []
    if (order.includes('code')) return { code: isRight ? '123456' : '' }
    if (order.includes('token')) return { token: isRight ? this.token('new') : '' }
    return { host: isRight ? 'other' : 'made up' }
  }

  protected override async restarted(): Promise<void> {
    this.#now.running = (await this.stored())?.disabled === false
  }

  protected async checkRest(): Promise<void> {
    const { host, account, running } = this.#now
    const { view } = this
    // Until then the user can switch to the other account.
    if (view?.type === 'abort' && view.reason === 'wrong_account') await this.world.advance(10 * MINUTE)
    const { items } = await this.at.entries.list()
    expect(items).toHaveLength(host === null ? 0 : 1)
    const entry = host === null ? undefined : await this.stored()
    expect([entry?.data.host, entry?.uniqueId]).toEqual(
      host === null ? [undefined, undefined] : [host, account],
    )
    if (view?.type === 'form' && view.order.includes('host'))
      expect(view.schema.properties.host?.oneOf).toMatchObject([{ const: 'hub' }, { const: 'other' }])
    expect(await this.at.attention.list()).toEqual([])
    // That of the entry, and one that waits for a confirmation.
    await until(() => this.world.service.open === (running ? 1 : 0) + (view?.type === 'menu' ? 1 : 0))
  }
}

/** The answer of the service to a login. */
function answer(checked: string | undefined): Answer {
  if (checked === undefined) return { held: { connect: 'me' } }
  if (checked === 'no_api') return { throws: new AbortFlowError('no_api') }
  if (checked === 'wrong_account') return { throws: new WrongAccountError() }
  return answerOf(checked)
}
