import { SimulatedClock } from 'xstate'
import type { View } from '../../src/index.ts'
import { canaries } from './canaries.ts'
import { CanaryAccount } from './canary-account.ts'
import { type Answer, CanaryAuthority } from './canary-authority.ts'
import { plain } from './canary-service.ts'
import { CanaryWorld } from './canary-world.ts'
import { places, quotes } from './quotes.ts'

/** An answer of the authorization server that repeats the request. */
const complaints: Readonly<Record<string, (text: string, authority: CanaryAuthority) => Answer>> = {
  refusal: (text) => [400, { error: 'invalid_grant', error_description: `${plain.error} ${text}` }],
  'unknown refusal': (text) => [400, { error: text, error_description: text, error_uri: text }],
  'server error': (text) => [500, `${plain.error} ${text}`],
  'no JSON': (text) => [200, text],
  'no token': (text) => [200, { access_token: '', token_type: text, [text]: text }],
  'wrong type': (text) => [200, { access_token: { text }, token_type: 'bearer', refresh_token: [text] }],
  'wrong ID token': (text) => [200, { access_token: canaries.access, token_type: 'bearer', id_token: text }],
}

/** The forms of quotes. Redaction is the same for all sinks, so some forms are enough. */
const methods = Object.values(quotes).filter((_, index) => index % 3 === 0)

/** A method, or the reauthentication of the entry. */
type Way = 'browser' | 'device' | 'reauth'

/** A started sign-in: the cookie of the browser, and the URL of the redirect. */
interface Begun {
  readonly flowId: string
  readonly cookie: string
  readonly state: string
}

/** The events of a sign-in with secrets, from the first view to the last token. */
export class SignInStory {
  readonly authority: CanaryAuthority
  readonly account: CanaryAccount
  readonly world: CanaryWorld
  /** The secrets of single sign-ins, one for each form of quote. */
  readonly made = new Set<string>()
  readonly #clock = new SimulatedClock()
  readonly #open = new Map<Way, View>()

  private constructor(authority: CanaryAuthority) {
    this.authority = authority
    this.account = new CanaryAccount(authority)
    this.#clock.set(Date.now())
    authority.ahead = () => this.#clock.now() - Date.now()
    const integrations = [this.account.integration]
    // One flow serves many sign-ins. Each advances the clock.
    this.world = new CanaryWorld({ integrations, clock: this.#clock, limits: { flowIdle: 1e12 } })
  }

  static async play(): Promise<SignInStory> {
    const story = new SignInStory(await CanaryAuthority.start())
    await story.world.open()
    await story.#strangers()
    await story.#codes()
    await story.#devices()
    await story.#tokens()
    await story.#accounts()
    await story.world.look()
    await story.world.stop()
    await story.authority.stop()
    return story
  }

  /** Browsers that did not begin, come twice or with something made up. */
  async #strangers(): Promise<void> {
    const { flowId, cookie, state } = await this.#begin(await this.#start('browser'), true)
    await this.world.look()
    const other = `${cookie.slice(0, -4)}AAAA`
    const answer = `state=${state}&${granted()}`
    await this.world.ask('GET', `/oauth/begin/${flowId}`, { headers: { cookie: other } })
    await this.#comeBack(other, answer)
    await this.#comeBack('', answer)
    await this.#comeBack(cookie, `state=${state}x&${granted()}`)
    await this.#comeBack(cookie, `state=${encodeURIComponent(canaries.state)}&${granted()}`)
    await this.world.ask('GET', `/oauth/callback/other?${answer}`, { headers: { cookie } })
    for (const quote of methods) {
      const begun = await this.#begin(await this.#start('browser'))
      const said = encodeURIComponent(quote(canaries.grant))
      for (const error of [said, 'access_denied', 'invalid_scope']) {
        await this.#comeBack(
          begun.cookie,
          `state=${begun.state}&error=${error}&error_description=${said}&iss=${said}`,
        )
      }
    }
    await this.#comeBack(cookie, answer)
    await this.#comeBack(cookie, answer)
    await this.#removeEntry()
  }

  /** Codes whose redemption fails, and tokens that cannot be stored or used. */
  async #codes(): Promise<void> {
    for (const [index, quote] of methods.entries()) {
      for (const [kind, complain] of Object.values(complaints).entries()) {
        this.authority.token = (asked) => complain(this.#all(asked, quote), this.authority)
        await this.#signIn('browser', kind === index % Object.keys(complaints).length)
      }
      this.authority.token = () => this.authority.granted()
      await this.#failing(quote, 'browser')
    }
    await this.world.look()
  }

  /** Codes for another device, asked for and asked after. */
  async #devices(): Promise<void> {
    for (const quote of methods) {
      for (const complain of Object.values(complaints)) {
        this.authority.device = (asked) => complain(this.#all(asked, quote), this.authority)
        await this.#poll(await this.#start('device'))
        this.authority.device = () => this.authority.code()
        this.authority.token = (asked) => complain(this.#all(asked, quote), this.authority)
        await this.#signIn('device')
      }
      for (const error of ['authorization_pending', 'slow_down', 'access_denied', 'expired_token']) {
        this.authority.token = (asked) => [400, { error, error_description: this.#all(asked, quote) }]
        await this.#signIn('device')
      }
      this.authority.token = () => this.authority.granted()
      await this.#failing(quote, 'device')
    }
    await this.#poll(await this.#start('device'))
    await this.world.look()
    await this.#signIn('device')
    await this.#removeEntry()
  }

  /** Tokens that are renewed: refused, quoted, saved too late, and journalled. */
  async #tokens(): Promise<void> {
    await this.#signIn('browser')
    let isRenewed = false
    const renew = () => {
      isRenewed = true
      return this.authority.granted({ refresh_token: canaries.rotated, id_token: undefined })
    }
    for (const [index, quote] of methods.entries()) {
      this.account.refreshing = (tokens) => {
        throw new Error(`${plain.error} ${quote(tokens)}`)
      }
      await this.#use()
      this.account.refreshing = () => {}
      for (const [name, complain] of Object.entries(complaints)) {
        if (name === 'refusal') continue
        this.authority.token = (asked) => complain(this.#all(asked, quote), this.authority)
        await this.#use()
      }
      this.authority.token = renew
      this.account.checking = (access) => {
        throw new Error(`${plain.error} ${quote(access)} ${quote(canaries.rotated)}`)
      }
      await this.#use()
      this.account.checking = () => {}
      isRenewed = false
      // The lease is a write too, and maybe not of this process.
      for (const nth of [1, 2, 3]) {
        this.world.store.before('apply', nth, () => {
          if (isRenewed)
            throw new Error(`${plain.error} ${quote(canaries.access)} ${quote(canaries.rotated)}`)
        })
      }
      await this.#use()
      if (index === 0) await this.world.look()
      this.world.store.clear()
      await this.#use()
    }
    for (const place of Object.values(places)) {
      this.account.refreshing = (tokens) => {
        throw place(`${plain.error} ${tokens}`)
      }
      await this.#use()
    }
    this.account.refreshing = () => {}
    this.authority.token = (asked) => [
      400,
      { error: 'invalid_grant', error_description: this.#all(asked, String) },
    ]
    await this.#use()
    await this.world.look()
  }

  /** Another account signs in, and its grant is revoked. */
  async #accounts(): Promise<void> {
    this.authority.token = () => this.authority.granted()
    this.authority.subject = 'another account'
    for (const quote of methods) {
      this.authority.revocation = (asked) => [
        400,
        { error: plain.error, error_description: this.#all(asked, quote) },
      ]
      await this.#signIn('reauth')
    }
    this.authority.subject = plain.account
    await this.#signIn('reauth')
    await this.#removeEntry()
  }

  /** The integration's own code throws, with the tokens at hand. */
  async #failing(quote: (text: string) => string, way: Way): Promise<void> {
    this.account.checking = (access) => {
      throw new Error(`${plain.error} ${quote(access)} ${quote(canaries.refresh)}`)
    }
    await this.#signIn(way)
    this.account.checking = () => {}
    this.account.connecting = (tokens) => {
      throw new Error(`${plain.error} ${quote(tokens)}`)
    }
    await this.#signIn(way)
    this.account.connecting = () => {}
  }

  /** The flow that is open by this way, or a new one. */
  async #start(way: Way): Promise<View> {
    const who = { principal: plain.principal }
    const view = await this.world.act(async ({ flows }) => {
      const open = this.#open.get(way)
      if (open !== undefined) return flows.get(open.flowId)
      if (way === 'reauth') return flows.start({ source: 'reauth', entryId: this.world.entryId }, who)
      const menu = await flows.start({ domain: plain.domain, source: 'user' }, who)
      return flows.choose(menu.flowId, way, { revision: menu.revision, ...who })
    })
    if (view === undefined) throw new Error('The flow did not start.')
    this.#open.set(way, view)
    return view
  }

  async #signIn(way: Way, remembered = false): Promise<void> {
    const start = await this.#start(way)
    if (start.type === 'external') {
      const { cookie, state } = await this.#begin(start, remembered)
      await this.#comeBack(cookie, `state=${state}&${granted()}`)
    } else {
      await this.#poll(start)
      this.#clock.increment(60_000)
      await this.#poll(start)
    }
    const { flowId } = start
    const view = await this.world.act(({ flows }) => flows.get(flowId))
    await this.world.ask('GET', `/flows/${flowId}`)
    if (view?.type === 'create_entry') this.world.entryId = view.entryId
    if (view?.type === 'create_entry' || view?.type === 'abort') this.#open.delete(way)
  }

  /** The page starts the sign-in, and the browser follows the redirect. */
  async #begin({ flowId, revision }: View, remembered = false): Promise<Begun> {
    const line = await this.world.ask('POST', `/flows/${flowId}/authorize`, {
      headers: { 'if-match': `"${revision}"` },
      apart: 'set-cookie',
    })
    const [cookie = ''] = line.split(';')
    const headers = { cookie }
    const there = await this.world.ask('GET', `/oauth/begin/${flowId}`, { headers, apart: 'location' })
    const asked = new URL(there).searchParams
    const state = asked.get('state') ?? ''
    this.authority.nonce = asked.get('nonce') ?? ''
    if (remembered) {
      // What a sealed text begins with, all sealed texts do.
      const sealed = [cookie, state].flatMap((text) => text.split('.').slice(-2))
      for (const word of [...sealed, this.authority.nonce]) this.made.add(word)
      this.#remembers = true
    }
    return { flowId, cookie, state }
  }

  async #comeBack(cookie: string, query: string): Promise<void> {
    await this.world.ask('GET', `/oauth/callback/${plain.domain}?${query}`, { headers: { cookie } })
  }

  #remembers = false

  /** All that a question to the authority carried, quoted. */
  #all(asked: URLSearchParams, quote: (text: string) => string): string {
    if (this.#remembers && asked.has('code_verifier')) {
      this.made.add(asked.get('code_verifier') as string)
      this.#remembers = false
    }
    return [...asked.values(), this.authority.nonce].map(quote).join(' ')
  }

  async #poll({ flowId }: View): Promise<void> {
    await this.world.ask('POST', `/flows/${flowId}`, { body: '{"poll":true}' })
  }

  async #use(): Promise<void> {
    this.#clock.increment(120_000)
    await this.world.act(({ entries }) =>
      entries.use(this.account.integration, this.world.entryId, (client) =>
        (client as { call(): Promise<string> }).call(),
      ),
    )
  }

  async #removeEntry(): Promise<void> {
    const { items } = await this.world.latchkey.entries.list()
    for (const { entryId } of items) await this.world.act(({ entries }) => entries.remove(entryId))
  }
}

const granted = (): string => `code=${encodeURIComponent(canaries.grant)}`
