import type { ScopedLatchkey } from '../engine/api.ts'
import type { EntryView } from '../engine/entries.ts'
import { UnknownEntryError } from '../errors.ts'
import { UsageError } from './errors.ts'

/**
 * The entry that somebody means: by its id, or by its title where only one has it.
 * @throws UnknownEntryError, UsageError
 */
export async function findEntry({ entries }: ScopedLatchkey, named: string): Promise<EntryView> {
  try {
    return await entries.get(named)
  } catch (error) {
    if (!(error instanceof UnknownEntryError)) throw error
    const called = (await allEntries({ entries })).items.filter(({ title }) => title === named)
    if (called.length > 1) {
      const ids = called.map(({ entryId }) => entryId).join(', ')
      throw new UsageError(`${called.length} entries have this title. Name one by its id: ${ids}.`)
    }
    if (called[0] === undefined) throw error
    return called[0]
  }
}

/** Every entry, and the ids of those whose rows are damaged. */
export async function allEntries({ entries }: Pick<ScopedLatchkey, 'entries'>): Promise<{
  readonly items: readonly EntryView[]
  readonly unreadable: readonly string[]
}> {
  const items: EntryView[] = []
  const unreadable: string[] = []
  for (let after: string | null | undefined; after !== null; ) {
    const page = await entries.list(after === undefined ? {} : { after })
    items.push(...page.items)
    unreadable.push(...page.unreadable)
    after = page.next
  }
  return { items, unreadable }
}
