/** The filters of a list of entries. An entry that works can need attention, too. */
export type EntryFilterState = 'attention' | 'offline' | 'connected' | 'disabled'

/** The part of an entry that decides whether it is offline, connected or disabled. */
interface ListedEntry {
  readonly state: string
  readonly disabled: boolean
  readonly idle?: true
  readonly quiet?: true
  readonly attempt?: number
  readonly lastError?: object
}

/**
 * Returns whether an entry is offline, connected or disabled; null if it waits for the user. An entry that connects at
 * its next use is connected.
 */
export function connectionOf(entry: ListedEntry): Exclude<EntryFilterState, 'attention'> | null {
  if (entry.disabled) return 'disabled'
  if (entry.quiet) return 'offline'
  switch (entry.state) {
    case 'setup_retry':
    case 'setup_error':
    case 'failed_unload':
      return 'offline'
    case 'not_loaded':
      return entry.idle ? 'connected' : 'offline'
    case 'setup_in_progress':
      return entry.attempt === undefined && entry.lastError === undefined ? 'connected' : 'offline'
    case 'reauth_required':
    case 'migration_error':
      return null
    default:
      return 'connected'
  }
}

/** Returns a text without upper case and accents, for comparisons. */
function folded(text: string): string {
  const plain = /[^\0-\x7f]/.test(text) ? text.normalize('NFKD').replace(/\p{M}+/gu, '') : text
  return plain.toLowerCase()
}

/** The part of an entry that a search reads. */
interface SearchedEntry {
  readonly entryId: string
  readonly domain: string
  readonly title: string
  readonly uniqueId: string | null
  readonly service?: string
  readonly account?: string
  readonly address?: string
}

/** Returns the text that a search reads. */
export const searchedText = (entry: SearchedEntry): string =>
  folded(
    [
      entry.title,
      entry.service ?? '',
      entry.account ?? '',
      entry.address ?? '',
      entry.entryId,
      entry.uniqueId ?? '',
      entry.domain,
    ].join('\n'),
  )

/** Returns the words of a search, without duplicates. */
export const searchedWords = (query: string): readonly string[] => [
  ...new Set(folded(query).split(/\s+/u).filter(Boolean)),
]
