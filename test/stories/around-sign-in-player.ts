import { expect } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import { joseCipher } from '../../src/adapters/jose-cipher.ts'
import type { View } from '../../src/index.ts'
import {
  FailingStore,
  fullDisk,
  type Story,
  type StoryStep,
  type StoryTurn,
} from '../../src/testing/index.ts'
import type { AroundSignIn } from '../../src/testing/sign-in-stories.ts'
import { HandJobs } from '../engine/hand-jobs.ts'
import { type Host, makeHost } from '../engine/host.ts'
import { seen, told, unplayable } from './flow-telling.ts'
import { Shops, type StoredShop } from './shops.ts'
import { type Shelf, soon, until } from './world.ts'

export type AroundStory = Story<AroundSignIn>

const MINUTE = 60_000
const REDIRECT = 'http://127.0.0.1:4711/oauth/callback/shop'
const comesOf = (brings: readonly StoryTurn[], of: string | null) =>
  brings.find(({ work }) => work === of)?.comes

/** The reason why a story cannot be played through the public API, or null. */
export const unplayableAround = (story: AroundStory): string | null =>
  story.source === 'user' ? null : unplayable(story)

/** The stored values that an entry has. */
interface Stored {
  readonly shop: string
  readonly key: string
  readonly site: string
  readonly token: string
}

/**
 * Plays one story of a flow with a form before its sign-in and a choice after it, and looks at every grant and at the stored
 * values after each step.
 */
export class AroundSignInPlayer {
  readonly #story: AroundStory
  readonly #shelf: Shelf
  readonly #scope: string
  readonly #shops: Shops
  readonly #clock = new SimulatedClock()
  #jobs = new HandJobs()
  #store: FailingStore | null = null
  #host: Host | null = null
  #view: View | null = null
  #codes = 0
  #entryId = ''
  /** The values of the entry; null without one. */
  #stored: Stored | null = null
  /** Whether the entry cannot be used. */
  #disabled = false
  /** The site that the flow takes. */
  #site = 's2'
  /** The grants that stay valid without an entry: those of a process that has ended, and replaced ones. */
  readonly #left = new Set<string>()

  /** @param scope - distinguishes the stories in one store */
  constructor(story: AroundStory, shelf: Shelf, scope = 'story') {
    this.#story = story
    this.#shelf = shelf
    this.#scope = scope
    const { onAccountMismatch } = story
    this.#shops = new Shops({ onAccountMismatch, signIn: usesCode(story) ? 'device' : 'authorize' })
    this.#clock.set(1_000_000)
  }

  async play(restarting: boolean): Promise<void> {
    await this.#restart()
    if (this.#story.source !== 'user') await this.#link()
    if (this.#story.steps.some(({ does }) => does === 'entryRepaired')) await this.#refuse()
    let last: StoryStep | null = null
    for (const step of this.#story.steps) {
      if (restarting && last !== null && last.rest.state !== 'asking.replace_confirm') await this.#die(last)
      await this.#play(step)
      await this.#check(step)
      last = step
    }
  }

  async stop(): Promise<void> {
    await this.#host?.latchkey.stop()
  }

  get #at() {
    return (this.#host as Host).latchkey.scope(this.#scope)
  }

  get #last(): string {
    return this.#shops.granted.at(-1) ?? ''
  }

  /** The process ends, and another one continues with the flow. The grant that it has held stays valid. */
  async #die(last: StoryStep): Promise<void> {
    if (isHeldAfter(last)) this.#left.add(this.#last)
    await this.#restart()
    const { flowId = '', revision } = this.#view ?? {}
    expect(await this.#at.flows.get(flowId)).toMatchObject({ revision })
  }

  async #restart(): Promise<void> {
    await this.#host?.latchkey.stop()
    this.#store = new FailingStore(this.#shelf())
    this.#jobs = new HandJobs()
    const cipher = this.#store.durable ? {} : { cipher: joseCipher([new Uint8Array(32).fill(7)]) }
    const parts = { integrations: [this.#shops.integration], store: this.#store, clock: this.#clock }
    this.#host = await makeHost({ ...parts, ...cipher, jobs: this.#jobs, scopes: true, connect: 'lazy' })
    await this.#host.latchkey.start()
  }

  /** Links the account that the flow is about. */
  async #link(): Promise<void> {
    const { flows } = this.#at
    const { flowId, revision } = await flows.start({ domain: 'shop', source: 'user' })
    this.#view = await flows.submit(flowId, { shop: 'mine', key: 'typed-first' }, { revision })
    const brings = ['findChoices settled', 'checkConnection connected', 'createEntry created']
    const turns = brings.map((turn) => turn.split(' ')).map(([work = '', comes = '']) => ({ work, comes }))
    await this.#asking(turns, () => this.#signIn())
    this.#view = null
    this.#shops.isReauth = this.#story.source === 'reauth'
  }

  /** The service refuses the entry, which needs a reauthentication. */
  async #refuse(): Promise<void> {
    this.#shops.refuses = true
    await this.#at.entries.reload(this.#entryId)
  }

  async #play({ does, brings }: StoryStep): Promise<void> {
    const { flows } = this.#at
    const flowId = this.#view?.flowId ?? ''
    const at = { revision: this.#view?.revision ?? 0 }
    const { source } = this.#story
    switch (does) {
      case 'start':
        this.#view = await flows.start(
          source === 'user' ? { domain: 'shop', source } : { source, entryId: this.#entryId },
        )
        return
      case 'submit':
        return this.#asking(brings, () => flows.submit(flowId, this.#form(true), at))
      case 'reject':
        this.#view = await flows.submit(flowId, this.#form(false), at)
        return
      case 'authorized':
      case 'refused':
        this.#shops.agrees = does === 'authorized'
        return this.#asking(brings, () => this.#signIn())
      case 'replace':
        return this.#asking(brings, () => flows.choose(flowId, 'replace', at))
      case 'back':
        this.#view = await flows.back(flowId, at)
        return
      case 'cancel':
      case 'entryRemoved':
      case 'entryDisabled':
        await this.#interrupt(does)
        break
      case 'entryRepaired':
        this.#shops.refuses = false
        await this.#at.entries.reload(this.#entryId, { retryRejected: true })
        break
      default:
        // Expired drafts and flows: the task notices.
        this.#clock.increment(does === 'expire' ? 31 * MINUTE : 10 * MINUTE)
        await this.#jobs.turn('settle_due')
    }
    this.#view = await flows.get(flowId)
  }

  async #interrupt(event: string): Promise<void> {
    const { flows, entries } = this.#at
    if (event === 'cancel') await flows.cancel(this.#view?.flowId ?? '')
    else if (event === 'entryRemoved') {
      await entries.remove(this.#entryId)
      this.#stored = null
    } else {
      await entries.disable(this.#entryId)
      this.#disabled = true
    }
  }

  /** The input of the shown form. */
  #form(isRight: boolean): Record<string, string> {
    const order = this.#view?.type === 'form' ? this.#view.order : []
    if (order.includes('pin')) return { pin: isRight ? '1234' : '' }
    if (order.includes('site')) return { site: isRight ? this.#site : 'made up' }
    if (!order.includes('shop')) return { key: isRight ? this.#key : '' }
    return { shop: isRight ? this.#shop : '', key: this.#key }
  }

  get #isReplacing(): boolean {
    return this.#entryId !== '' && this.#story.source === 'replace'
  }

  get #shop(): string {
    return this.#isReplacing ? 'other' : 'mine'
  }

  get #key(): string {
    return this.#entryId === '' ? 'typed-first' : 'typed-new'
  }

  /** The flow has saved its values. A replaced grant of the same account stays valid. */
  #commit(): void {
    if (this.#stored !== null && !this.#isReplacing) this.#left.add(this.#stored.token)
    this.#stored = { shop: this.#shop, key: this.#key, site: this.#site, token: this.#last }
    this.#entryId = this.#view?.entryId ?? ''
  }

  /** Goes to the service and returns with another code, unless the process still holds a grant. */
  async #signIn(): Promise<View> {
    const { signIns } = (this.#host as Host).latchkey
    const { flowId = '', revision = 0 } = this.#view ?? {}
    this.#shops.shop = this.#shop
    if (usesCode(this.#story)) {
      await this.#at.flows.poll(flowId)
      this.#clock.increment(1_000)
      return this.#at.flows.poll(flowId)
    }
    const { browser, view } = await this.#at.flows.authorize(flowId, { revision, redirectUri: REDIRECT })
    if (browser === null) return view
    const query = new URL((await signIns.redirect(flowId, browser)) ?? '').searchParams
    query.set('code', `code-${++this.#codes}`)
    const come = () => signIns.finish({ domain: 'shop', query, browserOf: () => browser })
    // One of two requests with the same code redeems it, for example if the user reloads the page.
    const moved = (await Promise.all([come(), come()])).filter((returned) => returned.type === 'moved')
    expect(moved).toHaveLength(1)
    return moved[0]?.view as View
  }

  /** A call of the flow that meets what the story brings. */
  async #asking(brings: readonly StoryTurn[], ask: () => Promise<View>): Promise<void> {
    const shops = this.#shops
    const interrupted = comesOf(brings, null)
    const saves = comesOf(brings, 'createEntry') ?? comesOf(brings, 'updateEntry')
    const failing = () => {
      if (saves === 'throws') this.#store?.before('apply', 1, fullDisk)
    }
    const found = comesOf(brings, 'findChoices')
    if (found !== undefined) this.#site = found === 'settled' || this.#entryId === '' ? 's2' : 's3'
    shops.script(brings, failing)
    // A confirmation saves a connection that is already verified.
    if (comesOf(brings, 'checkConnection') === undefined) failing()
    const asked = ask()
    if (interrupted !== undefined) {
      await shops.reached
      await this.#interrupt(interrupted)
    }
    this.#view = await asked
    if (saves === 'created' || saves === 'updated') this.#commit()
    expect(this.#store?.clear()).toBe(0)
  }

  async #check(step: StoryStep): Promise<void> {
    const view = this.#view as View
    expect(this.#seen(view)).toEqual(told(step.rest))
    const { granted, revoked, redeemed } = this.#shops
    expect(new Set(redeemed).size).toBe(redeemed.length)
    // Another entry of the account may use the same grant.
    if (view.type === 'abort' && view.reason === 'same_account') this.#left.add(this.#last)
    // Until then the user can switch to the other account.
    if (view.type === 'abort' && view.reason === 'wrong_account') this.#clock.increment(10 * MINUTE)
    // Each grant is saved, waits for a choice, a PIN or a confirmation, is held for the next sign-in, or has been revoked.
    const isAsked = view.type === 'menu' || (view.type === 'form' && /site|pin/.test(view.order.join()))
    const used = new Set(this.#left)
    if (this.#stored !== null) used.add(this.#stored.token)
    if (isAsked || isHeldAfter(step)) used.add(this.#last)
    const alive = () => granted.filter((token) => !revoked.includes(token))
    await soon()
    await until(() => alive().length <= used.size)
    expect(new Set(alive())).toEqual(used)
    await this.#checkStored()
    expect(await this.#rows()).not.toMatch(/token-|typed-/)
  }

  async #checkStored(): Promise<void> {
    const { entries } = this.#at
    const { items } = await entries.list()
    expect(items.map(({ entryId }) => entryId)).toEqual(this.#stored === null ? [] : [this.#entryId])
    if (this.#stored === null || this.#disabled || this.#shops.refuses) return
    const of = (client: { readonly stored: StoredShop }) => client.stored
    const { key, token, ...stored } = await entries.use(this.#shops.integration, this.#entryId, of)
    expect({ ...stored, key: key.reveal(), token: token.reveal() }).toEqual(this.#stored)
  }

  /** The view, with the step of a sign-in. */
  #seen(view: View) {
    if (view.type !== 'external' && !(view.type === 'progress' && 'errors' in view)) return seen(view)
    const errors = Object.fromEntries(Object.entries(view.errors).map(([at, { code }]) => [at, code]))
    return { state: `asking.${view.step}`, errors, challenge: null, reason: null }
  }

  async #rows(): Promise<string> {
    const store = this.#store as FailingStore
    const query = { limit: 9 }
    return JSON.stringify([
      await store.findFlows(this.#scope, query),
      await store.findEntries(this.#scope, query),
      await store.removals.list(this.#scope, query),
    ])
  }
}

/** Whether the user signs in with a code on another device. */
const usesCode = ({ steps }: AroundStory): boolean => steps.some(({ rest }) => rest.state === 'asking.device')

/** Whether a grant waits in the process for the next sign-in, because the service could not be reached. */
const isHeldAfter = ({ rest }: StoryStep): boolean =>
  rest.state === 'asking.authorize' && rest.errors.base === 'cannot_connect'
