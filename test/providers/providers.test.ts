import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { tracker } from '../../examples/oauth/tracker.ts'
import { type Documented, github, slack } from '../../examples/providers/documented.ts'
import type { Authorizer } from '../../src/ports/authorizer.ts'
import * as providers from '../../src/providers/index.ts'
import { play, steps } from './conformance.ts'
import { documentedServices } from './documented-services.ts'
import { factsOf, outcomeOf, providersTable, withProviders } from './table.ts'

const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/providers.md'), 'utf8')
const services = documentedServices.map((documented) => [documented.provider, documented] as const)

describe.each(services)('%s', (_, documented) => {
  it.each(steps)('conforms to its documentation: %s', async (step) => {
    await expect(outcomeOf(documented, step)).resolves.toMatch(/^(conforms|absent)$/)
  })

  it('names the pages of its facts with their dates, and where to register an app', () => {
    const { docs, register, sources, unverified } = factsOf(documented)
    for (const page of [docs, register]) expect(page).toMatch(/^https:\/\/\S+$/)
    // Without a page, all facts are unverified.
    if (sources.length === 0) expect(unverified).toEqual(['all'])
    for (const source of sources) expect(source).toMatch(/^https:\/\/\S+ \(\d{4}-\d\d-\d\d(, [a-z ]+)?\)$/)
  })
})

describe('latchkey/providers', () => {
  it('is one line in an integration', () => {
    expect(Object.keys(tracker.methods)).toEqual(['browser'])
    expect(Object.keys(tracker.stored.shape)).toEqual(
      expect.arrayContaining(['accessToken', 'account', 'login']),
    )
  })

  it('has at least 25 services, and a test of each', () => {
    expect(Object.keys(providers).sort()).toEqual(documentedServices.map(({ provider }) => provider).sort())
    expect(new Set(documentedServices.map((each) => factsOf(each).title)).size).toBeGreaterThanOrEqual(25)
  })
})

describe('the options of a service', () => {
  const client = { clientId: 'me', clientSecret: 's3' }
  const request = {
    redirectUri: 'https://host.example/back',
    state: 's',
    nonce: 'n',
    verifier: 'v'.repeat(43),
  }
  const reach = { fetch: globalThis.fetch, signal: new AbortController().signal }
  /** The address of the sign-in page. */
  const pageOf = async ({ authorize }: { readonly authorize: Authorizer }, fields = {}): Promise<URL> => {
    if (authorize.grant !== 'code') throw new Error('Expected a sign-in in the browser.')
    return new URL(await authorize.begin(request, null, { ...reach, fields }))
  }

  it('name another server, whose path stays', async () => {
    const issuer = 'https://git.example/below/'
    const { methods } = providers.github({ ...client, issuer })
    expect((await pageOf(methods.browser)).href).toContain('https://git.example/below/login/oauth/authorize?')
  })

  it('name a tenant of Microsoft Entra', async () => {
    const { methods } = providers.microsoft({ ...client, tenant: 'organizations' })
    expect((await pageOf(methods.browser)).pathname).toBe('/organizations/oauth2/v2.0/authorize')
  })

  it('replace the default scopes, and add parameters', async () => {
    const { methods } = providers.google({ ...client, scope: ['a', 'b'], parameters: { hd: 'home.example' } })
    const { searchParams } = await pageOf(methods.browser)
    expect(Object.fromEntries(searchParams)).toMatchObject({
      scope: 'a b',
      hd: 'home.example',
      prompt: 'consent',
    })
  })

  it('accept the name of a shop only, so that no other host gets the client secret', async () => {
    const { browser } = providers.shopify(client).methods
    expect((await pageOf(browser, { shop: 'acme' })).host).toBe('acme.myshopify.com')
    for (const shop of ['evil.example/', 'evil.example#', 'a.b', '', '..', 'acme@evil']) {
      expect(browser.fields?.safeParse({ shop }).success).toBe(false)
    }
  })

  describe('of Shopify', () => {
    // The example of its documentation.
    const signed =
      'code=0907a61c0c8d55e99db179b68161bc00&shop=some-shop.myshopify.com&state=0.6784241404160823'
    const hmac = '700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf'
    const right = `${signed}&timestamp=1337178173&hmac=${hmac}`
    it.each<[string, string, string, isSigned: boolean]>([
      ['the documented signature', right, 'hush', true],
      ['another order of the parameters', `hmac=${hmac}&timestamp=1337178173&${signed}`, 'hush', true],
      ['another shop', right.replace('some-shop', 'evil'), 'hush', false],
      ['an additional parameter', `${right}&host=evil`, 'hush', false],
      ['a second shop', `${right}&shop=evil.myshopify.com`, 'hush', false],
      ['another signature', right.replace('hmac=7', 'hmac=8'), 'hush', false],
      ['a short signature', right.slice(0, -2), 'hush', false],
      ['no signature', `${signed}&timestamp=1337178173`, 'hush', false],
      ['another client secret', right, 'other', false],
    ])(
      'redeem a code only with the signature of the callback: %s',
      async (_, query, clientSecret, isSigned) => {
        const { authorize } = providers.shopify({ clientId: 'me', clientSecret: clientSecret ?? 'hush' })
          .methods.browser
        if (authorize.grant !== 'code') throw new Error('Expected a sign-in in the browser.')
        const requests: string[] = []
        const fetch = async (url: string | URL | Request) => {
          requests.push(String(url))
          return Response.json({ access_token: 'a-1', scope: 'read_products' })
        }
        const callback = new URL(`https://host.example/back?${query}`)
        const of = { ...request, state: '0.6784241404160823' }
        const finished = authorize.finish(callback, of, { ...reach, fetch, fields: { shop: 'some-shop' } })
        if (isSigned) await expect(finished).resolves.toMatchObject({ type: 'granted' })
        else await expect(finished).rejects.toMatchObject({ code: 'setup_error' })
        expect(requests).toHaveLength(isSigned ? 1 : 0)
      },
    )
  })

  it('have device codes only at services with such codes', () => {
    expect(Object.keys(providers.gitlab({ ...client, device: true }).methods)).toEqual(['browser', 'device'])
    expect(() => providers.zoom({ ...client, device: true })).toThrow('Zoom has no device codes.')
  })

  it('need an HTTPS server, or one on this machine', () => {
    expect(() => providers.gitlab({ ...client, issuer: 'http://git.example' })).toThrow('Use an HTTPS URL.')
  })
})

describe('the conformance test', () => {
  const wrong: readonly (readonly [string, Partial<Documented>])[] = [
    ['another token endpoint', { token: 'https://github.com/token' }],
    ['another authorization endpoint', { authorize: 'https://github.com/authorize' }],
    ['another place of the client secret', { client: 'basic' }],
    ['JSON requests', { format: 'json' }],
    ['no PKCE', { pkce: false }],
    ['another separator of scopes', { parameters: { scope: 'read:user,repo' } }],
    ['another account', { account: '7' }],
    ['another code for a cancelled sign-in', { cancelled: { error: 'login_failed' } }],
    ['a revocation with another member', { revocation: { ...github.revocation, member: 'token' } as never }],
  ]
  it.each(wrong)('notices %s', async (_, difference) => {
    const outcomes = steps.map((step) => play({ ...github, ...difference }, step))
    const failed = (await Promise.allSettled(outcomes)).filter(({ status }) => status === 'rejected')
    expect(failed).not.toEqual([])
  })

  it('notices an unknown refusal of a refresh token', async () => {
    const refused = { status: 400, body: { error: 'nope' } }
    await expect(play({ ...slack, refused, dead: refused }, 'revoked')).rejects.toThrow('the attention list')
  })
})

/** The rows of the table of other services. */
const shapes = guide
  .slice(guide.indexOf('## Other services'), guide.indexOf('## Limits'))
  .split('\n')
  .filter((line) => /^\| .*\| \d+ \|/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, shape = '', count, simple, , test = '']) => ({
    shape,
    count: Number(count),
    simple: Number.parseInt(simple ?? '', 10),
    test,
  }))

describe('docs/guides/providers.md', () => {
  it.each(shapes)('names a test of $shape', ({ simple, test }) => {
    if (simple === 0) return expect(test).toBe('–')
    const [, title = '', file = ''] = /^\[(.+)\]\(\.\.\/\.\.\/(.+)\)$/.exec(test) ?? []
    expect(readFileSync(join(import.meta.dirname, '../..', file), 'utf8')).toContain(`'${title}'`)
  })

  it('counts the services that need no protocol code', () => {
    const sum = (key: 'count' | 'simple') => shapes.reduce((total, shape) => total + shape[key], 0)
    expect(guide).toContain(`has ${sum('count')} services`)
    expect(guide).toContain(`${sum('simple')} of them\nneed no protocol code`)
  })

  it('has the current table, as `npm run providers` writes it', async () => {
    expect(guide).toBe(withProviders(guide, await providersTable()))
  })
})
