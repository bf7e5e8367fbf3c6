/** The `lookup` option of `net.connect`, as Node's `dns.lookup` implements it. */
export type Lookup = (
  hostname: string,
  options: { readonly all?: boolean | undefined; readonly family?: number | 'IPv4' | 'IPv6' | undefined },
  callback: (
    error: Error | null,
    address: string | { address: string; family: number }[],
    family?: number,
  ) => void,
) => void

/** The network access of `connect`. The adapter `nodeNetwork` checks every resolved address against the host's policy. */
export interface Network {
  readonly fetch: typeof globalThis.fetch
  /** Absent if the host has no address policy. Use the default resolver then. */
  readonly lookup?: Lookup
  /** Whether webhooks can have addresses without encryption (`http:`). Defaults to false. */
  readonly plainHttp?: boolean
}
