import type { EntryView } from '../engine/api/entries.ts'
import type { ScopedLatchkey } from '../engine/api/latchkey.ts'
import { UnknownEntryError } from '../errors.ts'
import { allPages } from './all-pages.ts'
import { onlyCalled } from './only-called.ts'

/**
 * The entry that somebody means: by its id, or by its title where only one has it. `ignored`: among those that are ignored.
 * @throws UnknownEntryError, UsageError
 */
export async function findEntry(
  { entries }: ScopedLatchkey,
  named: string,
  { ignored = false } = {},
): Promise<EntryView> {
  try {
    const entry = await entries.get(named)
    if (entry.ignored || !ignored) return entry
    throw new UnknownEntryError(named)
  } catch (error) {
    if (!(error instanceof UnknownEntryError)) throw error
    const { items } = await allPages((query) => entries.list({ ...query, ignored }))
    const called = items.filter(({ title }) => title === named)
    const only = onlyCalled(called, 'entries', ({ entryId }) => entryId)
    if (only === undefined) throw error
    return only
  }
}

/** Every entry that is not ignored, and the ids of those whose rows are damaged. */
export const allEntries = ({ entries }: Pick<ScopedLatchkey, 'entries'>) =>
  allPages((query) => entries.list(query))
