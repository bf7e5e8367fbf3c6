import { createHash, createHmac } from 'node:crypto'
import type { Documented, FakeAnswer, FakeGrant, FakeRevocation, FakeUser } from './documented.ts'

/** The registration of the only client of each fake. */
export const CLIENT = { clientId: 'me', clientSecret: 's3' } as const

/** A sign-in that a user has approved, until its code is redeemed. */
interface Approved {
  readonly user: FakeUser
  readonly query: URLSearchParams
}

/** A code that a user enters on another device. */
interface Device {
  readonly deviceCode: string
  readonly userCode: string
  readonly query: URLSearchParams
  /** Absent until the user has answered; null if the user refused. */
  answer?: FakeUser | null
}

/** The tokens of one user. */
interface Held extends Approved {
  accessToken: string
  refreshToken: string
  isRevoked: boolean
}

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

/** The options of a fake. */
export interface FakeOptions {
  /** Returns the URL of a documented endpoint at this fake. Defaults to the documented URL. */
  readonly place?: (url: string) => string
  /** The time between two polls for a device code in seconds. Defaults to 5. */
  readonly interval?: number
}

/** A service that answers as its documentation says, and refuses requests that the documentation does not allow. */
export class FakeService {
  readonly documented: Documented
  /** The requests that the documentation does not allow. */
  readonly faults: string[] = []
  /** The refreshes and revocations that were accepted. */
  readonly accepted: string[] = []
  readonly #place: (url: string) => string
  readonly #interval: number
  readonly #approved = new Map<string, Approved>()
  readonly #grants: Held[] = []
  readonly #devices: Device[] = []
  #count = 0

  constructor(documented: Documented, { place = (url) => url, interval = 5 }: FakeOptions = {}) {
    this.documented = documented
    this.#place = place
    this.#interval = interval
  }

  /** Answers a request, as `fetch` does. */
  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    const { status, body } = this.#answer(request, await request.text())
    const isText = typeof body === 'string'
    const type = isText ? 'application/x-www-form-urlencoded' : 'application/json'
    const content = isText ? body : JSON.stringify(body)
    return new Response(status === 204 ? null : content, { status, headers: { 'content-type': type } })
  }

  /** Signs in at the authorization endpoint, or cancels with null. @returns the URL to which the browser returns */
  approve(address: string, user: FakeUser | null): URL {
    const { searchParams: query, origin, pathname } = new URL(address)
    const { authorize, pkce, parameters, cancelled, callback, issuer, signsCallback } = this.documented
    const expected = { response_type: 'code', client_id: CLIENT.clientId, ...parameters }
    const wrong = Object.entries(expected).filter(([name, value]) => query.get(name) !== value)
    for (const [name] of wrong) this.faults.push(`authorization: ${name} is ${query.get(name)}`)
    if (`${origin}${pathname}` !== this.#place(authorize)) this.faults.push(`authorization at ${address}`)
    if (query.has('code_challenge') !== pkce) this.faults.push('authorization: code_challenge')
    const code = `code-${this.#next()}`
    const back = new URL(query.get('redirect_uri') ?? '')
    const result = user === null ? cancelled : { code, ...callback?.(user) }
    for (const [name, value] of Object.entries(result)) back.searchParams.set(name, value)
    back.searchParams.set('state', query.get('state') ?? '')
    if (issuer !== null) back.searchParams.set('iss', this.#place(issuer ?? 'https://unknown.example'))
    if (user !== null && signsCallback === true) back.searchParams.set('hmac', hmacOf(back.searchParams))
    if (user !== null) this.#approved.set(code, { user, query })
    return back
  }

  /** Enters the code of another device, and approves or refuses it with null. @returns whether the code is known */
  enter(userCode: string, user: FakeUser | null): boolean {
    const device = this.#devices.find((each) => each.userCode === userCode)
    if (device !== undefined) device.answer = user
    return device !== undefined
  }

  /** Ends all grants of a user, as the user can do in the settings of the service. */
  revoke(userId: string): void {
    for (const grant of this.#grants.filter(({ user }) => user.id === userId)) grant.isRevoked = true
  }

  /** Lets the access tokens of a user expire. */
  expire(userId: string): void {
    for (const grant of this.#grants.filter(({ user }) => user.id === userId)) grant.accessToken = ''
  }

  /** Returns the number of grants of a user that are not revoked. */
  living(userId: string): number {
    return this.#grants.filter(({ user, isRevoked }) => user.id === userId && !isRevoked).length
  }

  #answer(request: Request, text: string): FakeAnswer {
    const { token, refreshAt, revocation, api = {} } = this.documented
    const { origin, pathname } = new URL(request.url)
    const url = `${origin}${pathname}`
    if (request.method === 'POST' && (url === this.#place(token) || url === this.#placed(refreshAt)))
      return this.#tokens(request, text, url)
    if (revocation !== undefined && url === this.#place(revocation.url))
      return this.#revocation(revocation, request, text)
    if (request.method === 'POST' && url === this.#placed(this.documented.device?.url))
      return this.#newDevice(text)
    const found = Object.entries(api).find(([of]) => url === this.#place(of))
    if (found === undefined) return this.#fault(`${request.method} ${url}`)
    const grant = this.#grantOf(tokenIn(request, text))
    if (grant === null) return this.documented.dead ?? { status: 401, body: { error: 'invalid_token' } }
    return { status: 200, body: found[1](this.#shown(grant)) }
  }

  #placed(url: string | undefined): string | null {
    return url === undefined ? null : this.#place(url)
  }

  #tokens(request: Request, text: string, url: string): FakeAnswer {
    const { format, client, tokenParameters = {}, refreshAt, token } = this.documented
    const isJson = request.headers.get('content-type')?.includes('json') === true
    if (isJson !== (format === 'json')) return this.#fault('token request: format')
    const body = parametersOf(request, text)
    if (!isClient(client, request, body)) return this.#fault('token request: client authentication')
    const isRefresh = body.grant_type === 'refresh_token'
    const expected = isRefresh ? (refreshAt ?? token) : token
    if (url !== this.#place(expected)) return this.#fault(`token request at ${url}`)
    if (isRefresh) return this.#refresh(body.refresh_token ?? '')
    if (body.grant_type === DEVICE_GRANT) return this.#poll(body.device_code ?? '')
    const wrong = Object.entries(tokenParameters).find(([name, value]) => body[name] !== value)
    if (wrong !== undefined) return this.#fault(`token request: ${wrong[0]}`)
    return this.#redeem(body)
  }

  #redeem(body: Readonly<Record<string, string>>): FakeAnswer {
    const approved = this.#approved.get(body.code ?? '')
    if (approved === undefined) return this.#fault('token request: code')
    this.#approved.delete(body.code ?? '')
    const { query } = approved
    if (query.get('redirect_uri') !== body.redirect_uri) return this.#fault('token request: redirect_uri')
    const challenge = query.get('code_challenge')
    if (challenge !== null && challenge !== challengeOf(body.code_verifier ?? ''))
      return this.#fault('token request: code_verifier')
    return this.#grant(approved)
  }

  #grant(approved: Approved): FakeAnswer {
    const { reply = (_, standard) => standard, repeatsTokens } = this.documented
    const isSame = ({ user, isRevoked }: Held) => user.id === approved.user.id && !isRevoked
    const last = repeatsTokens ? this.#grants.find(isSame) : undefined
    const held = last ?? { ...approved, isRevoked: false, ...this.#newTokens() }
    if (last === undefined) this.#grants.push(held)
    return { status: 200, body: reply(this.#shown(held), this.#standard(held)) }
  }

  #newDevice(text: string): FakeAnswer {
    const number = this.#next()
    const device = {
      deviceCode: `device-code-${number}`,
      userCode: `FAKE-${number}`,
      query: new URLSearchParams(text),
    }
    if (device.query.get('client_id') !== CLIENT.clientId) return this.#fault('device request: client_id')
    this.#devices.push(device)
    const { verification = '', reply } = this.documented.device ?? {}
    const standard = {
      device_code: device.deviceCode,
      user_code: device.userCode,
      verification_uri: this.#place(verification),
      expires_in: 900,
      interval: this.#interval,
    }
    return { status: 200, body: reply?.(standard) ?? standard }
  }

  #poll(deviceCode: string): FakeAnswer {
    const device = this.#devices.find((each) => each.deviceCode === deviceCode)
    const { status = 400 } = this.documented.device ?? {}
    if (device === undefined) return { status, body: { error: 'expired_token' } }
    const { answer, query } = device
    if (answer === undefined) return { status, body: { error: 'authorization_pending' } }
    this.#devices.splice(this.#devices.indexOf(device), 1)
    return answer === null
      ? { status, body: { error: 'access_denied' } }
      : this.#grant({ user: answer, query })
  }

  #refresh(refreshToken: string): FakeAnswer {
    const held = this.#grants.find((each) => each.refreshToken === refreshToken && !each.isRevoked)
    if (held === undefined)
      return this.documented.refused ?? { status: 400, body: { error: 'invalid_grant' } }
    const next = { ...held, ...this.#newTokens() }
    const { reply = (_, standard) => standard, renewed = reply } = this.documented
    const body = renewed(this.#shown(next), this.#standard(next))
    held.accessToken = next.accessToken
    // Without a new refresh token, the old one stays valid.
    if (JSON.stringify(body).includes(next.refreshToken)) held.refreshToken = next.refreshToken
    this.accepted.push('refresh')
    return { status: 200, body }
  }

  #revocation(rules: FakeRevocation, request: Request, text: string): FakeAnswer {
    const { method = 'POST', token, member = 'token', client } = rules
    if (request.method !== method) return this.#fault('revocation: method')
    const body = parametersOf(request, text)
    if (!isClient(client, request, body)) return this.#fault('revocation: client authentication')
    const given = token === 'bearer' ? bearerOf(request) : body[member]
    const grants = this.#grants.filter(
      ({ accessToken, refreshToken }) => token === 'none' || given === accessToken || given === refreshToken,
    )
    if (grants.length === 0) return this.#fault('revocation: token')
    for (const grant of grants) grant.isRevoked = true
    this.accepted.push('revocation')
    return { status: 200, body: {} }
  }

  #fault(message: string): FakeAnswer {
    this.faults.push(message)
    return { status: 400, body: { error: 'invalid_request', error_description: message } }
  }

  #grantOf(token: string | null): Held | null {
    return this.#grants.find((grant) => grant.accessToken === token && !grant.isRevoked) ?? null
  }

  #standard({ accessToken, refreshToken, query }: Held): Readonly<Record<string, unknown>> {
    const { refreshes, lifetime } = this.documented
    const scope = query.get('scope')
    return {
      access_token: accessToken,
      token_type: 'bearer',
      ...(lifetime !== undefined && { expires_in: lifetime }),
      ...(refreshes && { refresh_token: refreshToken }),
      ...(scope !== null && { scope }),
    }
  }

  #shown({ user, accessToken, refreshToken, query }: Held): FakeGrant {
    return {
      user,
      accessToken,
      refreshToken,
      scope: query.get('scope') ?? '',
      clientId: CLIENT.clientId,
      nonce: query.get('nonce') ?? undefined,
      at: this.#place,
    }
  }

  #newTokens() {
    const number = this.#next()
    return { accessToken: `access-token-${number}`, refreshToken: `refresh-token-${number}` }
  }

  #next(): number {
    this.#count += 1
    return this.#count
  }
}

const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url')

function parametersOf(request: Request, text: string): Readonly<Record<string, string>> {
  if (request.headers.get('content-type')?.includes('json') === true) return JSON.parse(text)
  return Object.fromEntries(new URLSearchParams(text))
}

function isClient(
  place: FakeRevocation['client'],
  request: Request,
  body: Readonly<Record<string, string>>,
): boolean {
  const { clientId, clientSecret } = CLIENT
  const header = request.headers.get('authorization')
  if (place === 'none') return true
  if (place === 'bearer') return bearerOf(request) === clientSecret
  if (place === 'basic')
    return header === `Basic ${btoa(`${clientId}:${clientSecret}`)}` && !('client_secret' in body)
  return header === null && body.client_id === clientId && body.client_secret === clientSecret
}

const bearerOf = (request: Request): string | null =>
  /^(?:Bearer|OAuth) (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1] ?? null

/** Returns the access token of a call of the API: a bearer token, the header of Shopify, or a member of a form. */
const tokenIn = (request: Request, text: string): string | null =>
  bearerOf(request) ?? request.headers.get('x-shopify-access-token') ?? new URLSearchParams(text).get('token')

/** Signs the parameters of a callback with the client secret. */
function hmacOf(parameters: URLSearchParams): string {
  const pairs = [...parameters].map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return createHmac('sha256', CLIENT.clientSecret).update(pairs.sort().join('&')).digest('hex')
}
