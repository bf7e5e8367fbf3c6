import { UnreadableRecordError } from '../errors.ts'
import { type CommonOptions, isInteractive, type Outcome, type Terminal } from './command.ts'
import { CancelledError, UsageError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { findEntry } from './find-entry.ts'
import { findSubentry } from './find-subentry.ts'
import { BY, withHost } from './open-host.ts'
import { Screen } from './screen.ts'

export interface RemoveOptions extends CommonOptions {
  readonly yes?: boolean
  /** The sub-entry to remove. Defaults to the entry itself. */
  readonly subentry?: string
}

/** `latchkey remove`: removes an entry with its credential, or a sub-entry, after a confirmation. */
export function remove(terminal: Terminal, options: RemoveOptions, idOrTitle: string): Promise<Outcome> {
  return withHost(terminal, options, async ({ scoped }) => {
    const entry = await findEntry(scoped, idOrTitle).catch((error: unknown) => {
      // A damaged entry has no title, but it can be removed by its id.
      if (error instanceof UnreadableRecordError && options.subentry === undefined) return null
      throw error
    })
    if (entry === null) {
      if (options.yes !== true) await confirm(terminal, options, `Remove the damaged entry ${idOrTitle}?`)
      await scoped.entries.remove(idOrTitle, BY)
      const document = { removed: idOrTitle }
      return { exit: EXIT.done, document, text: `The damaged entry ${idOrTitle} was removed.` }
    }
    const { entryId, title } = entry
    if (options.subentry !== undefined) {
      const under = findSubentry(entry, options.subentry)
      if (options.yes !== true) await confirm(terminal, options, `Remove ${under.title} from ${title}?`)
      await scoped.entries.removeSubentry(entryId, under.subentryId, BY)
      const document = { removed: under.subentryId, entryId }
      return { exit: EXIT.done, document, text: `${under.title} was removed from ${title}.` }
    }
    if (options.yes !== true) await confirm(terminal, options, `Remove ${title} and its credential?`)
    await scoped.entries.remove(entryId, BY)
    return { exit: EXIT.done, document: { removed: entryId }, text: `${title} was removed.` }
  })
}

async function confirm(terminal: Terminal, options: RemoveOptions, question: string): Promise<void> {
  if (!isInteractive(terminal, options)) {
    throw new UsageError(
      'A removal cannot be undone. Confirm it with --yes, because there is no terminal to ask.',
    )
  }
  const screen = await Screen.open(terminal)
  if ((await screen.confirm(question)) !== true) throw new CancelledError()
}
