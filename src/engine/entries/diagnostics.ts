import type { EntryRecord } from '../../ports/store.ts'
import type { Diagnostics } from '../api/entries.ts'
import type { Core } from '../kernel/core.ts'
import { ignore } from '../lib/ignore.ts'
import { Redactor } from '../lib/redactor.ts'
import { openSecrets } from '../secrets/vault.ts'
import type { Attention } from './attention.ts'
import type { Entries } from './entries.ts'

/** The number of history rows in diagnostics. */
const ROWS = 50

/**
 * Collects the state, versions and recent events of an entry, without its secrets and without its fields.
 *
 * @throws UnknownEntryError if neither the entry nor its history exists
 */
export async function diagnosticsOf(
  core: Core,
  { entries, attention }: { readonly entries: Entries; readonly attention: Attention },
  { scope, entryId }: { readonly scope: string; readonly entryId: string },
): Promise<Diagnostics> {
  const newest = { limit: ROWS, order: 'newest' } as const
  const { items: history } = await core.store.readAudit(scope, entryId, newest)
  const record = await entries.read(scope, entryId).catch((error: unknown) => {
    // The history of a removed entry remains.
    if (history.length === 0) throw error
    return null
  })
  const integration = record === null ? undefined : core.integrations.get(record.domain)
  const diagnostics: Diagnostics = {
    at: core.clock.now(),
    entry: record === null ? null : entries.view(record),
    attention: record === null ? null : await attention.get(scope, entryId),
    versions: {
      stored: record?.version ?? null,
      integration: integration?.version ?? null,
    },
    history,
  }
  return record === null ? diagnostics : redacted(diagnostics, await secretsOf(core, record))
}

/** Returns the secrets of an entry; none if they cannot be decrypted. */
async function secretsOf(core: Core, entry: EntryRecord): Promise<readonly string[]> {
  const values = Object.values((await openSecrets(core, entry).catch(ignore)) ?? {})
  return values.filter((value) => typeof value === 'string')
}

/** Returns a JSON value without the secrets, also where a title or an error quotes one. */
function redacted<Value>(value: Value, secrets: readonly string[]): Value {
  const redactor = new Redactor(secrets)
  const clean = (_: string, part: unknown) => (typeof part === 'string' ? redactor.redact(part) : part)
  return JSON.parse(JSON.stringify(value, clean)) as Value
}
