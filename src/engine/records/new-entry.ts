import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord, FlowRecord } from '../../ports/store.ts'
import type { Compiled } from '../integrations/compiled.ts'
import type { Core } from '../kernel/core.ts'
import { newId } from '../lib/new-id.ts'
import { sealSecrets } from '../secrets/vault.ts'
import { ownEntry } from './entry-record.ts'

/** The verified content of a new entry. */
export interface NewEntry {
  readonly uniqueId: string | null
  readonly title: string
  readonly data: JsonObject
  readonly secrets: JsonObject
  /** Expiration time of the credential (ms since the epoch); null or absent if unknown or if it does not expire. */
  readonly expiresAt?: number | null | undefined
}

/** Creates the first record of an entry. @throws StoreError if its secrets cannot be encrypted */
export async function newEntry(
  core: Core,
  { flow, compiled }: { readonly flow: FlowRecord; readonly compiled: Compiled },
  { uniqueId, title, data, secrets, expiresAt }: NewEntry,
): Promise<EntryRecord> {
  const now = core.clock.now()
  const { scope, domain, flowId } = flow
  const identity = { scope, entryId: newId(), domain, uniqueId, data }
  return ownEntry({
    ...identity,
    title,
    sealed: await sealSecrets(core, identity, secrets),
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
