import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair } from 'jose'
import { Provider } from 'oidc-provider'
import { memoryAdapter } from './memory-adapter.ts'
import { doneWithDevice, loginPage, userCodeForm, wrongPage } from './provider-pages.ts'

/** The users who can sign in. */
const users: readonly { readonly id: string; readonly email: string }[] = [
  { id: 'alice', email: 'alice@home.example' },
  { id: 'bob', email: 'bob@home.example' },
]

/** The registration of the only client. */
export const CLIENT = { clientId: 'latchkey-example', clientSecret: 'a secret of this example' } as const

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

export interface ProviderOptions {
  /** TCP port. Defaults to a free port. */
  readonly port?: number
  /** Lifetime of an access token in seconds. */
  readonly accessTokenLife?: number
  /** Lifetime of a device code in seconds. */
  readonly deviceCodeLife?: number
}

/** An OpenID provider on this machine: real tokens that rotate, two users, and a control that revokes their grants. */
export class ExampleProvider {
  readonly issuer: string
  readonly users = users
  readonly #server: Server
  readonly #provider: Provider
  /** The grants by user, so that they can be revoked. */
  readonly #grants = new Map<string, Set<string>>()
  /** The requests to the token and revocation endpoints, without their content. */
  readonly requests: string[] = []

  private constructor(server: Server, issuer: string, provider: Provider) {
    this.issuer = issuer
    this.#server = server
    this.#provider = provider
  }

  static async start(options: ProviderOptions = {}): Promise<ExampleProvider> {
    const server = createServer()
    server.listen(options.port ?? 0, '127.0.0.1')
    await once(server, 'listening')
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const provider = new ExampleProvider(server, issuer, await makeProvider(issuer, options))
    server.on('request', (request, response) => void provider.#answer(request, response))
    return provider
  }

  /** Revokes all grants of a user, like removing an app in the settings of a service. */
  async revoke(userId: string): Promise<void> {
    const { RefreshToken, AccessToken, Grant } = this.#provider
    for (const grantId of this.#grants.get(userId) ?? []) {
      await RefreshToken.revokeByGrantId(grantId)
      await AccessToken.revokeByGrantId(grantId)
      await (await Grant.find(grantId))?.destroy()
    }
    this.#grants.delete(userId)
  }

  /** Returns the number of grants of a user. */
  async living(userId: string): Promise<number> {
    const ids = [...(this.#grants.get(userId) ?? [])]
    const found = await Promise.all(ids.map((id) => this.#provider.Grant.find(id)))
    return found.filter((grant) => grant !== undefined).length
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.issuer)
    if (request.method === 'POST') this.requests.push(pathname)
    if (!pathname.startsWith('/interaction/')) return void this.#provider.callback()(request, response)
    try {
      await this.#interact(request, response)
    } catch {
      response.writeHead(400, { 'content-type': 'text/html; charset=utf-8' }).end(wrongPage())
    }
  }

  /** Signing in and consenting take one click. */
  async #interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { params } = await this.#provider.interactionDetails(request, response)
    if (request.method !== 'POST') {
      const page = loginPage(request.url ?? '', users, String(params.login_hint ?? ''))
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page)
      return
    }
    const chosen = new URLSearchParams(await text(request)).get('user')
    const accountId = users.find(({ id }) => id === chosen)?.id
    if (accountId === undefined) {
      const denied = { error: 'access_denied', error_description: 'The user refused.' }
      return this.#provider.interactionFinished(request, response, denied)
    }
    const grant = new this.#provider.Grant({ accountId, clientId: CLIENT.clientId })
    grant.addOIDCScope(String(params.scope))
    const grantId = await grant.save()
    const grants = this.#grants.get(accountId) ?? new Set()
    this.#grants.set(accountId, grants.add(grantId))
    return this.#provider.interactionFinished(request, response, {
      login: { accountId },
      consent: { grantId },
    })
  }
}

async function makeProvider(issuer: string, options: ProviderOptions): Promise<Provider> {
  const { accessTokenLife = 60, deviceCodeLife = 600 } = options
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return new Provider(issuer, {
    adapter: memoryAdapter(),
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        client_name: 'The Latchkey example',
        application_type: 'native',
        token_endpoint_auth_method: 'client_secret_post',
        // A native client can return to any loopback port (RFC 8252, 7.3).
        redirect_uris: ['http://127.0.0.1/oauth/callback/account'],
        grant_types: ['authorization_code', 'refresh_token', DEVICE_GRANT],
        response_types: ['code'],
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'example' }] },
    cookies: { keys: [crypto.randomUUID()] },
    claims: { openid: ['sub'], email: ['email'] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id, email: emailOf(id) }) }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true, allowedPolicy: (_, client, token) => token.clientId === client.clientId },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: (context, form) => userCodeForm(context, form),
        userCodeConfirmSource: (context, form, _client, _device, code) => userCodeForm(context, form, code),
        successSource: (context) => doneWithDevice(context),
      },
    },
    rotateRefreshToken: true,
    ttl: {
      AccessToken: accessTokenLife,
      DeviceCode: deviceCodeLife,
      AuthorizationCode: 60,
      IdToken: 600,
      Interaction: 600,
      Session: 3_600,
      Grant: 86_400,
      RefreshToken: 86_400,
    },
  })
}

const emailOf = (userId: string) => users.find(({ id }) => id === userId)?.email
