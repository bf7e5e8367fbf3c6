import type { ScopedLatchkey } from '../engine/api/latchkey.ts'
import { UnknownEntryError } from '../errors.ts'
import type { AuditRow } from '../ports/store.ts'
import { columns } from './columns.ts'
import type { CommonOptions, Outcome, Terminal } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { findEntry } from './find-entry.ts'
import { withHost } from './open-host.ts'

/** `latchkey history`: who did what to an entry, oldest first. By its id it answers for one that is removed too. */
export function history(terminal: Terminal, options: CommonOptions, named: string): Promise<Outcome> {
  return withHost(terminal, options, async ({ scoped }) => {
    let read = await allRows(scoped, named)
    if (read.items.length === 0) {
      const { entryId } = await findEntry(scoped, named)
      read = await allRows(scoped, entryId)
      if (read.items.length === 0) throw new UnknownEntryError(entryId)
    }
    const rows = read.items.map(({ at, kind, code, who }) => [
      new Date(at).toISOString(),
      kind,
      code ?? '',
      `by ${who}`,
    ])
    return { exit: EXIT.done, document: read, text: columns(rows) }
  })
}

async function allRows(
  { history: page }: ScopedLatchkey,
  entryId: string,
): Promise<{ readonly items: readonly AuditRow[]; readonly unreadable: readonly string[] }> {
  const items: AuditRow[] = []
  const unreadable: string[] = []
  for (let after: string | null | undefined; after !== null; ) {
    const { next, ...rows } = await page(entryId, after === undefined ? {} : { after })
    items.push(...rows.items)
    unreadable.push(...rows.unreadable)
    after = next
  }
  return { items, unreadable }
}
