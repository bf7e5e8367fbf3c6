import type { AttentionItem } from '../engine/api/entries.ts'
import { isInteractive, type Outcome, type Terminal } from './command.ts'
import { CancelledError, UnknownIntegrationError, UsageError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { findEntry } from './find-entry.ts'
import { findSubentry } from './find-subentry.ts'
import { withHost } from './open-host.ts'
import { type FlowOptions, runFlow } from './run-flow.ts'
import { Screen } from './screen.ts'

export interface AddOptions extends FlowOptions {
  /** The entry for a new sub-entry. */
  readonly to?: string
  /** The type of the new sub-entry. */
  readonly type?: string
}

export interface ChangeOptions extends FlowOptions {
  /** The sub-entry to change. Defaults to the entry itself. */
  readonly subentry?: string
}

/** `latchkey add`: adds an entry or a sub-entry. */
export function add(terminal: Terminal, options: AddOptions, domain: string): Promise<Outcome> {
  return withHost(terminal, options, async (host) => {
    const { integrations } = host.latchkey
    const integration = integrations.find((one) => one.domain === domain)
    if (integration === undefined) throw new UnknownIntegrationError(integrations.map((one) => one.domain))
    if (options.to === undefined) {
      if (options.type !== undefined) throw new UsageError('Missing --to. Name the entry for the sub-entry.')
      return runFlow(terminal, options, { host, request: { source: 'user', domain } })
    }
    const { entryId } = await findEntry(host.scoped, options.to)
    const types = integration.subentries.map(({ type }) => type)
    const type = options.type ?? (types.length === 1 ? types[0] : undefined)
    if (type === undefined || !types.includes(type)) {
      throw new UsageError(`Missing or unknown --type. Available types: ${types.join(', ') || 'none'}.`)
    }
    return runFlow(terminal, options, { host, request: { source: 'subentry', domain, entryId, type } })
  })
}

/** `latchkey reconfigure`, `replace` and `options`: change the settings, the account or the options of an entry. */
export function change(
  terminal: Terminal,
  options: ChangeOptions,
  { source, entry }: { readonly source: 'reconfigure' | 'replace' | 'options'; readonly entry: string },
): Promise<Outcome> {
  return withHost(terminal, options, async (host) => {
    const found = await findEntry(host.scoped, entry)
    const { entryId } = found
    if (options.subentry === undefined)
      return runFlow(terminal, options, { host, request: { source, entryId } })
    const { subentryId } = findSubentry(found, options.subentry)
    return runFlow(terminal, options, { host, request: { source: 'subentry', entryId, subentryId } })
  })
}

/** `latchkey reauth`: replaces the credential of an entry. Without an argument, of an entry that needs it. */
export function reauth(terminal: Terminal, options: FlowOptions, idOrTitle?: string): Promise<Outcome> {
  return withHost(terminal, options, async (host) => {
    let entryId: string
    if (idOrTitle === undefined) {
      const items = (await host.scoped.attention.list()).filter(isResolvedByReauth)
      if (items.length === 0) {
        return { exit: EXIT.done, document: { attention: [] }, text: 'No entry needs a new credential.' }
      }
      entryId = (await choose(terminal, options, items)).entryId
    } else {
      entryId = (await findEntry(host.scoped, idOrTitle)).entryId
    }
    return runFlow(terminal, options, { host, request: { source: 'reauth', entryId } })
  })
}

/** The reasons for attention that a new credential resolves. */
const RESOLVED_BY_REAUTH: ReadonlySet<AttentionItem['reason']> = new Set([
  'invalid_auth',
  'requested',
  'refresh_failed',
  'wrong_account',
])

type EntryItem = AttentionItem & { readonly entryId: string }

const isResolvedByReauth = (item: AttentionItem): item is EntryItem =>
  item.entryId !== null && RESOLVED_BY_REAUTH.has(item.reason)

async function choose(
  terminal: Terminal,
  options: FlowOptions,
  items: readonly EntryItem[],
): Promise<EntryItem> {
  const [only, ...others] = items
  if (only !== undefined && others.length === 0) return only
  if (!isInteractive(terminal, options)) {
    const ids = items.map(({ entryId }) => entryId).join(', ')
    throw new UsageError(`${items.length} entries need a new credential. Pass one of these ids: ${ids}.`)
  }
  const screen = await Screen.open(terminal)
  const chosen = await screen.choose(
    'Which entry?',
    items.map((item) => ({ value: item, label: item.title ?? item.entryId, hint: item.reason })),
  )
  if (chosen === null) throw new CancelledError()
  return chosen
}
