import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { PageFile } from '../http/access.ts'
import { SignInCookies } from '../http/sign-in-cookie.ts'
import type { ExternalView, View } from '../view.ts'
import { PortTakenError, ServeNeededError } from './errors.ts'
import { type Answering, type Listening, listen } from './listen.ts'
import { BY, type Host } from './open-host.ts'

/** How long a browser that is back has to ask for the page that it is led to, in milliseconds. */
const PATIENCE = 2_000

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

const lastPage: PageFile = {
  body: new TextEncoder().encode(
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
      '<title>Latchkey</title><h1>Go on in the terminal</h1><p>You can close this window.</p></html>\n',
  ),
  type: 'text/html; charset=utf-8',
  immutable: false,
}

/** Answers the browser of one sign-in on 127.0.0.1, as long as a terminal waits for it (RFC 8252, 7.3). */
export class SignInServer {
  readonly #host: Host
  readonly #view: ExternalView
  readonly #basePath: string
  readonly #begin: string
  /** What went wrong, or null, once the browser is back. */
  readonly #back = Promise.withResolvers<unknown>()
  readonly #shown = Promise.withResolvers<void>()
  #isBack = false
  #origin: string
  #listening: Listening | null = null

  private constructor(host: Host, view: ExternalView, origin: string) {
    this.#host = host
    this.#view = view
    this.#origin = origin
    this.#basePath = host.config.http?.basePath ?? ''
    this.#begin = `${this.#basePath}/begin/${randomBytes(32).toString('base64url')}`
  }

  /**
   * Listens on the port that is configured for `latchkey serve`, or on any, as services let programs on this machine.
   *
   * @throws ServeNeededError where the service sends the browser elsewhere, or the configured port is taken
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

  /** Begins the sign-in in whatever browser it is opened in, each time anew. Nobody else can make it up. */
  get link(): string {
    return `${this.#origin}${this.#begin}`
  }

  /** What the flow shows once the browser is back. Rejects where the sign-in cannot begin. */
  async returned(): Promise<View> {
    const failure = await this.#back.promise
    await Promise.race([this.#shown.promise, delay(PATIENCE, undefined, { ref: false })])
    if (failure !== null) throw failure
    return this.#host.scoped.flows.get(this.#view.flowId)
  }

  async close(): Promise<void> {
    await this.#listening?.close()
  }

  async #listen(port: number): Promise<void> {
    const { config, latchkey } = this.#host
    const { publicUrl } = config.http ?? {}
    const page = async (path: string) => (path === '/index.html' ? lastPage : undefined)
    const options = { basePath: this.#basePath, page, ...(publicUrl !== undefined && { publicUrl }) }
    try {
      const through = (request: Request, handle: Answering) => this.#answer(request, handle)
      this.#listening = await listen(latchkey, options, { port, through })
    } catch (error) {
      if (error instanceof PortTakenError) throw new ServeNeededError(`port ${port} of this machine`)
      throw error
    }
    this.#origin ||= `http://127.0.0.1:${this.#listening.port}`
  }

  async #answer(request: Request, handle: Answering): Promise<Response> {
    const { pathname } = new URL(request.url)
    if (pathname === this.#begin) return this.#start()
    const response = await handle(request)
    if (pathname.startsWith(`${this.#basePath}/oauth/callback/`)) {
      // Of another browser, or of nobody: whoever began is still there.
      const isForeign = response.headers.get('location')?.includes('callback=authorize_foreign') === true
      if (!isForeign) this.#settle(null)
    } else if (this.#isBack) {
      this.#shown.resolve()
    }
    return response
  }

  /** Gives the browser what it keeps while it is there, and sends it there. */
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
        return goTo(`${basePath}/oauth/begin/${flowId}`, { 'set-cookie': cookie })
      }
      this.#settle(null)
    } catch (error) {
      this.#settle(error)
    }
    return goTo(`${basePath}/`)
  }

  #settle(failure: unknown): void {
    this.#isBack = true
    this.#back.resolve(failure)
  }
}

const goTo = (location: string, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(null, { status: 303, headers: { location, 'referrer-policy': 'no-referrer', ...headers } })
