import type { AttentionItem, EntryView } from '../engine/api/entries.ts'
import type { ScopedLatchkey } from '../engine/api/latchkey.ts'
import { allPages } from './all-pages.ts'
import { columns } from './columns.ts'
import type { CommonOptions, Outcome, Terminal } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { allDiscoveries } from './find-discovery.ts'
import { allEntries } from './find-entry.ts'
import { orCancelled, withHost } from './open-host.ts'

export interface ListOptions extends CommonOptions {
  /** Whether to exit with 3 if an entry needs attention. Defaults to false. */
  readonly check?: boolean
  /** Whether to connect all entries first. Defaults to false: only stored states are shown. */
  readonly connect?: boolean
  /** Whether to include discoveries and ignored entries. Defaults to false. */
  readonly all?: boolean
}

/** `latchkey list`: prints the entries and their attention items. Connects only with `--connect`. */
export function list(terminal: Terminal, options: ListOptions): Promise<Outcome> {
  return withHost(terminal, options, async ({ latchkey, scoped }) => {
    if (options.connect === true) await orCancelled(latchkey.start(), terminal.signal)
    const { items: entries, unreadable } = await allEntries(scoped)
    const attention = await scoped.attention.list()
    const itemOf = new Map(attention.map((item) => [item.entryId, item]))
    const others = options.all === true ? await otherItems(scoped) : null
    const rows = entries.flatMap((entry) => [
      [
        entry.title,
        entry.domain,
        entry.entryId,
        stateOf(entry, itemOf.get(entry.entryId), options.connect === true),
      ],
      ...entry.subentries.map(({ title, type, subentryId }) => [`  ${title}`, type, subentryId, '']),
    ])
    for (const { placeholders, domain, flowId } of others?.discovered ?? []) {
      rows.push([placeholders.name ?? domain, domain, flowId, 'discovered'])
    }
    for (const { title, domain, entryId } of others?.ignored ?? []) {
      rows.push([title, domain, entryId, 'ignored'])
    }
    const lines = [
      ...(rows.length === 0 ? ['No entries. Add one with latchkey add.'] : [columns(rows)]),
      ...attention
        .filter(({ entryId }) => entryId === null)
        .map(({ title, domain, reason, text }) => `${title} (${domain}) needs attention: ${reason}. ${text}`),
      ...unreadable.map(
        (entryId) =>
          `Entry ${entryId} is damaged and cannot be read. Restore a backup, or run latchkey remove ${entryId}.`,
      ),
    ]
    return {
      exit: options.check === true && attention.length + unreadable.length > 0 ? EXIT.needsUser : EXIT.done,
      document: { entries, attention, unreadable, ...others },
      text: lines.join('\n'),
    }
  })
}

function stateOf(entry: EntryView, item: AttentionItem | undefined, connected: boolean): string {
  if (item !== undefined)
    return `needs attention: ${item.reason}${item.message === undefined ? '' : ` (${item.message})`}`
  if (connected) return entry.reason === null ? entry.state : `${entry.state}: ${entry.reason}`
  return entry.disabled ? 'disabled' : 'linked'
}

/** Returns the discoveries and the ignored entries. */
async function otherItems(scoped: ScopedLatchkey) {
  const { items: ignored } = await allPages((query) => scoped.entries.list({ ...query, ignored: true }))
  return { discovered: await allDiscoveries(scoped), ignored }
}
