import type { AttentionItem } from '../engine/attention.ts'
import { isInteractive, type Outcome, type Terminal } from './command.ts'
import { CancelledError, UnknownIntegrationError, UsageError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { findEntry } from './find-entry.ts'
import { withHost } from './open-host.ts'
import { type FlowOptions, runFlow } from './run-flow.ts'
import { Screen } from './screen.ts'

/** `latchkey add`: links an account. */
export function add(terminal: Terminal, options: FlowOptions, domain: string): Promise<Outcome> {
  return withHost(terminal, options, async (host) => {
    const domains = host.latchkey.integrations.map((integration) => integration.domain)
    if (!domains.includes(domain)) throw new UnknownIntegrationError(domains)
    return runFlow(terminal, options, { host, request: { source: 'user', domain } })
  })
}

/** `latchkey reconfigure`, `replace` and `options`: change what an entry was set up with, its account, or how it works. */
export function change(
  terminal: Terminal,
  options: FlowOptions,
  { source, entry }: { readonly source: 'reconfigure' | 'replace' | 'options'; readonly entry: string },
): Promise<Outcome> {
  return withHost(terminal, options, async (host) => {
    const { entryId } = await findEntry(host.scoped, entry)
    return runFlow(terminal, options, { host, request: { source, entryId } })
  })
}

/** `latchkey reauth`: gives an entry a new credential; where none is named, one of those that need it. */
export function reauth(terminal: Terminal, options: FlowOptions, named?: string): Promise<Outcome> {
  return withHost(terminal, options, async (host) => {
    let entryId: string
    if (named === undefined) {
      const needy = (await host.scoped.attention.list()).filter(({ reason }) => mendable.has(reason))
      if (needy.length === 0) {
        return { exit: EXIT.done, document: { attention: [] }, text: 'No entry needs a new credential.' }
      }
      entryId = (await choose(terminal, options, needy)).entryId
    } else {
      entryId = (await findEntry(host.scoped, named)).entryId
    }
    return runFlow(terminal, options, { host, request: { source: 'reauth', entryId } })
  })
}

/** What a new credential can mend. */
const mendable: ReadonlySet<AttentionItem['reason']> = new Set(['invalid_auth', 'requested', 'wrong_account'])

async function choose(
  terminal: Terminal,
  options: FlowOptions,
  items: readonly AttentionItem[],
): Promise<AttentionItem> {
  const [only, ...others] = items
  if (only !== undefined && others.length === 0) return only
  if (!isInteractive(terminal, options)) {
    const ids = items.map(({ entryId }) => entryId).join(', ')
    throw new UsageError(`${items.length} entries need a new credential. Name one: ${ids}.`)
  }
  const screen = await Screen.open(terminal)
  const chosen = await screen.choose(
    'Which one?',
    items.map((item) => ({ value: item, label: item.title ?? item.entryId, hint: item.reason })),
  )
  if (chosen === null) throw new CancelledError()
  return chosen
}
