import { expect } from '@jest/globals'
import * as z from 'zod'
import {
  AbortFlowError,
  CannotConnectError,
  type Choice,
  defineIntegrationWithMethods,
  InvalidAuthError,
  secret,
  WrongAccountError,
} from '../../src/index.ts'
import type { CodeAuthorizer, DeviceAuthorizer, Granted } from '../../src/ports/authorizer.ts'
import type { StoryTurn } from '../../src/testing/index.ts'

const stored = z.object({ shop: z.string(), key: secret(), token: secret(), site: z.string().optional() })

/** The stored values of an entry. */
export type StoredShop = z.output<typeof stored>

const sites: readonly Choice[] = [
  { value: 's1', label: 'Berlin' },
  { value: 's2', label: 'Paris' },
  { value: 's3', label: 'Rome' },
]

const never = (): Promise<never> => new Promise(() => {})

/** The kind of the sign-in, and the reaction to another account. */
interface ShopsOptions {
  readonly onAccountMismatch: 'abort' | 'retry'
  readonly signIn: 'authorize' | 'device'
}

/** A service of shops, whose answers a story scripts. Each sign-in has another code, and each grant another token. */
export class Shops {
  readonly redeemed: string[] = []
  readonly granted: string[] = []
  readonly revoked: string[] = []
  /** Whether the user signs in. */
  agrees = true
  isReauth = false
  /** Whether the service refuses the entry. */
  refuses = false
  /** The shop that the user has typed. */
  shop = 'mine'
  /** The accounts of the tokens that have connected. */
  readonly #accounts = new Map<string, string>()
  #brings: readonly StoryTurn[] = []
  #connected: () => void = () => {}
  #reached = Promise.withResolvers<void>()
  readonly #authorize: CodeAuthorizer = {
    grant: 'code',
    revokes: 'token',
    begin: async ({ state }, _, { fields }) => {
      expect(fields).toMatchObject({ shop: this.shop })
      return `https://login.example/?state=${encodeURIComponent(state)}`
    },
    finish: async (callback) => this.#redeem(callback.searchParams.get('code') ?? ''),
    revoke: async ({ token }) => void this.revoked.push(String(token)),
  }
  readonly #device: DeviceAuthorizer = {
    grant: 'device',
    revokes: 'token',
    begin: async ({ fields }) => {
      expect(fields).toMatchObject({ shop: this.shop })
      const deviceCode = `code-${++this.#codes}`
      const page = { userCode: 'CODE', verificationUri: 'https://login.example' }
      return { deviceCode, ...page, interval: 1_000, lifetime: 60_000 }
    },
    poll: (deviceCode) => this.#redeem(deviceCode),
    revoke: async ({ token }) => void this.revoked.push(String(token)),
  }
  #codes = 0
  readonly integration

  constructor({ onAccountMismatch, signIn }: ShopsOptions) {
    this.integration = defineIntegrationWithMethods({
      domain: 'shop',
      title: 'Shop',
      onAccountMismatch,
      stored,
      methods: {
        browser: {
          title: 'Browser',
          fields: z.object({ shop: z.string().min(1), key: secret() }),
          authorize: signIn === 'device' ? this.#device : this.#authorize,
          select: { site: () => this.#choices() },
          reauth: ['key'],
        },
      },
      challenges: { pin: z.object({ pin: z.string().min(1) }) },
      connect: async (stored) => {
        const token = stored.token.reveal()
        if (!(await this.#connects(token))) return { challenge: 'pin' }
        return { client: { stored }, uniqueId: this.#accounts.get(token) ?? null }
      },
    })
  }

  /**
   * The next answers are those of a story. Work without a result is never answered. `connected` is called before the result
   * of a login is saved.
   */
  script(brings: readonly StoryTurn[], connected: () => void): void {
    this.#brings = brings
    this.#connected = connected
    this.#reached = Promise.withResolvers()
  }

  /** Resolves at the first call without an answer. */
  get reached(): Promise<void> {
    return this.#reached.promise
  }

  async #redeem(code: string): Promise<Granted> {
    this.redeemed.push(code)
    if (!this.agrees) return { type: 'rejected' }
    const token = `token-${this.granted.length + 1}`
    this.granted.push(token)
    return { type: 'granted', values: { token } }
  }

  async #choices(): Promise<readonly Choice[]> {
    const isSettled = (await this.#answer('findChoices')) === 'settled'
    // A reauthentication keeps the stored site while the service offers it.
    if (this.isReauth) return isSettled ? sites : sites.filter(({ value }) => value !== 's2')
    return isSettled ? sites.slice(1, 2) : sites
  }

  /** Whether a login succeeds. Otherwise, the service asks for a PIN. */
  async #connects(token: string): Promise<boolean> {
    // A login of the entry.
    if (this.#accounts.has(token) && this.refuses) throw new InvalidAuthError()
    if (this.#accounts.has(token)) return true
    const comes = await this.#answer('checkConnection')
    if (comes === 'challenged') return false
    this.#accounts.set(token, comes === 'another account' ? 'bob' : 'ann')
    this.#connected()
    return true
  }

  /** Throws as a service that cannot be reached, that refuses the grant, or that the integration does not support. */
  async #answer(of: string): Promise<string> {
    const comes = this.#brings.find(({ work }) => work === of)?.comes
    if (comes === undefined) {
      this.#reached.resolve()
      return never()
    }
    if (comes === 'cannot_connect') throw new CannotConnectError()
    if (comes === 'invalid_auth') throw new InvalidAuthError()
    if (comes === 'no_api') throw new AbortFlowError('no_api')
    if (comes === 'wrong_account') throw new WrongAccountError()
    return comes
  }
}
