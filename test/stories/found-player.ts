import { expect } from '@jest/globals'
import type { View } from '../../src/index.ts'
import { fullDisk, type Story, type StoryStep, type StoryTurn } from '../../src/testing/index.ts'
import { answerOf } from './answers.ts'
import { unplayable } from './flow-telling.ts'
import { FlowWalk, MINUTE } from './flow-walk.ts'
import { addEntry } from './scene.ts'
import { until } from './world.ts'

type Brings = readonly StoryTurn[]

const domain = 'scripted'
const LINKED_AT = 'linked.example'
/** The address of a matching entry. Its write ends a discovery that already has this address. */
const MATCHED_AT = 'matched.example'

const isMatched = (brings: Brings): boolean => brings.some(({ comes }) => comes === 'matched')

/** The reason why a story of an unattended flow cannot be played, or null. */
export function unplayableUnasked(story: Story<'discovery' | 'import'>): string | null {
  const turns = story.steps.flatMap(({ brings }) => brings)
  if (story.source === 'import' && turns.some(({ work, comes }) => work === null || comes === 'ended'))
    return 'an import has no id before it has ended'
  if (
    story.source === 'discovery' &&
    turns.some(({ work, comes }) => work === 'createEntry' && comes === 'only')
  )
    return 'the write of the only entry ends the discovery'
  if (story.steps.some(({ brings }, at) => isMatched(brings) && story.steps[at - 1]?.rest.challenge != null))
    return 'the write of a matching entry ends the discovery'
  return unplayable(story)
}

/** Plays one story of an unattended flow: a discovery or an import. */
export class FoundPlayer extends FlowWalk<'discovery' | 'import'> {
  /** The number of loaded entries here. Entries of another process load after a restart. */
  #running = 0
  /** Whether this process holds the connection to another account, which waits for the confirmation. */
  #held = false

  protected async prepare(): Promise<void> {
    const [found = ''] = this.story.steps[0]?.brings.map(({ comes }) => comes) ?? []
    if (found === 'only') await this.#link('another')
    if (['known', 'returned'].includes(found) || found.startsWith('moved')) await this.#link('old')
    if (found === 'returned') await this.#discover('found.example')
    if (found === 'held') await this.#discover(LINKED_AT)
  }

  protected async step({ does, brings }: StoryStep): Promise<void> {
    const { flows } = this.at
    this.#held = false
    if (does === 'start') await this.#start(brings)
    else if (does === 'submit') await this.#submit(brings)
    else if (does === 'ignore') {
      this.#meet(brings, 'me')
      this.view = await flows.ignore(this.flowId)
    } else if (does === 'confirm') {
      this.#meet(brings, 'another')
      this.view = await flows.submit(this.flowId, {}, this.revision)
      if (brings.some(({ comes }) => comes === 'created')) this.#running++
    } else if (does === 'reject') {
      const input = this.#asksForCode ? { code: '' } : { host: 'hub', token: '' }
      this.view = await flows.submit(this.flowId, input, this.revision)
    } else if (does === 'accountConfigured') {
      await this.#link('old')
      this.view = await flows.get(this.flowId)
    } else if (!(await this.common(does))) throw new Error(`The player has no step "${does}".`)
  }

  protected override async restarted(): Promise<void> {
    this.#held = false
    this.#running = (await this.at.entries.list()).items.length
  }

  protected async checkRest(): Promise<void> {
    expect(this.world.service.open).toBe(this.#running + (this.#held ? 1 : 0))
    const { items } = await this.at.entries.list()
    const states = items.map(({ state }) => state).filter((state) => state !== 'not_loaded')
    expect(states).toEqual(Array.from({ length: this.#running }, () => 'loaded'))
  }

  get #asksForCode(): boolean {
    return this.view?.type === 'form' && this.view.step === 'challenge'
  }

  async #start(brings: Brings): Promise<void> {
    const [first, second] = brings
    const found = first?.work === 'findAccount' ? first.comes : ''
    if (found === 'throws') this.world.store.before('findEntries', 1, fullDisk)
    if (this.story.source === 'import') {
      const rest = brings.filter(({ work }) => work !== 'findAccount')
      const input = this.#input(rest)
      this.view = await this.#connecting(rest, () => this.at.flows.start({ domain, source: 'import', input }))
      return
    }
    if (second?.comes === 'throws') this.world.store.before('apply', 1, fullDisk)
    // What is known or has returned is where its entry says, and what has moved is not.
    const isHome = found === 'known' || found === 'returned'
    this.view = await this.#discover(isHome ? LINKED_AT : 'found.example')
    if (found === 'returned') {
      const reasons = (await this.at.attention.list()).map(({ reason }) => reason)
      expect(reasons).toEqual(second?.comes === 'done' ? [] : ['address_changed'])
    }
    if (found === 'free') this.flowId = this.view.flowId
    if (found.startsWith('moved')) await this.#checkMoved(found, second?.comes === 'done')
  }

  async #checkMoved(found: string, isDone: boolean): Promise<void> {
    const { items } = await this.at.entries.list()
    const entry = await this.stored(items[0]?.entryId)
    const isProposed = found === 'moved' && isDone
    // A followed address stays, and a loaded entry is left alone.
    expect(entry).toMatchObject({ data: { host: LINKED_AT }, uniqueId: 'me' })
    expect(entry?.proposal?.values).toEqual(isDone ? { host: 'found.example' } : undefined)
    const reasons = (await this.at.attention.list()).map(({ reason }) => reason)
    expect(reasons).toEqual(isProposed ? ['address_changed'] : [])
  }

  async #submit(brings: Brings): Promise<void> {
    const shown = this.view?.type === 'form' ? this.view : null
    if (shown?.errors.base?.code === 'rate_limited') await this.world.advance(MINUTE)
    const input = this.#asksForCode ? { code: '123456' } : this.#input(brings)
    this.view = await this.#connecting(brings, () => this.at.flows.submit(this.flowId, input, this.revision))
  }

  /** A call that connects meets what the story brings. */
  async #connecting([checked, ...commits]: Brings, call: () => Promise<View>): Promise<View> {
    const { service } = this.world
    const isInterrupted = checked?.work === null
    const isMatched = checked?.comes === 'matched'
    const isAsked = checked !== undefined && !isMatched
    const asked = service.connects.length
    if (isAsked) service.script(isInterrupted ? { held: { connect: 'me' } } : answerOf(checked.comes))
    if (isMatched) await this.#rival('matched')
    this.#meet(commits, 'me')
    const view = call()
    if (isInterrupted || checked?.comes === 'timeout') await until(() => service.connects.length > asked)
    if (checked?.comes === 'timeout') await this.world.advance(MINUTE / 2)
    if (isInterrupted) await this.at.flows.cancel(this.flowId)
    const end = await view
    service.release()
    expect(service.connects).toHaveLength(asked + (isAsked ? 1 : 0))
    if (commits.some(({ comes }) => comes === 'created')) this.#running++
    this.#held = 'step' in end && end.step === 'account_confirm'
    return end
  }

  /** Has ready what the next write meets, which links this account. */
  #meet(commits: Brings, account: 'me' | 'another'): void {
    const { store } = this.world
    for (const { comes } of commits) {
      if (comes === 'throws') store.before('apply', 1, fullDisk)
      else if (comes !== 'created') store.before('apply', 1, () => this.#rival(comes, account))
    }
  }

  /** Another process has linked the account, or another one, or has ended the flow. */
  #rival(comes: string, linked = 'me'): Promise<void> {
    return this.world.rival(this.scope, async ({ flows }, service) => {
      if (comes === 'ended') return flows.cancel(this.flowId)
      const [kind, account] = comes === 'taken' ? ['rival', linked] : ['third', 'third']
      const input = { host: comes === 'matched' ? MATCHED_AT : 'rival.example', token: this.token(kind) }
      service.accounts.set(input.token, account)
      const form = await flows.start({ domain, source: 'user' })
      return flows.submit(form.flowId, input, form)
    })
  }

  #discover(host: string): Promise<View> {
    const discovery = { uniqueId: 'me', values: { host }, title: 'Mine', key: 'mdns:1' }
    return this.at.flows.start({ domain, source: 'discovery', discovery })
  }

  #input([checked]: Brings) {
    const kind = checked?.comes === 'another account' ? 'another' : 'new'
    return { host: checked?.comes === 'matched' ? MATCHED_AT : 'hub', token: this.token(kind) }
  }

  /** A user links an account at its known address. */
  async #link(kind: string): Promise<void> {
    await addEntry(this.at, this.token(kind), LINKED_AT)
    this.#running++
  }
}
