import { createRequire } from 'node:module'
import { describe, expect, it } from '@jest/globals'
import { documentedServices } from './documented-services.ts'

/** The endpoints of a service. */
interface Endpoints {
  readonly authorize?: string | undefined
  readonly token?: string | undefined
}

/** A provider of `@auth/core`. */
interface CoreProvider {
  readonly authorization?: unknown
  readonly token?: unknown
}

const names = [
  'atlassian',
  'bitbucket',
  'box',
  'discord',
  'dropbox',
  'figma',
  'github',
  'gitlab',
  'hubspot',
  'notion',
  'reddit',
  'spotify',
  'strava',
  'todoist',
  'zoom',
]

/** The providers by name. Their types change the global ones, so they are not imported. */
async function coreProviders(): Promise<Readonly<Record<string, CoreProvider>>> {
  const options = { clientId: 'me', clientSecret: 's3', redirectUri: 'https://host.example' }
  const found = names.map(async (name) => {
    const { default: make }: { default(of: object): CoreProvider } = await import(
      `@auth/core/providers/${name}`
    )
    return [name, make(options)] as const
  })
  return Object.fromEntries(await Promise.all(found))
}

const require = createRequire(import.meta.url)
const grant: Readonly<Record<string, { readonly authorize_url?: string; readonly access_url?: string }>> =
  require('grant/config/oauth.json')

/** The reasons for the endpoints that differ from another catalogue. Ours are those of the documentation. */
const reasons: Readonly<Record<string, string>> = {
  'box authorize grant': 'The documentation has account.box.com. The old address redirects.',
  'discord authorize auth': 'The documentation has no /api in the address of the page.',
  'discord authorize grant': 'The documentation has no /api in the address of the page.',
  'figma token grant': 'The old address was turned off in 2025.',
  'hubspot token auth': 'Version 1 is turned off in February 2027.',
  'reddit authorize grant': 'The old host redirects.',
  'reddit token grant': 'The old host redirects.',
  'slack authorize grant': 'Version 1 is for classic apps.',
  'slack token grant': 'Version 1 is for classic apps.',
  'strava authorize auth': 'The documentation has no /api/v3 in the address of the page.',
  'strava token auth': 'Not verified. Its deprecated documentation has this address, too.',
  'xero authorize grant': 'These are the addresses of OAuth 1.',
  'xero token grant': 'These are the addresses of OAuth 1.',
}

const urlOf = (endpoint: unknown): string | undefined => {
  const url = typeof endpoint === 'object' && endpoint !== null && 'url' in endpoint ? endpoint.url : endpoint
  return typeof url === 'string' ? url.replace(/\?.*$/, '') : undefined
}

/** The endpoints that differ, without those that a catalogue does not have. */
function differences(provider: string, ours: Endpoints, theirs: Endpoints, name: string): string[] {
  return (['authorize', 'token'] as const)
    .filter((key) => theirs[key] !== undefined && theirs[key] !== ours[key])
    .map((key) => `${provider} ${key} ${name}`)
}

describe('the endpoints of latchkey/providers', () => {
  it('are those of @auth/core and grant, or differ for a reason', async () => {
    const core = await coreProviders()
    const found = documentedServices.flatMap((ours) => {
      const { provider } = ours
      const auth = core[provider]
      const old = grant[provider]
      return [
        ...differences(
          provider,
          ours,
          { authorize: urlOf(auth?.authorization), token: urlOf(auth?.token) },
          'auth',
        ),
        // The shop or subdomain is a placeholder there.
        ...(ours.fields === undefined
          ? differences(provider, ours, { authorize: old?.authorize_url, token: old?.access_url }, 'grant')
          : []),
      ]
    })
    expect(found.sort()).toEqual(Object.keys(reasons).sort())
  })

  it('are compared with at least 15 services', () => {
    const compared = documentedServices.filter(
      ({ provider }) => names.includes(provider) || grant[provider] !== undefined,
    )
    expect(compared.length).toBeGreaterThanOrEqual(15)
  })
})
