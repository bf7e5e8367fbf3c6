import { expect } from '@jest/globals'
import type { AuditRow, EntryRecord, Store } from '../../src/index.ts'
import { loginOf } from '../crash/left-behind.ts'
import type { Told } from './load-child.ts'
import { serialOf } from './load-integration.ts'

const SAVES = ['entry_created', 'credential_updated']

/** Checks the promises in the rows that processes under load have left, against all results that their callers received. */
export async function checkPromises(store: Store, told: readonly Told[]): Promise<void> {
  expect(told.filter(({ type }) => type === 'wrong')).toEqual([])
  const entries = await allOf((after) => store.findEntries('default', { limit: 500, ...after }))
  const history = await allOf((after) => store.readAudit('default', null, { limit: 500, ...after }))
  // One entry per account.
  expect(new Set(entries.map(({ uniqueId }) => uniqueId)).size).toBe(entries.length)

  const saves = Map.groupBy(
    history.filter(({ kind }) => SAVES.includes(kind)),
    ({ entryId }) => entryId,
  )
  // Two callers who submit the same form at once both receive its result, and one of their logins is saved.
  const serials = new Map<string, string[]>()
  for (const one of told) {
    if (one.type === 'saved') serials.set(one.flowId, [...(serials.get(one.flowId) ?? []), one.serial])
  }
  for (const entry of entries) {
    const rows = saves.get(entry.entryId) ?? []
    // No flow has saved twice, and each save is one credential revision.
    expect(new Set(rows.map(({ flowId }) => flowId)).size).toBe(rows.length)
    expect(entry.credentialRevision).toBe(rows.length)
    await checkLogin(store, entry, rows.at(-1), serials)
  }
  // Each success that a caller received has been saved.
  const saved = new Set([...saves.values()].flat().map(({ flowId }) => flowId))
  expect([...serials.keys()].filter((flowId) => !saved.has(flowId))).toEqual([])

  const flows = await allOf((after) => store.findFlows('default', { open: true, limit: 500, ...after }))
  const edits = flows.filter((flow) => flow.edits).map(({ entryId }) => entryId)
  expect(new Set(edits).size).toBe(edits.length)
}

/** The login is whole, and the one of the flow that has saved last. */
async function checkLogin(
  store: Store,
  entry: EntryRecord,
  last: AuditRow | undefined,
  serials: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const serial = serialOf(await loginOf(store, entry), entry.uniqueId ?? '')
  expect({ entry: entry.entryId, serial }).toEqual({ entry: entry.entryId, serial: expect.any(String) })
  const lastTold = serials.get(last?.flowId ?? '')
  if (lastTold !== undefined) expect(lastTold).toContain(serial)
}

async function allOf<Item>(
  read: (after: { readonly after?: string }) => Promise<{
    readonly items: readonly Item[]
    readonly next: string | null
    readonly unreadable: readonly string[]
  }>,
): Promise<Item[]> {
  const all: Item[] = []
  for (let after: { after?: string } = {}; ; ) {
    const { items, next, unreadable } = await read(after)
    expect(unreadable).toEqual([])
    all.push(...items)
    if (next === null) return all
    after = { after: next }
  }
}
