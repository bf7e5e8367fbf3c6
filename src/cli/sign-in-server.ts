import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { PageFile } from '../http/access.ts'
import { SignInCookies } from '../http/sign-in-cookie.ts'
import type { ExternalView, View } from '../view.ts'
import { PortTakenError, ServeNeededError } from './errors.ts'
import { type FetchHandler, listen, type RunningServer } from './listen.ts'
import { BY, type Host } from './open-host.ts'

/** Time for a returned browser to request the last page in milliseconds. */
const LAST_PAGE_TIMEOUT = 2_000

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

const lastPage: PageFile = {
  body: new TextEncoder().encode(
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
      '<title>Latchkey</title><h1>Continue in the terminal</h1><p>You can close this window.</p></html>\n',
  ),
  type: 'text/html; charset=utf-8',
  immutable: false,
}

/** Serves the browser of one sign-in on 127.0.0.1 while a terminal waits for it (RFC 8252, 7.3). */
export class SignInServer {
  readonly #host: Host
  readonly #view: ExternalView
  readonly #basePath: string
  readonly #begin: string
  /** Resolves when the browser has returned: with the failure, or with `null`. */
  readonly #outcome = Promise.withResolvers<unknown>()
  readonly #lastPageShown = Promise.withResolvers<void>()
  #hasReturned = false
  #origin: string
  #server: RunningServer | null = null

  private constructor(host: Host, view: ExternalView, origin: string) {
    this.#host = host
    this.#view = view
    this.#origin = origin
    this.#basePath = host.config.http?.basePath ?? ''
    this.#begin = `${this.#basePath}/begin/${randomBytes(32).toString('base64url')}`
  }

  /**
   * Listens on the port of `latchkey serve` if it is configured, or else on any port. Services allow any loopback port.
   *
   * @throws ServeNeededError if the service redirects to another address, or if the configured port is in use
   */
  static async open(host: Host, view: ExternalView): Promise<SignInServer> {
    const { publicUrl, port } = host.config.http ?? {}
    const at = publicUrl === undefined ? null : new URL(publicUrl)
    if (at !== null && !(at.protocol === 'http:' && LOOPBACK.test(at.hostname))) {
      throw new ServeNeededError(at.origin)
    }
    const server = new SignInServer(host, view, at?.origin ?? '')
    await server.#listen(port ?? Number(at?.port ?? 0))
    return server
  }

  /** The URL that begins the sign-in in any browser. It cannot be guessed. */
  get link(): string {
    return `${this.#origin}${this.#begin}`
  }

  /** Returns the view of the flow after the browser has returned. @throws LatchkeyError if the sign-in cannot begin */
  async returned(): Promise<View> {
    const failure = await this.#outcome.promise
    await Promise.race([this.#lastPageShown.promise, delay(LAST_PAGE_TIMEOUT, undefined, { ref: false })])
    if (failure !== null) throw failure
    return this.#host.scoped.flows.get(this.#view.flowId)
  }

  async close(): Promise<void> {
    await this.#server?.close()
  }

  async #listen(port: number): Promise<void> {
    const { config, latchkey } = this.#host
    const { publicUrl } = config.http ?? {}
    const page = async (path: string) => (path === '/index.html' ? lastPage : undefined)
    const options = { basePath: this.#basePath, page, ...(publicUrl !== undefined && { publicUrl }) }
    try {
      const wrap = (request: Request, handle: FetchHandler) => this.#answer(request, handle)
      this.#server = await listen(latchkey, options, { port, wrap })
    } catch (error) {
      if (error instanceof PortTakenError) throw new ServeNeededError(`port ${port} of this machine`)
      throw error
    }
    this.#origin ||= `http://127.0.0.1:${this.#server.port}`
  }

  async #answer(request: Request, handle: FetchHandler): Promise<Response> {
    const { pathname } = new URL(request.url)
    if (pathname === this.#begin) return this.#start()
    const response = await handle(request)
    if (pathname.startsWith(`${this.#basePath}/oauth/callback/`)) {
      // Another browser has returned, so the sign-in is still pending.
      const isForeign = response.headers.get('location')?.includes('callback=authorize_foreign') === true
      if (!isForeign) this.#settle(null)
    } else if (this.#hasReturned) {
      this.#lastPageShown.resolve()
    }
    return response
  }

  /** Begins the sign-in: sets the cookie and redirects the browser to the service. */
  async #start(): Promise<Response> {
    const { flows } = this.#host.scoped
    const { flowId, domain } = this.#view
    const basePath = this.#basePath
    const redirectUri = `${this.#origin}${basePath}/oauth/callback/${domain}`
    try {
      const { revision } = await flows.get(flowId)
      const { browser } = await flows.authorize(flowId, { revision, redirectUri, ...BY })
      if (browser !== null) {
        const cookie = new SignInCookies({ secure: false, basePath }).set(flowId, { browser, page: 'page' })
        return redirect(`${basePath}/oauth/begin/${flowId}`, { 'set-cookie': cookie })
      }
      this.#settle(null)
    } catch (error) {
      this.#settle(error)
    }
    return redirect(`${basePath}/`)
  }

  #settle(failure: unknown): void {
    this.#hasReturned = true
    this.#outcome.resolve(failure)
  }
}

const redirect = (location: string, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(null, { status: 303, headers: { location, 'referrer-policy': 'no-referrer', ...headers } })
