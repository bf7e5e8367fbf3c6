import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import type { EntryRecord, FlowRecord, Store } from '../../src/index.ts'

/** The records of an entry and its flow that a process has left in its database. */
export interface LeftBehind {
  /** The number of entries. */
  readonly entries: number
  /** The decrypted login of the entry. */
  readonly login: unknown
  readonly revisions: readonly [entry: number, credential: number] | null
  readonly need: string | null
  /** The refused credential revision. */
  readonly rejected: number | null
  /** The flows of the source: step, revision, and the error or result of each. */
  readonly flows: readonly (readonly [step: string, revision: number, code: string | null])[]
  /** The kinds of the entry's history, oldest first. */
  readonly history: readonly string[]
  /** The number of counted refusals. */
  readonly refused: number
}

/** Reads it without the engine. @throws where a row, or the seal in it, is not whole */
export async function leftBehind(path: string, source: string): Promise<LeftBehind> {
  const store = sqliteStore(path)
  await store.open()
  try {
    const entries = (await store.findEntries('default', { limit: 10 })).items
    const flows = (await store.findFlows('default', { limit: 10 })).items
    const [entry] = entries
    return {
      entries: entries.length,
      login: entry === undefined ? null : await loginOf(store, entry),
      revisions: entry === undefined ? null : [entry.revision, entry.credentialRevision],
      need: entry?.reauth?.reason ?? null,
      rejected: entry?.rejectedRevision ?? null,
      flows: flows.filter((flow) => flow.source === source).map(flowFacts),
      history: entry === undefined ? [] : await kindsOf(store, entry),
      refused: await refusedOf(store, entry),
    }
  } finally {
    await store.close()
  }
}

/** The login of an entry. The context of its seal is written out, because stored databases depend on it. */
export async function loginOf(store: Store, entry: EntryRecord): Promise<unknown> {
  const { scope, entryId: id, domain, uniqueId, data } = entry
  const context = { purpose: 'entry', scope, id, domain, uniqueId, data } as const
  const opened: unknown = JSON.parse((await store.cipher?.open(entry.sealed, context)) ?? '')
  return { ...data, ...(opened as object) }
}

function flowFacts({ step, revision, context }: FlowRecord) {
  const { errors, reason } = context as { errors?: { base?: { code: string } }; reason?: string | null }
  return [step, revision, errors?.base?.code ?? reason ?? null] as const
}

async function kindsOf(store: Store, { entryId }: EntryRecord): Promise<string[]> {
  const { items } = await store.readAudit('default', entryId, { limit: 100 })
  return items.map(({ kind }) => kind)
}

async function refusedOf(store: Store, entry: EntryRecord | undefined): Promise<number> {
  const keys = ['domain:scripted', ...(entry === undefined ? [] : [`entry:${entry.entryId}`])]
  const counted = await Promise.all(keys.map((key) => store.getAttempts('default', key)))
  return counted.reduce((sum, record) => sum + (record?.failures.length ?? 0), 0)
}
