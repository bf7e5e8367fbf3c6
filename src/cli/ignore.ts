import type { CommonOptions, Outcome, Terminal } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { findDiscovery } from './find-discovery.ts'
import { findEntry } from './find-entry.ts'
import { BY, withHost } from './open-host.ts'

/** `latchkey ignore`: ignores a discovered account or device. */
export function ignore(terminal: Terminal, options: CommonOptions, idOrName: string): Promise<Outcome> {
  return withHost(terminal, options, async ({ scoped }) => {
    const found = await findDiscovery(scoped, idOrName)
    const end = await scoped.flows.ignore(found.flowId, BY)
    const ended = end.type === 'abort' ? end : null
    return {
      exit: ended?.success === true ? EXIT.done : EXIT.failed,
      document: end,
      text: `${found.placeholders.name}: ${ended?.text ?? 'it is being connected and cannot be ignored.'}`,
    }
  })
}

/** `latchkey unignore`: removes an ignored entry, so that the next discovery is shown again. */
export function unignore(terminal: Terminal, options: CommonOptions, idOrName: string): Promise<Outcome> {
  return withHost(terminal, options, async ({ scoped }) => {
    const { entryId, title } = await findEntry(scoped, idOrName, { ignored: true })
    await scoped.entries.remove(entryId, BY)
    return {
      exit: EXIT.done,
      document: { unignored: entryId },
      text: `${title} is shown again when it is discovered.`,
    }
  })
}
