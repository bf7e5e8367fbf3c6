import type { EntryView } from '../engine/api/entries.ts'
import type { ScopedLatchkey } from '../engine/api/latchkey.ts'
import { UnknownEntryError } from '../errors.ts'
import { allPages } from './all-pages.ts'
import { onlyMatch } from './only-match.ts'

/**
 * Finds an entry by its id, or by its title if only one entry has it. With `ignored`, searches only the ignored
 * entries.
 *
 * @throws UnknownEntryError if none matches, UsageError if several have the title
 */
export async function findEntry(
  { entries }: ScopedLatchkey,
  idOrTitle: string,
  { ignored = false } = {},
): Promise<EntryView> {
  try {
    const entry = await entries.get(idOrTitle)
    if (entry.ignored || !ignored) return entry
    throw new UnknownEntryError(idOrTitle)
  } catch (error) {
    if (!(error instanceof UnknownEntryError)) throw error
    const { items } = await allPages((query) => entries.list({ ...query, ignored }))
    const matches = items.filter(({ title }) => title === idOrTitle)
    const only = onlyMatch(matches, 'entries', ({ entryId }) => entryId)
    if (only === undefined) throw error
    return only
  }
}

/** Returns all entries that are not ignored, and the ids of damaged ones. */
export const allEntries = ({ entries }: Pick<ScopedLatchkey, 'entries'>) =>
  allPages((query) => entries.list(query))
