import type { AttentionItem, EntryView } from '../engine/api/entries.ts'
import type { ScopedLatchkey } from '../engine/api/latchkey.ts'
import { allPages } from './all-pages.ts'
import { columns } from './columns.ts'
import type { CommonOptions, Outcome, Terminal } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { allEntries } from './find-entry.ts'
import { allFound } from './find-found.ts'
import { orCancelled, withHost } from './open-host.ts'

export interface ListOptions extends CommonOptions {
  /** Whether entries that need a person make another exit code. */
  readonly check?: boolean
  /** Whether every entry is connected first; otherwise only what is stored is told. */
  readonly connect?: boolean
  /** Whether also what was found, and what is ignored, is listed. */
  readonly all?: boolean
}

/** `latchkey list`: the entries, and what each needs. Nobody is logged in unless asked to. */
export function list(terminal: Terminal, options: ListOptions): Promise<Outcome> {
  return withHost(terminal, options, async ({ latchkey, scoped }) => {
    if (options.connect === true) await orCancelled(latchkey.start(), terminal.signal)
    const { items: entries, unreadable } = await allEntries(scoped)
    const attention = await scoped.attention.list()
    const needs = new Map(attention.map((item) => [item.entryId, item]))
    const beside = options.all === true ? await besideEntries(scoped) : null
    const rows = entries.flatMap((entry) => [
      [
        ...[entry.title, entry.domain, entry.entryId],
        standing(entry, needs.get(entry.entryId), options.connect === true),
      ],
      ...entry.subentries.map(({ title, type, subentryId }) => [`  ${title}`, type, subentryId, '']),
    ])
    for (const { placeholders, domain, flowId } of beside?.discovered ?? []) {
      rows.push([placeholders.name ?? domain, domain, flowId, 'discovered'])
    }
    for (const { title, domain, entryId } of beside?.ignored ?? []) {
      rows.push([title, domain, entryId, 'ignored'])
    }
    const lines = [
      ...(rows.length === 0 ? ['Nothing is linked yet.'] : [columns(rows)]),
      ...unreadable.map((entryId) => `The entry ${entryId} is damaged and cannot be read.`),
    ]
    return {
      exit: options.check === true && attention.length + unreadable.length > 0 ? EXIT.needsPerson : EXIT.done,
      document: { entries, attention, unreadable, ...beside },
      text: lines.join('\n'),
    }
  })
}

function standing(entry: EntryView, item: AttentionItem | undefined, connected: boolean): string {
  if (item !== undefined) return `needs attention: ${item.reason}`
  if (connected) return entry.reason === null ? entry.state : `${entry.state}: ${entry.reason}`
  return entry.disabled ? 'disabled' : 'linked'
}

/** What was found and waits for somebody, and what is ignored. */
async function besideEntries(scoped: ScopedLatchkey) {
  const { items: ignored } = await allPages((query) => scoped.entries.list({ ...query, ignored: true }))
  return { discovered: await allFound(scoped), ignored }
}
