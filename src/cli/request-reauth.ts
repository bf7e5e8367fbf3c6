import type { CommonOptions, Outcome, Terminal } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { findEntry } from './find-entry.ts'
import { BY, withHost } from './open-host.ts'

export interface RequestOptions extends CommonOptions {
  /** The reason that the user sees. */
  readonly reason?: string
}

/** `latchkey request-reauth`: asks the user of an entry to sign in again. */
export function requestReauth(
  terminal: Terminal,
  { reason, ...options }: RequestOptions,
  idOrTitle: string,
): Promise<Outcome> {
  return withHost(terminal, options, async ({ scoped }) => {
    const { entryId, title } = await findEntry(scoped, idOrTitle)
    const request = { ...BY, ...(reason !== undefined && { reason }) }
    const document = await scoped.entries.requestReauth(entryId, request)
    return { exit: EXIT.done, document, text: `A new sign-in for ${title} was requested.` }
  })
}

/** `latchkey withdraw-reauth`: withdraws a requested sign-in. */
export function withdrawReauth(
  terminal: Terminal,
  options: CommonOptions,
  idOrTitle: string,
): Promise<Outcome> {
  return withHost(terminal, options, async ({ scoped }) => {
    const { entryId, title } = await findEntry(scoped, idOrTitle)
    const document = await scoped.entries.withdrawReauth(entryId, BY)
    return { exit: EXIT.done, document, text: `No new sign-in for ${title} is requested.` }
  })
}
