import type { CommonOptions, Outcome, Terminal } from './command.ts'
import { UsageError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { findEntry } from './find-entry.ts'
import { BY, withHost } from './open-host.ts'

export interface ResetAttemptsOptions extends CommonOptions {
  /** The integration that users can link again. */
  readonly domain?: string
}

/** `latchkey reset-attempts`: clears the failed attempts of an entry, or of the new links of an integration. */
export function resetAttempts(
  terminal: Terminal,
  { domain, ...options }: ResetAttemptsOptions,
  idOrTitle: string | undefined,
): Promise<Outcome> {
  return withHost(terminal, options, async ({ scoped }) => {
    if (domain !== undefined && idOrTitle === undefined) {
      await scoped.entries.resetAttempts({ domain }, BY)
      const text = `The failed attempts to add ${domain} were cleared.`
      return { exit: EXIT.done, document: { domain }, text }
    }
    if (domain !== undefined || idOrTitle === undefined)
      throw new UsageError('Name either an entry or an integration with --domain. See --help.')
    const { entryId, title } = await findEntry(scoped, idOrTitle)
    await scoped.entries.resetAttempts(entryId, BY)
    return { exit: EXIT.done, document: { entryId }, text: `The failed attempts of ${title} were cleared.` }
  })
}
