import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord, FlowRecord } from '../../ports/store.ts'
import type { Compiled } from '../integrations/compiled.ts'
import type { Core } from '../kernel/core.ts'
import { newId } from '../lib/new-id.ts'
import { sealSecrets } from '../secrets/vault.ts'
import { ownEntry } from './entry-record.ts'

/** What is known of an entry that there is not yet. */
export interface NewEntry {
  readonly uniqueId: string | null
  readonly title: string
  readonly data: JsonObject
  readonly secrets: JsonObject
  /** When its credential ends, where that is known. */
  readonly expiresAt?: number | null | undefined
}

/** The first record of an entry that a flow makes. @throws StoreError where its secrets cannot be sealed */
export async function newEntry(
  core: Core,
  { flow, compiled }: { readonly flow: FlowRecord; readonly compiled: Compiled },
  { uniqueId, title, data, secrets, expiresAt }: NewEntry,
): Promise<EntryRecord> {
  const now = core.clock.now()
  const { scope, domain, flowId } = flow
  const bound = { scope, entryId: newId(), domain, uniqueId, data }
  return ownEntry({
    ...bound,
    title,
    sealed: await sealSecrets(core, bound, secrets),
    options: {},
    version: compiled.version,
    revision: 1,
    credentialRevision: 1,
    rejectedRevision: null,
    reauth: null,
    disabled: false,
    migrationError: null,
    ...(compiled.methods.size > 0 && { method: compiled.method }),
    ...(expiresAt != null && { expiresAt }),
    createdBy: flowId,
    createdAt: now,
    updatedAt: now,
  })
}
