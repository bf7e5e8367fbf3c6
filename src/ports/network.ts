/** The part of Node's `dns.lookup` contract that `net.connect({ lookup })` asks for. */
export type Lookup = (
  hostname: string,
  options: { readonly all?: boolean | undefined; readonly family?: number | 'IPv4' | 'IPv6' | undefined },
  callback: (
    error: Error | null,
    address: string | { address: string; family: number }[],
    family?: number,
  ) => void,
) => void

/** How `connect` reaches the service. An adapter checks every resolved address against the host's policy. */
export interface Network {
  readonly fetch: typeof globalThis.fetch
  /** Absent where the host sets no policy: the runtime's own resolver is then used. */
  readonly lookup?: Lookup
}
