import { myHub } from '../../examples/my-hub/my-hub.ts'
import { MyService } from '../../examples/my-hub/service.ts'
import { type Access, type Handler, type HandlerOptions, latchkeyHandler } from '../../src/http/index.ts'
import {
  type AnyIntegration,
  createLatchkey,
  type Latchkey,
  memoryStore,
  type Store,
} from '../../src/index.ts'

/** The response of a call. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: each test states the shape that it expects
  readonly body: any
}

export interface CallOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** `null` sends no token. */
  readonly token?: string | null
  readonly origin?: string
}

/** Serves a host with the test integration and its real service. */
export class Served implements AsyncDisposable {
  readonly service: MyService
  readonly latchkey: Latchkey
  readonly store: Store
  readonly handler: Handler

  private constructor(service: MyService, latchkey: Latchkey, store: Store, handler: Handler) {
    this.service = service
    this.latchkey = latchkey
    this.store = store
    this.handler = handler
  }

  static async open(
    options: HandlerOptions = {},
    more: readonly AnyIntegration[] = [],
    store: Store = memoryStore(),
  ): Promise<Served> {
    const service = await MyService.start()
    service.tokens.set('good', { id: 'account-1', name: 'Ada' })
    const latchkey = await createLatchkey({ integrations: [myHub, ...more], store })
    return new Served(service, latchkey, store, latchkeyHandler(latchkey, options))
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { body, headers, token = this.handler.startToken, origin = 'http://127.0.0.1:8124' } = options
    const response = await this.handler(
      new Request(`${origin}${path}`, {
        method,
        headers: {
          ...(token !== null && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    )
    const text = await response.text()
    const { status } = response
    return {
      status,
      headers: response.headers,
      body: /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text,
    }
  }

  /** Links the account of a token. @returns the entry's id */
  async link(token = 'good', scope = 'default'): Promise<string> {
    const { flows } = this.latchkey.scope(scope)
    const form = await flows.start({ domain: 'my_hub', source: 'user' })
    const input = { host: this.service.host, apiToken: token }
    const view = await flows.submit(form.flowId, input, { revision: form.revision })
    if (view.type !== 'create_entry')
      throw new Error(`The account could not be linked: ${JSON.stringify(view)}`)
    return view.entryId
  }

  /** Makes the service reject a token, and a call notice it. */
  async breakToken(entryId: string, token = 'good', scope = 'default'): Promise<void> {
    this.service.tokens.delete(token)
    await this.latchkey
      .scope(scope)
      .entries.use(myHub, entryId, (client) => client.status())
      .catch(() => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.handler.close()
    await this.latchkey.stop()
    await this.service.stop()
  }
}

/** Authorizes tokens of the form `scope/principal/right`. */
export function byName(request: Request): Access | null {
  const [scope, principal, right] = (request.headers.get('authorization') ?? '')
    .replace('Bearer ', '')
    .split('/')
  if (scope === undefined || principal === undefined) return null
  if (right !== 'read' && right !== 'repair' && right !== 'manage') return null
  return { scope, principal, rights: [right] }
}
