import type { ScopedLatchkey } from '../engine/api/latchkey.ts'
import { UnknownEntryError } from '../errors.ts'
import type { AuditRow } from '../ports/history.ts'
import { columns } from './columns.ts'
import type { CommonOptions, Outcome, Terminal } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { findEntry } from './find-entry.ts'
import { withHost } from './open-host.ts'

/** `latchkey history`: prints the history of an entry, oldest first. With its id, also of a removed entry. */
export function history(terminal: Terminal, options: CommonOptions, idOrTitle: string): Promise<Outcome> {
  return withHost(terminal, options, async ({ scoped }) => {
    let read = await allRows(scoped, idOrTitle)
    if (read.items.length === 0) {
      const { entryId } = await findEntry(scoped, idOrTitle)
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
