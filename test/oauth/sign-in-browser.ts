/** A browser of a user: it stores cookies, follows redirects and submits forms. */
export class SignInBrowser {
  readonly #cookies = new Map<string, Map<string, string>>()
  /** All visited URLs. */
  readonly visited: string[] = []

  /** Opens a URL and follows redirects until `stop` returns true. @returns the last URL */
  async visit(
    address: string,
    { stop = () => false, ...init }: RequestInit & { stop?: (url: URL) => boolean } = {},
  ): Promise<{ readonly url: URL; readonly status: number; readonly text: string }> {
    let url = new URL(address)
    let request: RequestInit = init
    for (let hop = 0; hop < 20; hop++) {
      if (stop(url)) return { url, status: 0, text: '' }
      this.visited.push(url.href)
      const jar = this.#jar(url)
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const headers = { ...(request.headers as Record<string, string>), ...(cookie !== '' && { cookie }) }
      const response = await fetch(url, { ...request, headers, redirect: 'manual' })
      this.keep(url, response)
      const location = response.headers.get('location')
      if (location === null) return { url, status: response.status, text: await response.text() }
      await response.body?.cancel()
      url = new URL(location, url)
      request = {}
    }
    throw new Error('The browser was redirected in a loop.')
  }

  /** Signs in at the example provider, or refuses with `''`. @returns the URL to which the provider redirects */
  async signIn(address: string, user: string, stop: (url: URL) => boolean) {
    const page = await this.visit(address, { stop })
    if (!page.url.pathname.startsWith('/interaction/')) return page
    return this.visit(page.url.href, { ...form({ user }), stop })
  }

  /** Enters a device code at the example provider, and signs in. */
  async enterCode(verificationUri: string, userCode: string, user: string): Promise<string> {
    const { url, text } = await this.visit(verificationUri)
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(text)?.[1] ?? ''
    const page = await this.visit(url.href, form({ xsrf, user_code: userCode, confirm: 'yes' }))
    if (!page.url.pathname.startsWith('/interaction/')) return page.text
    return (await this.visit(page.url.href, form({ user }))).text
  }

  /** Stores the cookies of a response. */
  keep(url: URL, response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) this.#jar(url).delete(name)
      else this.#jar(url).set(name, value)
    }
  }

  #jar({ host }: URL): Map<string, string> {
    const jar = this.#cookies.get(host) ?? new Map<string, string>()
    this.#cookies.set(host, jar)
    return jar
  }
}

const form = (fields: Record<string, string>): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields).toString(),
})
