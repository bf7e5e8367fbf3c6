import type { EntryView, SubentryView } from '../engine/api/entries.ts'
import { UnknownSubentryError } from '../errors.ts'
import { onlyMatch } from './only-match.ts'

/**
 * Finds a sub-entry by its id, or by its title if only one sub-entry has it.
 *
 * @throws UnknownSubentryError if none matches, UsageError if several have the title
 */
export function findSubentry({ subentries }: EntryView, idOrTitle: string): SubentryView {
  const byId = subentries.find(({ subentryId }) => subentryId === idOrTitle)
  const matches = subentries.filter(({ title }) => title === idOrTitle)
  const found = byId ?? onlyMatch(matches, 'sub-entries', ({ subentryId }) => subentryId)
  if (found === undefined) throw new UnknownSubentryError(idOrTitle)
  return found
}
