import type { EntryView, SubentryView } from '../engine/api/entries.ts'
import { UnknownSubentryError } from '../errors.ts'
import { onlyCalled } from './only-called.ts'

/**
 * What somebody means of what is under an entry: by its id, or by its title where only one has it.
 * @throws UnknownSubentryError, UsageError
 */
export function findSubentry({ subentries }: EntryView, named: string): SubentryView {
  const byId = subentries.find(({ subentryId }) => subentryId === named)
  const called = subentries.filter(({ title }) => title === named)
  const found = byId ?? onlyCalled(called, 'things under this entry', ({ subentryId }) => subentryId)
  if (found === undefined) throw new UnknownSubentryError(named)
  return found
}
