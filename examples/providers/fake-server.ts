import { Hono } from 'hono'
import { placedAt } from '../../src/providers/place-url.ts'
import { listen } from '../listen.ts'
import { type Documented, users } from './documented.ts'
import { codeEntered, codePage, signInPage } from './fake-pages.ts'
import { FakeService } from './fake-service.ts'

/** A fake on this machine, and its title. */
interface Served {
  readonly title: string
  readonly fake: FakeService
}

/** Fakes of services, each below a path with the name of its provider: `http://127.0.0.1:<port>/github`. */
export interface FakeServer {
  /** Returns the base URL of a fake, for `issuer`. */
  issuerOf(provider: string): string
  /** Returns the URL of a documented endpoint at a fake. */
  urlOf(provider: string, url: string): string
  /** The users of each service, for the controls of the page. */
  readonly users: readonly { readonly id: string; readonly email: string }[]
  living(id: string): Promise<number>
  revoke(id: string): Promise<void>
  stop(): Promise<void>
}

/** The path of the API of a server that is not at github.com. */
const API_PATH = { 'https://api.github.com': '/api/v3' }

/** Serves fakes on a free port of this machine. */
export async function startFakes(
  services: readonly { readonly title: string; readonly documented: Documented }[],
): Promise<FakeServer> {
  const app = new Hono()
  const listening = await listen(app, 0)
  const issuerOf = (provider: string): string => `http://127.0.0.1:${listening.port}/${provider}`
  const urlOf = (provider: string, url: string): string => placedAt(url, rootOf(provider), API_PATH)
  // The shop is part of the path.
  const rootOf = (provider: string): string =>
    `${issuerOf(provider)}${provider === 'shopify' ? '/alice' : ''}`
  const served: readonly Served[] = services.map(({ title, documented }) => {
    const place = (url: string): string => urlOf(documented.provider, url)
    return { title, fake: new FakeService(documented, { place, interval: 1 }) }
  })
  for (const { title, fake } of served)
    app.all(`/${fake.documented.provider}/*`, (context) => answer(context.req.raw, { title, fake }))
  const fakeOf = (id: string): FakeService | undefined =>
    served.find(({ fake }) => id.startsWith(`${fake.documented.provider}-`))?.fake
  const userOf = (id: string): string => id.slice(id.lastIndexOf('-') + 1)
  return {
    issuerOf,
    urlOf,
    users: served.flatMap(({ title, fake }) =>
      users.map(({ id, name }) => ({
        id: `${fake.documented.provider}-${id}`,
        email: `${name} at ${title}`,
      })),
    ),
    living: async (id) => fakeOf(id)?.living(userOf(id)) ?? 0,
    revoke: async (id) => fakeOf(id)?.revoke(userOf(id)),
    stop: () => listening.close(),
  }
}

/** Answers a browser with a page, and the host as the service does. */
async function answer(request: Request, { title, fake }: Served): Promise<Response> {
  const { pathname } = new URL(request.url)
  const { authorize, device } = fake.documented
  const isAt = (url: string | undefined): boolean =>
    url !== undefined && pathname.endsWith(new URL(url).pathname)
  const isCode = isAt(device?.verification)
  if (!isCode && !isAt(authorize)) return fake.fetch(new Request(sameShop(request.url), request))
  if (request.method === 'GET') return html(isCode ? codePage(title) : signInPage(title))
  const form = await request.formData()
  const user = users.find(({ id }) => id === form.get('user')) ?? null
  if (isCode) return html(codeEntered(title, fake.enter(String(form.get('code')).trim(), user)))
  return Response.redirect(fake.approve(sameShop(request.url), user).href, 303)
}

/** All shops are one service. */
const sameShop = (url: string): string => url.replace(/\/shopify\/[^/]+/, '/shopify/alice')

const html = (text: string): Response =>
  new Response(text, { headers: { 'content-type': 'text/html; charset=utf-8' } })
