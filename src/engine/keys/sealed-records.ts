import type { CipherKeys } from '../../ports/cipher.ts'
import type { RemovalRecord } from '../../ports/removals.ts'
import type { EntryRecord, FlowRecord } from '../../ports/store.ts'
import type { UnsavedToken } from '../../ports/token-journal.ts'
import type { WebhookRecord } from '../../ports/webhooks.ts'
import type { Core } from '../kernel/core.ts'
import { allScopes } from '../records/all-scopes.ts'
import { macKeyIdsOf } from '../records/match-keys.ts'
import {
  type Replace,
  replaceInEntry,
  replaceInFlow,
  replaceInRemoval,
  replaceInToken,
  replaceInWebhook,
} from '../secrets/sealed-values.ts'
import { RECEIVERS } from '../webhooks/receiver-record.ts'

/** The number of records of a batch. */
const PAGE_SIZE = 100

/** A record with encrypted values. */
export interface SealedRecord {
  readonly kind: 'entry' | 'flow' | 'webhook' | 'removal'
  readonly scope: string
  readonly id: string
  /** The ids of the keys of the codes of secrets in it. A rotation cannot compute each of them again. */
  readonly codeKeyIds: readonly string[]
  /** Returns the ids of the keys of its encrypted values. Null for a value without one. */
  keyIds(keys: CipherKeys): Promise<readonly (string | null)[]>
}

interface SealedPage {
  readonly records: readonly SealedRecord[]
  /** The number of rows that cannot be read. */
  readonly unreadable: number
}

/** Yields the entries, open flows, webhooks and removals of all scopes in batches. Ended flows have no encrypted values. */
export async function* sealedRecords(core: Core): AsyncGenerator<SealedPage, undefined> {
  const { store } = core
  for await (const scope of allScopes(store)) {
    for (let after: string | null | undefined; after !== null; ) {
      const query = { limit: PAGE_SIZE, ...(after !== undefined && { after }) }
      const page = await store.findEntries(scope, query)
      yield {
        records: page.items.map((entry) => sealedEntry(core, entry)),
        unreadable: page.unreadable.length,
      }
      after = page.next
    }
    for (let after: string | null | undefined; after !== null; ) {
      const query = { open: true, limit: PAGE_SIZE, ...(after !== undefined && { after }) }
      const page = await store.findFlows(scope, query)
      yield { records: page.items.map(sealedFlow), unreadable: page.unreadable.length }
      after = page.next
    }
    for (let after: string | null | undefined; after !== null; ) {
      const query = { limit: PAGE_SIZE, ...(after !== undefined && { after }) }
      const page = await store.webhooks.list(scope, RECEIVERS, query)
      yield { records: page.items.map(sealedWebhook), unreadable: page.unreadable.length }
      after = page.next
    }
    for (let after: string | null | undefined; after !== null; ) {
      const query = { limit: PAGE_SIZE, ...(after !== undefined && { after }) }
      const page = await store.removals.list(scope, query)
      yield { records: page.items.map(sealedRemoval), unreadable: page.unreadable.length }
      after = page.next
    }
  }
}

const sealedEntry = (core: Core, entry: EntryRecord): SealedRecord => ({
  kind: 'entry',
  scope: entry.scope,
  id: entry.entryId,
  codeKeyIds: macKeyIdsOf(entry),
  async keyIds(keys) {
    const token = await pendingToken(core, entry)
    return keyIdsIn(keys, async (replace) => {
      await replaceInEntry(entry, replace)
      if (token !== null) await replaceInToken(entry, token, replace)
    })
  },
})

const sealedFlow = (flow: FlowRecord): SealedRecord => ({
  kind: 'flow',
  scope: flow.scope,
  id: flow.flowId,
  codeKeyIds: [],
  keyIds: (keys) => keyIdsIn(keys, (replace) => replaceInFlow(flow, replace)),
})

const sealedWebhook = (webhook: WebhookRecord): SealedRecord => ({
  kind: 'webhook',
  scope: webhook.scope,
  id: webhook.id,
  codeKeyIds: [],
  keyIds: (keys) => keyIdsIn(keys, (replace) => replaceInWebhook(webhook, replace)),
})

const sealedRemoval = (removal: RemovalRecord): SealedRecord => ({
  kind: 'removal',
  scope: removal.scope,
  id: removal.id,
  codeKeyIds: [],
  keyIds: (keys) => keyIdsIn(keys, (replace) => replaceInRemoval(removal, replace)),
})

/** Returns the refreshed token of an entry that waits in the journal; null without one, or if it is obsolete. */
export async function pendingToken(core: Core, entry: EntryRecord): Promise<UnsavedToken | null> {
  const token = await core.store.journal?.get(entry.scope, entry.entryId)
  return token?.replaces === entry.sealed || (token !== undefined && token.resealed === entry.sealed)
    ? token
    : null
}

async function keyIdsIn(
  keys: CipherKeys,
  visit: (replace: Replace) => Promise<unknown>,
): Promise<readonly (string | null)[]> {
  const found: (string | null)[] = []
  await visit(async (sealed) => {
    found.push(keys.of(sealed))
    return sealed
  })
  return found
}
