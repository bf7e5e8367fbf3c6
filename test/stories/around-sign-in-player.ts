import { expect } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import * as z from 'zod'
import { joseCipher } from '../../src/adapters/jose-cipher.ts'
import {
  AbortFlowError,
  CannotConnectError,
  type Choice,
  defineIntegrationWithMethods,
  InvalidAuthError,
  secret,
  type View,
  WrongAccountError,
} from '../../src/index.ts'
import type { CodeAuthorizer, Granted } from '../../src/ports/authorizer.ts'
import {
  FailingStore,
  fullDisk,
  type Story,
  type StoryStep,
  type StoryTurn,
} from '../../src/testing/index.ts'
import { HandJobs } from '../engine/hand-jobs.ts'
import { type Host, makeHost } from '../engine/host.ts'
import { seen, told } from './flow-telling.ts'
import { type Shelf, soon, until } from './world.ts'

const MINUTE = 60_000
const REDIRECT = 'http://127.0.0.1:4711/oauth/callback/shop'
const choices: readonly Choice[] = [
  { value: 's1', label: 'Berlin' },
  { value: 's2', label: 'Paris' },
]

/** Whether a grant waits in the process for the next sign-in, because the service could not be reached. */
const isHeldAfter = ({ rest }: StoryStep): boolean =>
  rest.state === 'asking.authorize' && rest.errors.base === 'cannot_connect'

/** A service of shops, whose answers a story scripts. Each sign-in has another code, and each grant another token. */
class Shops {
  readonly redeemed: string[] = []
  readonly granted: string[] = []
  readonly revoked: string[] = []
  /** Whether the user signs in. */
  agrees = true
  choices: () => Promise<readonly Choice[]> = async () => choices
  connect: () => Promise<void> = async () => {}
  readonly #authorize: CodeAuthorizer = {
    grant: 'code',
    revokes: 'token',
    begin: async ({ state }, _, { fields }) => {
      expect(fields).toMatchObject({ shop: 'mine' })
      return `https://login.example/?state=${encodeURIComponent(state)}`
    },
    finish: async (callback) => this.#redeem(callback.searchParams.get('code') ?? ''),
    revoke: async ({ token }) => void this.revoked.push(String(token)),
  }
  readonly integration = defineIntegrationWithMethods({
    domain: 'shop',
    title: 'Shop',
    stored: z.object({
      shop: z.string(),
      key: secret(),
      token: secret(),
      site: z.string().optional(),
    }),
    methods: {
      browser: {
        title: 'Browser',
        fields: z.object({ shop: z.string().min(1), key: secret() }),
        authorize: this.#authorize,
        select: { site: () => this.choices() },
      },
    },
    connect: async (stored) => {
      await this.connect()
      return { client: { stored }, uniqueId: 'ann' }
    },
  })

  async #redeem(code: string): Promise<Granted> {
    this.redeemed.push(code)
    if (!this.agrees) return { type: 'rejected' }
    const token = `token-${this.granted.length + 1}`
    this.granted.push(token)
    return { type: 'granted', values: { token } }
  }
}

/** Plays one story of a new entry with a form before its sign-in and a choice after it, and looks at every grant. */
export class AroundSignInPlayer {
  readonly #story: Story<'user'>
  readonly #shelf: Shelf
  readonly #scope: string
  readonly #shops = new Shops()
  readonly #clock = new SimulatedClock()
  #jobs = new HandJobs()
  #store: FailingStore | null = null
  #host: Host | null = null
  #view: View | null = null
  #codes = 0
  /** The number of grants that a process has held when it ended. */
  #lost = 0

  /** @param scope - distinguishes the stories in one store */
  constructor(story: Story<'user'>, shelf: Shelf, scope = 'story') {
    this.#story = story
    this.#shelf = shelf
    this.#scope = scope
    this.#clock.set(1_000_000)
  }

  async play(restarting: boolean): Promise<void> {
    await this.#restart()
    let last: StoryStep | null = null
    for (const step of this.#story.steps) {
      if (restarting && last !== null) {
        if (isHeldAfter(last)) this.#lost++
        await this.#restart()
        expect(await this.#flows.get(this.#view?.flowId ?? '')).toMatchObject({
          revision: this.#view?.revision,
        })
      }
      await this.#play(step)
      await this.#check(step)
      last = step
    }
  }

  async stop(): Promise<void> {
    await this.#host?.latchkey.stop()
  }

  get #flows() {
    return (this.#host as Host).latchkey.scope(this.#scope).flows
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

  async #play({ does, brings }: StoryStep): Promise<void> {
    const flowId = this.#view?.flowId ?? ''
    const at = { revision: this.#view?.revision ?? 0 }
    switch (does) {
      case 'start':
        this.#view = await this.#flows.start({ domain: 'shop', source: 'user' })
        return
      case 'submit':
        return this.#asking(brings, () => this.#flows.submit(flowId, this.#input(true), at))
      case 'reject':
        this.#view = await this.#flows.submit(flowId, this.#input(false), at)
        return
      case 'authorized':
      case 'refused':
        this.#shops.agrees = does === 'authorized'
        return this.#asking(brings, () => this.#signIn())
      case 'back':
        this.#view = await this.#flows.back(flowId, at)
        return
      case 'cancel':
        this.#view = await this.#flows.cancel(flowId)
        return
      default:
        // Expired drafts and flows: the task notices.
        this.#clock.increment(does === 'expire' ? 31 * MINUTE : 10 * MINUTE)
        await this.#jobs.turn('settle_due')
        this.#view = await this.#flows.get(flowId)
    }
  }

  #input(isRight: boolean) {
    const isFirst = this.#view?.type === 'form' && this.#view.order.includes('shop')
    if (isFirst) return { shop: isRight ? 'mine' : '', key: 'typed-secret' }
    return { site: isRight ? 's2' : 'made up' }
  }

  /** Goes to the service and returns with another code, unless the process still holds a grant. */
  async #signIn(): Promise<View> {
    const { signIns } = (this.#host as Host).latchkey
    const { flowId = '', revision = 0 } = this.#view ?? {}
    const { browser, view } = await this.#flows.authorize(flowId, { revision, redirectUri: REDIRECT })
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
    const interrupted = brings.find(({ work }) => work === null)
    const reached = Promise.withResolvers<void>()
    const hang = () => {
      reached.resolve()
      return new Promise<never>(() => {})
    }
    const comesOf = (of: string) => brings.find(({ work }) => work === of)?.comes
    const [found, checked, created] = ['findChoices', 'checkConnection', 'createEntry'].map(comesOf)
    shops.choices = async () => {
      if (found === undefined) return hang()
      complain(found)
      return found === 'settled' ? choices.slice(1) : choices
    }
    shops.connect = async () => {
      if (checked === undefined) return hang()
      complain(checked)
      if (created === 'throws') this.#store?.before('apply', 1, fullDisk)
    }
    const asked = ask()
    if (interrupted !== undefined) {
      await reached.promise
      await this.#flows.cancel(this.#view?.flowId ?? '')
    }
    this.#view = await asked
    expect(this.#store?.clear()).toBe(0)
  }

  async #check(step: StoryStep): Promise<void> {
    const view = this.#view as View
    const expected = told(step.rest)
    expect(this.#seen(view)).toEqual(expected)
    const shops = this.#shops
    expect(new Set(shops.redeemed).size).toBe(shops.redeemed.length)
    const { entries } = (this.#host as Host).latchkey.scope(this.#scope)
    const { items } = await entries.list()
    expect(items).toHaveLength(expected.state === 'create_entry' ? 1 : 0)
    // Each grant is saved, waits for a choice, is held for the next sign-in, or has been revoked.
    const isChoosing = view.type === 'form' && view.order.includes('site')
    const open = items.length + (isChoosing ? 1 : 0) + (isHeldAfter(step) ? 1 : 0)
    const alive = () => shops.granted.filter((token) => !shops.revoked.includes(token))
    await soon()
    await until(() => alive().length <= open + this.#lost)
    expect(alive()).toHaveLength(open + this.#lost)
    if (items[0] !== undefined) await this.#checkStored(items[0].entryId)
    expect(await this.#rows()).not.toMatch(/token-|typed-secret/)
  }

  async #checkStored(entryId: string): Promise<void> {
    const { entries } = (this.#host as Host).latchkey.scope(this.#scope)
    const stored = await entries.use(this.#shops.integration, entryId, async (client) => client.stored)
    const { shop, site, key, token } = stored
    expect([shop, site, key.reveal(), token.reveal()]).toEqual([
      ...['mine', 's2', 'typed-secret'],
      this.#shops.granted.at(-1),
    ])
  }

  /** The view, with the step of a sign-in. */
  #seen(view: View) {
    if (view.type !== 'external') return seen(view)
    const errors = Object.fromEntries(Object.entries(view.errors).map(([at, { code }]) => [at, code]))
    return { state: 'asking.authorize', errors, challenge: null, reason: null }
  }

  async #rows(): Promise<string> {
    const store = this.#store as FailingStore
    const query = { limit: 9 }
    return JSON.stringify([
      await store.findFlows(this.#scope, query),
      await store.findEntries(this.#scope, query),
    ])
  }
}

/** Throws as a service that cannot be reached, that refuses the grant, or that the integration does not support. */
function complain(comes: string): void {
  if (comes === 'cannot_connect') throw new CannotConnectError()
  if (comes === 'invalid_auth') throw new InvalidAuthError()
  if (comes === 'no_api') throw new AbortFlowError('no_api')
  if (comes === 'wrong_account') throw new WrongAccountError()
}
