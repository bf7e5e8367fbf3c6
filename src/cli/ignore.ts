import type { CommonOptions, Outcome, Terminal } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { findEntry } from './find-entry.ts'
import { findFound } from './find-found.ts'
import { BY, withHost } from './open-host.ts'

/** `latchkey ignore`: keeps what was found from being offered again. */
export function ignore(terminal: Terminal, options: CommonOptions, named: string): Promise<Outcome> {
  return withHost(terminal, options, async ({ scoped }) => {
    const found = await findFound(scoped, named)
    const end = await scoped.flows.ignore(found.flowId, BY)
    const ended = end.type === 'abort' ? end : null
    return {
      exit: ended?.success === true ? EXIT.done : EXIT.failed,
      document: end,
      text: `${found.placeholders.name}: ${ended?.text ?? 'it is being tried, and cannot be ignored.'}`,
    }
  })
}

/** `latchkey unignore`: lets what is ignored be offered again, once it is found again. */
export function unignore(terminal: Terminal, options: CommonOptions, named: string): Promise<Outcome> {
  return withHost(terminal, options, async ({ scoped }) => {
    const { entryId, title } = await findEntry(scoped, named, { ignored: true })
    await scoped.entries.remove(entryId, BY)
    return {
      exit: EXIT.done,
      document: { unignored: entryId },
      text: `${title} is offered again when it is found.`,
    }
  })
}
