import { credentialsOf } from './credentials-of.ts'

/** The network of a played host. It records the requests, and redirects those to some hosts. */
export class PlayerNetwork {
  /** The addresses of the requests that the integration has sent with `fetch`. */
  readonly requests: URL[] = []
  /** Answers all requests in place of the service; null if the service answers. */
  answer: ((signal: AbortSignal | null) => Promise<Response>) | null = null
  /** The services that stand for a host, by its name. */
  readonly #redirects = new Map<string, URL>()
  readonly #secrets: Set<string>

  /** @param secrets receives the credentials in the headers of requests */
  constructor(secrets: Set<string>) {
    this.#secrets = secrets
  }

  /** Sends all requests to a host to the service at another address. */
  redirect(hostname: string, service: URL): void {
    this.#redirects.set(hostname, service)
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    this.requests.push(new URL(url))
    for (const secret of credentialsOf(input, init)) this.#secrets.add(secret)
    if (this.answer !== null)
      return this.answer(init?.signal ?? (input instanceof Request ? input.signal : null))
    const service = this.#redirects.get(url.hostname)
    if (service === undefined) return fetch(input, init)
    url.protocol = service.protocol
    url.host = service.host
    return fetch(input instanceof Request ? new Request(url, input) : url, init)
  }
}
