import { Hono } from 'hono'

/** The users of services, whose grants can be revoked. */
interface Grants {
  readonly users: readonly { readonly id: string; readonly email: string }[]
  /** Returns the number of grants of a user. */
  living(id: string): Promise<number>
  revoke(id: string): Promise<void>
}

/** The current grants of the example's provider. */
export interface OidcState {
  readonly users: readonly { readonly id: string; readonly email: string; readonly grants: number }[]
}

/** The controls of the provider. Requires the page's token: `GET /state`, `POST /revoke-<user>`. */
export function oidcControls(provider: Grants, token: string): Hono {
  const state = async (): Promise<OidcState> => ({
    users: await Promise.all(
      provider.users.map(async (user) => ({ ...user, grants: await provider.living(user.id) })),
    ),
  })
  const app = new Hono()
  app.use(async (context, next) => {
    context.header('cache-control', 'no-store')
    return context.req.header('authorization') === `Bearer ${token}` ? next() : context.body(null, 401)
  })
  app.get('/state', async (context) => context.json(await state()))
  app.post('/:action', async (context) => {
    const user = provider.users.find(({ id }) => context.req.param('action') === `revoke-${id}`)
    if (user === undefined) return context.body(null, 404)
    await provider.revoke(user.id)
    return context.json(await state())
  })
  return app
}
