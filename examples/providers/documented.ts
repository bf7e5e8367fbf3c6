/** A user of the fakes. */
export interface FakeUser {
  readonly id: string
  readonly name: string
  readonly email: string
}

/** The users who can sign in at each fake. */
export const users: readonly FakeUser[] = [
  { id: 'alice', name: 'Alice', email: 'alice@home.example' },
  { id: 'bob', name: 'Bob', email: 'bob@home.example' },
]

/** One grant of a fake, for its answers. */
export interface FakeGrant {
  readonly user: FakeUser
  readonly accessToken: string
  readonly refreshToken: string
  readonly scope: string
  readonly clientId: string
  /** Absent without a nonce in the request. */
  readonly nonce?: string | undefined
  /** The URL of a documented endpoint at this fake. */
  readonly at: (url: string) => string
}

/** A JSON value, with members that are omitted. */
type Body = object | string

/** An answer with another status than 200. */
export interface FakeAnswer {
  readonly status: number
  readonly body: Body
}

/** The behavior of a service as its documentation describes it, for a fake. */
export interface Documented {
  /** The name in `latchkey/providers`. */
  readonly provider: string
  /** The values that the user enters before the sign-in. */
  readonly fields?: Readonly<Record<string, string>>
  /** The value that the user chooses after the sign-in, by stored field. Absent if there is no choice. */
  readonly choice?: Readonly<Record<string, string>>
  /** The scopes that the integration requests, if there are no default ones. */
  readonly scope?: readonly string[]
  /** The issuer that the callback names (RFC 9207); null if it names none. Defaults to one that is not known. */
  readonly issuer?: string | null
  readonly authorize: string
  readonly token: string
  /** Another URL that refreshes tokens. */
  readonly refreshAt?: string
  /** The place of the client secret. */
  readonly client: 'basic' | 'body'
  readonly format?: 'json'
  readonly pkce: boolean
  /** Parameters of the authorization request, with the default scopes. */
  readonly parameters: Readonly<Record<string, string>>
  /** Parameters that the token request must have. */
  readonly tokenParameters?: Readonly<Record<string, string>>
  /** Whether the grant has a refresh token. */
  readonly refreshes: boolean
  /** The lifetime of an access token in seconds. Absent if the reply has none. */
  readonly lifetime?: number
  /** Further members of the reply, or another reply. */
  reply?(grant: FakeGrant, standard: Readonly<Record<string, unknown>>): Body
  /** The reply to a refresh. Defaults to `reply`. */
  renewed?(grant: FakeGrant, standard: Readonly<Record<string, unknown>>): Body
  /** Whether a new sign-in of a user returns the tokens of the last one while they are valid. */
  readonly repeatsTokens?: true
  /** The answer to a refresh of a revoked grant. */
  readonly refused?: FakeAnswer
  /** Parameters of the callback after a cancelled sign-in. */
  readonly cancelled: Readonly<Record<string, string>>
  /** Further parameters of the callback. */
  callback?(user: FakeUser): Readonly<Record<string, string>>
  /** Whether the client secret signs the parameters of a callback with a code, as `hmac`. */
  readonly signsCallback?: true
  /** The answers of the API by URL. */
  readonly api?: Readonly<Record<string, (grant: FakeGrant) => Body>>
  /** The call with which an integration tests a token. */
  readonly probe: string
  /** The answer of the API to a revoked token. Defaults to status 401. */
  readonly dead?: FakeAnswer
  /** The account that the integration stores for Alice. */
  readonly account: string
  /** Further stored values for Alice. */
  readonly stored?: Readonly<Record<string, unknown>>
  /** The request that revokes a grant. Absent if the service has none. */
  readonly revocation?: FakeRevocation
  /** Absent if the service has no device codes. */
  readonly device?: FakeDevice
}

/** The codes that users enter on another device. */
interface FakeDevice {
  readonly url: string
  /** The page on which users enter the code. */
  readonly verification: string
  /** The answer to the request of a code, if it differs from RFC 8628. */
  reply?(standard: Readonly<Record<string, unknown>>): Body
  /** The status of a refusal of a poll. Defaults to 400. */
  readonly status?: number
}

/** A request that revokes a grant. */
export interface FakeRevocation {
  readonly url: string
  readonly method?: 'DELETE'
  /** The place of the token: a member of the body, or the bearer token. Absent if another value names the grant. */
  readonly token: 'form' | 'json' | 'bearer' | 'none'
  /** The name of the member. Defaults to `token`. */
  readonly member?: string
  readonly client: 'basic' | 'body' | 'bearer' | 'none'
}

/** An ID token, without a valid signature. The library does not verify it, because it comes directly from the service. */
export function idToken(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  return `${part({ alg: 'RS256' })}.${part({ iat: now, exp: now + 3600, ...claims })}.${'c2ln'}`
}

const ENTRA_TENANT = '8f1f6f0c-0000-4000-8000-000000000001'

/** The services that the example starts. */
export const github: Documented = {
  provider: 'github',
  issuer: 'https://github.com/login/oauth',
  authorize: 'https://github.com/login/oauth/authorize',
  token: 'https://github.com/login/oauth/access_token',
  client: 'body',
  pkce: true,
  parameters: { scope: 'read:user' },
  refreshes: false,
  reply: ({ accessToken }) => ({ access_token: accessToken, scope: 'read:user', token_type: 'bearer' }),
  cancelled: { error: 'access_denied', error_description: 'The user has denied your application access.' },
  api: {
    'https://api.github.com/user': ({ user }) => ({ id: user.id === 'alice' ? 1 : 2, login: user.id }),
  },
  probe: 'https://api.github.com/user',
  dead: { status: 401, body: { message: 'Bad credentials' } },
  account: '1',
  stored: { login: 'alice' },
  device: {
    url: 'https://github.com/login/device/code',
    verification: 'https://github.com/login/device',
    status: 200,
  },
  revocation: {
    method: 'DELETE',
    url: 'https://api.github.com/applications/me/token',
    token: 'json',
    member: 'access_token',
    client: 'basic',
  },
}

const team = (user: FakeUser) => ({ id: `T-${user.id}`, name: `Team of ${user.name}` })

export const slack: Documented = {
  provider: 'slack',
  authorize: 'https://slack.com/oauth/v2/authorize',
  token: 'https://slack.com/api/oauth.v2.access',
  client: 'basic',
  pkce: true,
  scope: ['chat:write', 'users:read'],
  parameters: { scope: 'chat:write,users:read' },
  refreshes: true,
  lifetime: 43_200,
  repeatsTokens: true,
  reply: ({ user, accessToken }, standard) => ({
    ok: true,
    ...standard,
    token_type: 'bot',
    scope: 'chat:write,users:read',
    bot_user_id: 'U0BOT',
    app_id: 'A1',
    team: team(user),
    enterprise: null,
    authed_user: { id: `U-${user.id}`, access_token: `user-${accessToken}`, token_type: 'user' },
  }),
  refused: { status: 200, body: { ok: false, error: 'invalid_refresh_token' } },
  cancelled: { error: 'access_denied' },
  api: { 'https://slack.com/api/auth.test': ({ user }) => ({ ok: true, team_id: team(user).id }) },
  probe: 'https://slack.com/api/auth.test',
  dead: { status: 200, body: { ok: false, error: 'token_revoked' } },
  account: 'T-alice',
  stored: { teamId: 'T-alice', login: 'Team of Alice' },
  revocation: { url: 'https://slack.com/api/auth.revoke', token: 'bearer', client: 'none' },
}

export const shopify: Documented = {
  provider: 'shopify',
  fields: { shop: 'alice' },
  authorize: 'https://alice.myshopify.com/admin/oauth/authorize',
  token: 'https://alice.myshopify.com/admin/oauth/access_token',
  client: 'body',
  pkce: false,
  scope: ['read_products', 'read_orders'],
  parameters: { scope: 'read_products,read_orders' },
  tokenParameters: { expiring: '1' },
  refreshes: true,
  lifetime: 3600,
  reply: (_, { token_type: __, ...standard }) => ({
    ...standard,
    scope: 'read_products,read_orders',
    refresh_token_expires_in: 7_776_000,
  }),
  refused: { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid refresh token.' } },
  cancelled: { error: 'access_denied', error_description: 'The merchant denied the request.' },
  issuer: null,
  callback: (user) => ({
    shop: `${user.id}.myshopify.com`,
    timestamp: '1764460800',
    host: btoa(`admin.shopify.com/store/${user.id}`),
  }),
  signsCallback: true,
  api: {
    'https://alice.myshopify.com/admin/api/2026-10/shop.json': ({ user }) => ({ shop: { name: user.name } }),
  },
  probe: 'https://alice.myshopify.com/admin/api/2026-10/shop.json',
  account: 'alice.myshopify.com',
  stored: { shop: 'alice' },
}

export const xero: Documented = {
  provider: 'xero',
  issuer: 'https://identity.xero.com',
  choice: { tenantId: 'alice-farm' },
  authorize: 'https://login.xero.com/identity/connect/authorize',
  token: 'https://identity.xero.com/connect/token',
  client: 'basic',
  pkce: true,
  parameters: { scope: 'openid profile email offline_access accounting.settings.read' },
  refreshes: true,
  lifetime: 1800,
  reply: ({ user, nonce, clientId, at }, standard) => ({
    ...standard,
    id_token: idToken({
      iss: at('https://identity.xero.com'),
      aud: clientId,
      sub: user.id,
      email: user.email,
      nonce,
    }),
  }),
  renewed: (_, standard) => standard,
  refused: { status: 400, body: { error: 'invalid_grant' } },
  cancelled: { error: 'access_denied' },
  api: {
    'https://api.xero.com/connections': ({ user }) => [
      { id: '1', tenantId: `${user.id}-shop`, tenantName: `${user.name}'s shop`, tenantType: 'ORGANISATION' },
      { id: '2', tenantId: `${user.id}-farm`, tenantName: `${user.name}'s farm`, tenantType: 'ORGANISATION' },
    ],
  },
  probe: 'https://api.xero.com/connections',
  account: 'https://identity.xero.com#alice',
  stored: { login: 'alice@home.example', tenantId: 'alice-farm' },
  revocation: { url: 'https://identity.xero.com/connect/revocation', token: 'form', client: 'basic' },
}

export const microsoft: Documented = {
  provider: 'microsoft',
  issuer: null,
  authorize: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
  token: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
  client: 'body',
  pkce: true,
  parameters: { scope: 'openid profile email offline_access' },
  refreshes: true,
  lifetime: 3599,
  reply: ({ user, nonce, clientId, at }, standard) => ({
    ...standard,
    token_type: 'Bearer',
    ext_expires_in: 3599,
    id_token: idToken({
      iss: at(`https://login.microsoftonline.com/${ENTRA_TENANT}/v2.0`),
      tid: ENTRA_TENANT,
      aud: clientId,
      sub: user.id,
      email: user.email,
      nonce,
    }),
  }),
  renewed: (_, standard) => standard,
  refused: {
    status: 400,
    body: {
      error: 'invalid_grant',
      error_description: 'AADSTS50173: The provided grant has expired due to it being revoked.',
      error_codes: [50173],
    },
  },
  cancelled: { error: 'access_denied', error_subcode: 'cancel' },
  api: { 'https://graph.microsoft.com/v1.0/me': ({ user }) => ({ id: user.id, mail: user.email }) },
  probe: 'https://graph.microsoft.com/v1.0/me',
  account: `https://login.microsoftonline.com/${ENTRA_TENANT}/v2.0#alice`,
  stored: { login: 'alice@home.example' },
  device: {
    url: 'https://login.microsoftonline.com/common/oauth2/v2.0/devicecode',
    verification: 'https://microsoft.com/devicelogin',
    reply: (standard) => ({ ...standard, message: 'To sign in, use a web browser to open the page.' }),
  },
}

export const gitlab: Documented = {
  provider: 'gitlab',
  authorize: 'https://gitlab.com/oauth/authorize',
  token: 'https://gitlab.com/oauth/token',
  client: 'body',
  pkce: true,
  parameters: { scope: 'read_user' },
  refreshes: true,
  lifetime: 7200,
  reply: (_, standard) => ({ ...standard, created_at: 1_764_460_800 }),
  refused: {
    status: 400,
    body: { error: 'invalid_grant', error_description: 'The provided authorization grant is invalid.' },
  },
  cancelled: { error: 'access_denied', error_description: 'The resource owner denied the request.' },
  api: {
    'https://gitlab.com/api/v4/user': ({ user }) => ({
      id: user.id === 'alice' ? 1 : 2,
      username: user.id,
    }),
  },
  probe: 'https://gitlab.com/api/v4/user',
  account: '1',
  stored: { login: 'alice' },
  device: {
    url: 'https://gitlab.com/oauth/authorize_device',
    verification: 'https://gitlab.com/oauth/device',
  },
  revocation: { url: 'https://gitlab.com/oauth/revoke', token: 'form', client: 'body' },
}
