/** A flow that has ended well, and the entry that it made or changed. */
export interface EndedFlow {
  readonly source: 'user' | 'discovery' | 'reconfigure' | 'replace' | 'options' | 'subentry'
  readonly entryId: string
}

/**
 * A flow that follows another: the options of the entry that it was about, something of a type to be added under it, or a new
 * entry of an integration.
 */
export type NextFlow =
  | { readonly source: 'options' }
  | { readonly source: 'subentry'; readonly type: string }
  | { readonly source: 'user'; readonly domain: string }
