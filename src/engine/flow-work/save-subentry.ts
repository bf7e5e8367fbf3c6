import type { SaveSubentryResult, SubentryCommit } from '../../../machines/subentry-result.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { SubentryRecord } from '../../ports/subentry-record.ts'
import type { CompiledSubentry } from '../integrations/compile-subentries.ts'
import { splitStoredValues } from '../integrations/stored-values.ts'
import { jsonEqual } from '../lib/json-equal.ts'
import { newId } from '../lib/new-id.ts'
import { subentriesOf, withSubentries } from '../records/subentries.ts'
import { openSubentry, sealSubentry } from '../secrets/vault.ts'
import type { FlowCommit } from './commit.ts'
import { reloadWithOptions } from './save-options.ts'

type Refused = Extract<SaveSubentryResult, { type: 'unchanged' | 'full' | 'taken' | 'changed' | 'missing' }>

/**
 * Saves something under an entry, in the entry's own row: whoever writes that row meanwhile is read again, so that of two
 * with one identity the second finds the first. @throws StoreError
 */
export async function saveSubentry(
  commit: FlowCommit,
  kind: CompiledSubentry,
  { entryId, subentry, named, draft, end }: SubentryCommit & { readonly entryId: string },
): Promise<SaveSubentryResult> {
  const subentryId = subentry.subentryId ?? newId()
  const { data, secrets } = splitStoredValues(
    { storedForm: kind.fullForm },
    draft.reveal().values as JsonObject,
  )
  const result = await reloadWithOptions<Refused>(commit, {
    entryId,
    kind: subentry.revision === null ? 'subentry_added' : 'subentry_changed',
    end: { ...end, subentry: { ...subentry, subentryId } },
    next: async (entry) => {
      const items = subentriesOf(entry)
      const before = items.find((one) => one.subentryId === subentryId)
      const refused = refusalOf(items, before) ?? (await sameAs(entry, before))
      if (refused !== null) return refused
      const { type } = kind
      const bound = { type, subentryId, ...named, data, revision: (before?.revision ?? 0) + 1 }
      const next = { ...bound, sealed: await sealSubentry(commit.core, entry, bound, secrets) }
      return withSubentries(
        entry,
        before === undefined ? [...items, next] : items.map((one) => (one === before ? next : one)),
      )
    },
  })
  return result.type === 'saved' ? { ...result, subentryId } : result

  function refusalOf(items: readonly SubentryRecord[], before: SubentryRecord | undefined): Refused | null {
    const isNew = subentry.revision === null
    if (!isNew && before === undefined) return { type: 'missing' }
    if (!isNew && before?.revision !== subentry.revision) return { type: 'changed' }
    const isSame = ({ type, uniqueId }: SubentryRecord) => type === kind.type && uniqueId === named.uniqueId
    if (named.uniqueId !== null && items.some((one) => one !== before && isSame(one)))
      return { type: 'taken' }
    return isNew && items.length >= commit.core.limits.subentries ? { type: 'full' } : null
  }

  /** What is the same is not saved again, and its entry is not set up anew for it. */
  async function sameAs(entry: EntryRecord, before: SubentryRecord | undefined): Promise<Refused | null> {
    if (before === undefined || before.title !== named.title || before.uniqueId !== named.uniqueId)
      return null
    const isSame =
      jsonEqual(before.data, data) && jsonEqual(await openSubentry(commit.core, entry, before), secrets)
    return isSame ? { type: 'unchanged' } : null
  }
}
