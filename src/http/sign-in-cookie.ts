/** Lifetime of the cookie in seconds. The authorization of the flow expires after the same time. */
const LIFETIME = 600

/** The page to which the browser returns: the page itself, or the page of a repair link. */
type Page = 'page' | 'link'

/** The content of the cookie. Only the browser that began the sign-in can finish it. */
export interface SignInCookie {
  readonly browser: string
  readonly page: Page
}

/**
 * The cookies of sign-ins, one per flow. `SameSite=Lax`, so that the browser sends it when the service redirects back.
 * With TLS, the prefix `__Host-` keeps other hosts from setting it. On loopback without TLS, its path is limited instead.
 */
export class SignInCookies {
  readonly #secure: boolean
  readonly #path: string

  constructor({ secure, basePath }: { readonly secure: boolean; readonly basePath: string }) {
    this.#secure = secure
    this.#path = secure ? '/' : `${basePath}/oauth`
  }

  set(flowId: string, { browser, page }: SignInCookie): string {
    return this.#line(flowId, `${page}.${browser}`, LIFETIME)
  }

  clear(flowId: string): string {
    return this.#line(flowId, '', 0)
  }

  read(request: Request, flowId: string): SignInCookie | null {
    const name = this.#name(flowId)
    const lines = (request.headers.get('cookie') ?? '').split(/; */)
    const value = lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1)
    const [, page, browser] = /^(page|link)\.(.+)$/.exec(value ?? '') ?? []
    return browser === undefined ? null : { browser, page: page as Page }
  }

  #name(flowId: string): string {
    return `${this.#secure ? '__Host-' : ''}latchkey-${flowId}`
  }

  #line(flowId: string, value: string, lifetime: number): string {
    const secure = this.#secure ? '; Secure' : ''
    return `${this.#name(flowId)}=${value}; Path=${this.#path}; Max-Age=${lifetime}; HttpOnly; SameSite=Lax${secure}`
  }
}
