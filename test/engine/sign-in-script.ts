import * as z from 'zod'
import { defineIntegrationWithMethods, InvalidAuthError, secret } from '../../src/index.ts'
import type { CodeAuthorizer, DeviceAuthorizer, DevicePoll, Granted } from '../../src/ports/authorizer.ts'
import type { Host } from './host.ts'

/** The redirect URI. */
export const REDIRECT = 'http://127.0.0.1:4711/oauth/callback/scripted_oauth'

/** A service whose answers are written down, for what a real one does too rarely. */
export class SignInScript {
  /** The answer to an authorization code or to a poll. */
  answer: () => Promise<DevicePoll> = async () => this.grant()
  /** Called with a request before it is answered with a page or a code. */
  begins: () => Promise<void> = async () => {}
  account = 'ann'
  /** Whether the service refuses every token. */
  refuses = false
  readonly revoked: unknown[] = []
  #tell: () => void = () => {}
  readonly #code: CodeAuthorizer = {
    grant: 'code',
    begin: async ({ state }) => {
      await this.#begun()
      return `https://login.example/?state=${encodeURIComponent(state)}`
    },
    finish: () => this.#asked() as Promise<Granted>,
    revoke: async (values) => void this.revoked.push(values),
  }
  readonly #device: DeviceAuthorizer = {
    grant: 'device',
    begin: async () => {
      await this.#begun()
      return {
        deviceCode: 'device',
        userCode: 'CODE',
        verificationUri: 'https://login.example',
        interval: 1_000,
        lifetime: 60_000,
      }
    },
    poll: () => this.#asked(),
  }
  readonly integration = defineIntegrationWithMethods({
    domain: 'scripted_oauth',
    title: 'Scripted',
    stored: z.object({ token: secret() }),
    methods: {
      browser: { title: 'Browser', authorize: this.#code },
      device: { title: 'Device', authorize: this.#device },
    },
    connect: async () => {
      if (this.refuses) throw new InvalidAuthError()
      return { client: {}, uniqueId: this.account, title: this.account }
    },
  })

  /** Resolves at the next call of the service. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#tell = resolve
    })
  }

  #begun(): Promise<void> {
    this.#tell()
    return this.begins()
  }

  #asked(): Promise<DevicePoll> {
    this.#tell()
    return this.answer()
  }

  grant(): Granted {
    return { type: 'granted', values: { token: `token of ${this.account}` } }
  }
}

/** Opens a flow and picks a method. */
export const begin = async ({ latchkey }: Host, way: 'browser' | 'device') => {
  const menu = await latchkey.flows.start({ domain: 'scripted_oauth', source: 'user' })
  return latchkey.flows.choose(menu.flowId, way, menu)
}

/** Goes to the service and has the browser come back. */
export async function signIn({ latchkey }: Host, view: { flowId: string; revision: number }) {
  const { browser } = await latchkey.flows.authorize(view.flowId, { ...view, redirectUri: REDIRECT })
  const address = await latchkey.signIns.redirect(view.flowId, browser ?? '')
  const query = new URL(address ?? '').searchParams
  const comeBack = (host: Host) =>
    host.latchkey.signIns.finish({ domain: 'scripted_oauth', query, browserOf: () => browser })
  return { browser: browser ?? '', comeBack }
}
