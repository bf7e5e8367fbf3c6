import {
  type AnyIntegration,
  CannotConnectError,
  defineIntegrationWithMethods,
  InvalidAuthError,
} from '../../src/index.ts'
import type { OAuthTokens } from '../../src/oauth/index.ts'
import { github, gitlab, microsoft, shopify, slack, xero } from '../../src/providers/index.ts'
import { icons } from '../icons.ts'
import type { FakeServer } from './fake-server.ts'
import { CLIENT } from './fake-service.ts'

/** The integrations of the fakes. Each is one line over `latchkey/providers`, and calls its API. */
export function fakeIntegrations({ issuerOf, urlOf }: FakeServer): readonly AnyIntegration[] {
  const at = (provider: string, path = '') => ({ ...CLIENT, issuer: `${issuerOf(provider)}${path}` })
  const common = (domain: string, description: string) =>
    ({ domain, description, icon: icons.account, category: 'other' }) as const
  const code = gitlab({ ...at('gitlab'), device: true })
  return [
    defineIntegrationWithMethods({
      ...common('github', 'Tokens that do not expire'),
      title: 'GitHub',
      ...github(at('github')),
      connect: connectTo('GitHub', urlOf('github', 'https://api.github.com/user')),
    }),
    defineIntegrationWithMethods({
      ...common('slack', 'A bot of a workspace'),
      title: 'Slack',
      ...slack({ ...at('slack'), scope: ['chat:write', 'users:read'] }),
      connect: connectTo('Slack', urlOf('slack', 'https://slack.com/api/auth.test')),
    }),
    defineIntegrationWithMethods({
      ...common('shopify', 'The shop is entered first'),
      title: 'Shopify',
      ...shopify({ ...at('shopify', '/{shop}'), scope: ['read_products', 'read_orders'] }),
      connect: connectTo(
        'Shopify',
        urlOf('shopify', 'https://alice.myshopify.com/admin/api/2026-10/shop.json'),
      ),
    }),
    defineIntegrationWithMethods({
      ...common('xero', 'The organization is chosen after the sign-in'),
      title: 'Xero',
      ...xero(at('xero')),
      connect: connectTo('Xero', urlOf('xero', 'https://api.xero.com/connections')),
    }),
    defineIntegrationWithMethods({
      ...common('microsoft', 'Accounts of several tenants'),
      title: 'Microsoft',
      ...microsoft(at('microsoft')),
      connect: connectTo('Microsoft', urlOf('microsoft', 'https://graph.microsoft.com/v1.0/me')),
    }),
    defineIntegrationWithMethods({
      ...common('gitlab', 'A code that you enter on another device'),
      title: 'GitLab',
      ...code,
      methods: { device: code.methods.device },
      connect: connectTo('GitLab', urlOf('gitlab', 'https://gitlab.com/api/v4/user')),
    }),
  ]
}

interface Context {
  readonly fetch: typeof globalThis.fetch
  stored(): Promise<OAuthTokens>
}

/** Returns the `connect` of an integration: a call of the API verifies the token. */
function connectTo(title: string, url: string) {
  return async ({ account, login = title }: OAuthTokens, { fetch, stored }: Context) => {
    const call = async (): Promise<void> => {
      const { accessToken } = await stored()
      const headers = { authorization: `Bearer ${accessToken.reveal()}` }
      const response = await fetch(url, { headers }).catch(() => null)
      const text = await response?.text()
      if (response?.status === 401 || text?.includes('"ok":false') === true) throw new InvalidAuthError()
      if (!response?.ok) throw new CannotConnectError()
    }
    await call()
    return { client: { call }, uniqueId: account ?? null, title: login }
  }
}
