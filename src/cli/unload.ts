import type { CommonOptions, Outcome, Terminal } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { findEntry } from './find-entry.ts'
import { withHost } from './open-host.ts'

export interface UnloadOptions extends CommonOptions {
  readonly force?: boolean
}

/** `latchkey unload`: closes the connection of an entry in the process of the command. */
export function unload(terminal: Terminal, options: UnloadOptions, idOrTitle: string): Promise<Outcome> {
  return withHost(terminal, options, async ({ scoped }) => {
    const { entryId, title } = await findEntry(scoped, idOrTitle)
    const entry = await scoped.entries.unload(entryId, { force: options.force === true })
    return { exit: EXIT.done, document: entry, text: `${title}: ${entry.text}` }
  })
}
