import { UnknownEntryError } from '../errors.ts'
import { allPages } from './all-pages.ts'
import { columns } from './columns.ts'
import type { CommonOptions, Outcome, Terminal } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { findEntry } from './find-entry.ts'
import { withHost } from './open-host.ts'

/** `latchkey history`: prints the history of an entry, oldest first. With its id, also of a removed entry. */
export function history(terminal: Terminal, options: CommonOptions, idOrTitle: string): Promise<Outcome> {
  return withHost(terminal, options, async ({ scoped }) => {
    const rowsOf = (entryId: string) => allPages((query) => scoped.history(entryId, query))
    let read = await rowsOf(idOrTitle)
    if (read.items.length === 0) {
      const { entryId } = await findEntry(scoped, idOrTitle)
      read = await rowsOf(entryId)
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
