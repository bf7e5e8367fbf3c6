import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import type { EntryRecord, FlowRecord, Store } from '../../src/index.ts'
import { loginOf } from './left-behind.ts'

/** The rows that a process has left in its database, one line each. */
export interface LeftRows {
  /** Its account, version, login, revisions and other facts. */
  readonly entries: readonly string[]
  /** The source, the step, the revision, and the error or the end that each shows; none of the entry's own setup. */
  readonly flows: readonly string[]
  /** The kinds of the history, oldest first. */
  readonly history: readonly string[]
}

/** Reads it without the engine. @throws where a row, or the seal in it, is not whole */
export async function leftRows(path: string): Promise<LeftRows> {
  const store = sqliteStore(path)
  await store.open()
  try {
    const entries = (await store.findEntries('default', { limit: 10 })).items
    const flows = (await store.findFlows('default', { limit: 10 })).items
    const history = (await store.readAudit('default', null, { limit: 100 })).items
    return {
      entries: (await Promise.all(entries.map((entry) => entryTold(store, entry)))).sort(),
      flows: flows
        .filter(({ source }) => source !== 'user')
        .map(flowTold)
        .sort(),
      history: history.map(({ kind }) => kind),
    }
  } finally {
    await store.close()
  }
}

async function entryTold(store: Store, entry: EntryRecord): Promise<string> {
  const { uniqueId, revision, credentialRevision, previous, proposal, options, ignored, setupFailure } = entry
  const before = previous && (await holding(store, { ...entry, ...previous } as EntryRecord))
  return [
    `${uniqueId} ${await holding(store, entry)} at ${revision}, ${credentialRevision}`,
    ...(before === undefined ? [] : [`was ${before}`]),
    ...(proposal == null ? [] : [`may be at ${proposal.values.host}`]),
    ...(Object.keys(options).length === 0 ? [] : [JSON.stringify(options)]),
    ...(ignored === true ? ['ignored'] : []),
    ...(setupFailure == null ? [] : [`failed with ${setupFailure.reason}`]),
  ].join('; ')
}

async function holding(store: Store, entry: EntryRecord): Promise<string> {
  const login = Object.values((await loginOf(store, entry)) as object).sort()
  return [`v${entry.version}`, ...login].join(' ')
}

function flowTold({ source, step, revision, context }: FlowRecord): string {
  const { errors, reason } = context as { errors?: { base?: { code: string } }; reason?: string | null }
  return [source, step, revision, errors?.base?.code ?? reason].filter((part) => part != null).join(' ')
}
