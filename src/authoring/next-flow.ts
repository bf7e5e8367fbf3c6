/** A successful flow, and the entry that it created or changed. */
export interface EndedFlow {
  readonly source: 'user' | 'discovery' | 'reconfigure' | 'replace' | 'options' | 'subentry'
  readonly entryId: string
}

/** A follow-up flow: the options of the same entry, a new sub-entry of a type, or a new entry of an integration. */
export type NextFlow =
  | { readonly source: 'options' }
  | { readonly source: 'subentry'; readonly type: string }
  | { readonly source: 'user'; readonly domain: string }
