import { SimulatedClock } from 'xstate'
import { type Documented, type FakeUser, users } from '../../examples/providers/documented.ts'
import { CLIENT, FakeService } from '../../examples/providers/fake-service.ts'
import { joseCipher } from '../../src/adapters/jose-cipher.ts'
import { type ClientOf, defineIntegrationWithMethods, InvalidAuthError } from '../../src/index.ts'
import type { oauthTokens } from '../../src/oauth/index.ts'
import * as providers from '../../src/providers/index.ts'
import type { ExternalView, View } from '../../src/view.ts'
import { atRest, type Host, makeHost } from '../engine/host.ts'

/** The steps of a sign-in that each service is tested with, as the columns of the table of the guide. */
export const steps = ['link', 'refresh', 'revoked', 'wrongAccount', 'cancel', 'device', 'removal'] as const
export type Step = (typeof steps)[number]

/** The outcome of a step. `absent`: the service does not have the step, for example no refresh tokens. */
export type Outcome = 'conforms' | 'absent'

const REDIRECT = 'http://127.0.0.1:4711/oauth/callback/service'
/** The lifetime of tokens that the service does not tell. */
const LONG = 86_400
const [alice, bob] = users as [FakeUser, FakeUser]

/** Plays a step against a fake. @throws Error if the outcome differs from the documentation */
export async function play(documented: Documented, step: Step): Promise<Outcome> {
  const scene = await Scene.start(documented)
  try {
    const outcome = await scene[step]()
    expectEqual(scene.fake.faults, [], 'requests that the documentation does not allow')
    return outcome
  } finally {
    await scene.host.latchkey.stop()
  }
}

/** The function of a service, with its types erased. */
type AnyProvider = (options: providers.ServiceOptions) => providers.ProviderParts<typeof oauthTokens>

function partsOf({ provider, scope, device }: Documented) {
  const known: Readonly<Record<string, unknown>> = providers
  const make = known[provider] as AnyProvider
  return make({ ...CLIENT, ...(scope !== undefined && { scope }), device: device !== undefined })
}

/** An integration that calls the API of the service with the current token. */
function integrationOf(documented: Documented) {
  const { probe } = documented
  return defineIntegrationWithMethods({
    domain: 'service',
    title: documented.provider,
    ...partsOf(documented),
    async connect({ account = null }, { fetch, stored }) {
      const call = async () => {
        const { accessToken } = await stored()
        const response = await fetch(probe, { headers: { authorization: `Bearer ${accessToken.reveal()}` } })
        const body: unknown = await response.json()
        if (!response.ok || JSON.stringify(body).includes('"ok":false')) throw new InvalidAuthError()
      }
      await call()
      return { client: { call, values: async () => plain(await stored()) }, uniqueId: account }
    },
  })
}

/** The stored values without their tokens. */
const plain = (values: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !/Token|expiresAt/.test(name)))

class Scene {
  readonly documented: Documented
  readonly fake: FakeService
  readonly host: Host
  readonly integration: ReturnType<typeof integrationOf>

  private constructor(fake: FakeService, host: Host, integration: ReturnType<typeof integrationOf>) {
    this.documented = fake.documented
    this.fake = fake
    this.host = host
    this.integration = integration
  }

  static async start(documented: Documented): Promise<Scene> {
    const fake = new FakeService(documented)
    const clock = new SimulatedClock()
    clock.set(Date.now())
    const integration = integrationOf(documented)
    const network = { fetch: fake.fetch }
    const cipher = joseCipher([new Uint8Array(32).fill(5)])
    const host = await makeHost({ integrations: [integration], clock, network, cipher })
    await host.latchkey.start()
    return new Scene(fake, host, integration)
  }

  async link(): Promise<Outcome> {
    const entryId = await this.#linked()
    const entry = await this.host.latchkey.entries.get(entryId)
    expectEqual(entry.uniqueId, this.documented.account, 'the account')
    const values = await this.#use(entryId, ({ values }) => values())
    const expected = { account: this.documented.account, ...this.documented.stored }
    expectEqual({ ...values, ...expected }, values, 'the stored values')
    // A second sign-in of the account changes nothing, even if the service returns the same tokens.
    const again = await this.#signIn(await this.#start(), alice)
    expectEqual('reason' in again && again.reason, 'already_configured', 'the result of a second sign-in')
    await atRest()
    await this.#use(entryId, ({ call }) => call())
    return 'conforms'
  }

  async refresh(): Promise<Outcome> {
    const entryId = await this.#linked()
    if (!this.documented.refreshes) return 'absent'
    const before = await this.#use(entryId, ({ values }) => values())
    // Twice, because a service can keep or replace the refresh token.
    for (const _ of [1, 2]) {
      await this.#tokenExpires()
      await this.#use(entryId, ({ call }) => call())
    }
    expectEqual(this.fake.accepted, ['refresh', 'refresh'], 'the accepted requests')
    expectEqual(await this.#use(entryId, ({ values }) => values()), before, 'the stored values')
    return 'conforms'
  }

  async revoked(): Promise<Outcome> {
    const entryId = await this.#linked()
    await this.#revokedAtService(entryId)
    const view = await this.#reauthenticate(entryId, alice)
    expectEqual([view.type, 'reason' in view && view.reason], ['abort', 'reauth_successful'], 'the repair')
    await this.#use(entryId, ({ call }) => call())
    expectEqual(await this.host.latchkey.attention.list(), [], 'the attention list')
    return 'conforms'
  }

  async wrongAccount(): Promise<Outcome> {
    const entryId = await this.#linked()
    await this.#revokedAtService(entryId)
    const view = await this.#reauthenticate(entryId, bob)
    expectEqual([view.type, 'reason' in view && view.reason], ['abort', 'wrong_account'], 'the repair')
    return 'conforms'
  }

  async cancel(): Promise<Outcome> {
    const view = await this.#signIn(await this.#start(), null)
    const code = 'errors' in view ? view.errors.base?.code : null
    expectEqual([view.type, code], ['external', 'authorize_rejected'], 'the view')
    return 'conforms'
  }

  async device(): Promise<Outcome> {
    if (this.documented.device === undefined) return 'absent'
    expectEqual(
      (await this.#enter(null)).errors?.base?.code,
      'authorize_rejected',
      'the error of a refused code',
    )
    const linked = await this.#enter(alice)
    expectEqual(linked.type, 'create_entry', 'the view')
    const { uniqueId } = await this.host.latchkey.entries.get(linked.entryId ?? '')
    expectEqual(uniqueId, this.documented.account, 'the account')
    return 'conforms'
  }

  async removal(): Promise<Outcome> {
    const entryId = await this.#linked()
    await this.host.latchkey.entries.remove(entryId)
    await atRest()
    if (this.documented.revocation === undefined) return 'absent'
    expectEqual(this.fake.living('alice'), 0, 'the grants of the user')
    return 'conforms'
  }

  async #linked(): Promise<string> {
    const view = await this.#signIn(await this.#start(), alice)
    if (view.type !== 'create_entry') throw new Error(`Not linked: ${this.#told(view)}`)
    await atRest()
    return view.entryId ?? ''
  }

  #start(): Promise<View> {
    return this.host.latchkey.flows.start({ domain: 'service', source: 'user' })
  }

  async #reauthenticate(entryId: string, user: FakeUser): Promise<View> {
    return this.#signIn(await this.host.latchkey.flows.start({ source: 'reauth', entryId }), user)
  }

  /** The user revokes the grant in the settings of the service, and a call notices it. */
  async #revokedAtService(entryId: string): Promise<void> {
    this.fake.revoke('alice')
    await this.#tokenExpires()
    const code = await this.#use(entryId, ({ call }) => call()).then(
      () => 'no error',
      (error: { code?: string }) => error.code,
    )
    await atRest()
    const items = await this.host.latchkey.attention.list()
    expectEqual(
      [code, items.map((item) => item.entryId)],
      ['REAUTH_REQUIRED', [entryId]],
      'the attention list',
    )
  }

  async #tokenExpires(): Promise<void> {
    this.fake.expire('alice')
    await this.host.pass((this.documented.lifetime ?? LONG) * 1000)
  }

  /** Starts a sign-in with a code, and enters the code as a user, or refuses it. */
  async #enter(user: FakeUser | null): Promise<View & Partial<Pick<ExternalView, 'errors'>>> {
    const { flows } = this.host.latchkey
    const menu = await this.#start()
    const { flowId } = await flows.choose(menu.flowId, 'device', menu)
    const shown = await flows.poll(flowId)
    if (!('userCode' in shown)) throw new Error(`Expected a code, not ${this.#told(shown)}`)
    await this.host.pass(5000)
    expectEqual((await flows.poll(flowId)).type, 'progress', 'the view of an open code')
    this.fake.enter(shown.userCode ?? '', user)
    await this.host.pass(5000)
    return flows.poll(flowId)
  }

  /** Answers the views of a flow as a user, up to the end of the sign-in. */
  async #signIn(first: View, user: FakeUser | null): Promise<View> {
    const { flows } = this.host.latchkey
    const { fields = {}, choice = {} } = this.documented
    let view = first
    if (view.type === 'menu') view = await flows.choose(view.flowId, 'browser', view)
    if (view.type === 'form') view = await flows.submit(view.flowId, fields, view)
    view = await this.#visit(view, user)
    const chosen = JSON.stringify(choice).replaceAll('alice', user?.id ?? '')
    return view.type === 'form' ? flows.submit(view.flowId, JSON.parse(chosen), view) : view
  }

  async #visit(view: View, user: FakeUser | null): Promise<View> {
    if (view.type !== 'external') throw new Error(`Expected a sign-in, not ${this.#told(view)}`)
    const { flows, signIns } = this.host.latchkey
    const { flowId, revision } = view
    const { browser } = await flows.authorize(flowId, { revision, redirectUri: REDIRECT })
    const address = await signIns.redirect(flowId, browser ?? '')
    const { searchParams: query } = this.fake.approve(address ?? '', user)
    await signIns.finish({ domain: 'service', query, browserOf: () => browser })
    return flows.get(flowId)
  }

  #use<Result>(
    entryId: string,
    work: (client: ClientOf<Scene['integration']>) => Promise<Result>,
  ): Promise<Result> {
    return this.host.latchkey.entries.use(this.integration, entryId, work)
  }

  #told(view: View): string {
    const { faults } = this.fake
    const lines = this.host.log.lines.map(({ message, fields }) => `${message} ${String(fields.error ?? '')}`)
    return JSON.stringify({ view, faults, lines })
  }
}

function expectEqual(given: unknown, expected: unknown, what: string): void {
  const [is, should] = [given, expected].map((value) => JSON.stringify(value))
  if (is !== should) throw new Error(`Expected ${what} to be ${should}, not ${is}.`)
}
