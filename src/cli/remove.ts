import { type CommonOptions, isInteractive, type Outcome, type Terminal } from './command.ts'
import { CancelledError, UsageError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { findEntry } from './find-entry.ts'
import { findSubentry } from './find-subentry.ts'
import { BY, withHost } from './open-host.ts'
import { Screen } from './screen.ts'

export interface RemoveOptions extends CommonOptions {
  readonly yes?: boolean
  /** What under the entry is removed, in place of the entry itself. */
  readonly subentry?: string
}

/** `latchkey remove`: forgets an entry and its credentials, or something under it, once a person has said yes. */
export function remove(terminal: Terminal, options: RemoveOptions, named: string): Promise<Outcome> {
  return withHost(terminal, options, async ({ scoped }) => {
    const entry = await findEntry(scoped, named)
    const { entryId, title } = entry
    if (options.subentry !== undefined) {
      const under = findSubentry(entry, options.subentry)
      if (options.yes !== true) await confirm(terminal, options, `Remove ${under.title} from ${title}?`)
      await scoped.entries.removeSubentry(entryId, under.subentryId, BY)
      const document = { removed: under.subentryId, entryId }
      return { exit: EXIT.done, document, text: `${under.title} is removed from ${title}.` }
    }
    if (options.yes !== true) await confirm(terminal, options, `Remove ${title}, and its stored credentials?`)
    await scoped.entries.remove(entryId, BY)
    return { exit: EXIT.done, document: { removed: entryId }, text: `${title} is removed.` }
  })
}

async function confirm(terminal: Terminal, options: RemoveOptions, question: string): Promise<void> {
  if (!isInteractive(terminal, options)) {
    throw new UsageError('A removal cannot be taken back. Say --yes where nobody is there to be asked.')
  }
  const screen = await Screen.open(terminal)
  if ((await screen.confirm(question)) !== true) throw new CancelledError()
}
