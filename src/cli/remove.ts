import { type CommonOptions, isInteractive, type Outcome, type Terminal } from './command.ts'
import { CancelledError, UsageError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { findEntry } from './find-entry.ts'
import { BY, withHost } from './open-host.ts'
import { Screen } from './screen.ts'

export interface RemoveOptions extends CommonOptions {
  readonly yes?: boolean
}

/** `latchkey remove`: forgets an entry and its credentials, once a person has said yes. */
export function remove(terminal: Terminal, options: RemoveOptions, named: string): Promise<Outcome> {
  return withHost(terminal, options, async ({ scoped }) => {
    const { entryId, title } = await findEntry(scoped, named)
    if (options.yes !== true) await confirm(terminal, options, title)
    await scoped.entries.remove(entryId, BY)
    return { exit: EXIT.done, document: { removed: entryId }, text: `${title} is removed.` }
  })
}

async function confirm(terminal: Terminal, options: RemoveOptions, title: string): Promise<void> {
  if (!isInteractive(terminal, options)) {
    throw new UsageError('A removal cannot be taken back. Say --yes where nobody is there to be asked.')
  }
  const screen = await Screen.open(terminal)
  if ((await screen.confirm(`Remove ${title}, and its stored credentials?`)) !== true)
    throw new CancelledError()
}
