/** How long a browser may be at a service, in seconds; the flow's record says it too. */
const LIFE = 600

/** Where the browser comes back to: the page, or the page of a repair link. */
type Page = 'page' | 'link'

/** What a browser keeps while it is at a service: which browser began, so that no other can end it. */
export interface SignInCookie {
  readonly browser: string
  readonly page: Page
}

/**
 * The cookie of one flow's sign-in. `Lax`: it comes along when the service sends the browser back. Over TLS no other host
 * can set it (`__Host-`); on loopback, where there is no TLS, it goes to our own paths alone.
 */
export class SignInCookies {
  readonly #secure: boolean
  readonly #path: string

  constructor({ secure, basePath }: { readonly secure: boolean; readonly basePath: string }) {
    this.#secure = secure
    this.#path = secure ? '/' : `${basePath}/oauth`
  }

  set(flowId: string, { browser, page }: SignInCookie): string {
    return this.#line(flowId, `${page}.${browser}`, LIFE)
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

  #line(flowId: string, value: string, life: number): string {
    const secure = this.#secure ? '; Secure' : ''
    return `${this.#name(flowId)}=${value}; Path=${this.#path}; Max-Age=${life}; HttpOnly; SameSite=Lax${secure}`
  }
}
