import type { SaveSubentryResult, SubentryCommit } from '../../../machines/subentry-result.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { SubentryRecord } from '../../ports/subentry-record.ts'
import type { CompiledSubentry } from '../integrations/compile-subentries.ts'
import { splitStoredValues } from '../integrations/values.ts'
import { jsonEqual } from '../lib/json.ts'
import { newId } from '../lib/new-id.ts'
import { subentriesOf, withSubentries } from '../records/subentries.ts'
import { openSubentry, sealSubentry } from '../secrets/vault.ts'
import type { FlowCommit } from './commit.ts'
import { saveEntryChange } from './save-options.ts'

type Refused = Extract<SaveSubentryResult, { type: 'unchanged' | 'full' | 'taken' | 'changed' | 'missing' }>

/**
 * Saves a sub-entry in the record of its entry. If the record changes at the same time, it is read again, so that two
 * sub-entries cannot get the same unique id.
 *
 * @throws StoreError
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
  const result = await saveEntryChange<Refused>(commit, {
    entryId,
    kind: subentry.revision === null ? 'subentry_added' : 'subentry_changed',
    end: { ...end, subentry: { ...subentry, subentryId } },
    change: async (entry) => {
      const items = subentriesOf(entry)
      const before = items.find((item) => item.subentryId === subentryId)
      const refused = refusalOf(items, before) ?? (await unchanged(entry, before))
      if (refused !== null) return refused
      const { type, version } = kind
      const revision = (before?.revision ?? 0) + 1
      const content = { type, subentryId, ...named, data, revision, ...(version > 1 && { version }) }
      const next = { ...content, sealed: await sealSubentry(commit.core, entry, content, secrets) }
      return withSubentries(
        entry,
        before === undefined ? [...items, next] : items.map((item) => (item === before ? next : item)),
      )
    },
  })
  return result.type === 'saved' ? { ...result, subentryId } : result

  function refusalOf(items: readonly SubentryRecord[], before: SubentryRecord | undefined): Refused | null {
    const isNew = subentry.revision === null
    if (!isNew && before === undefined) return { type: 'missing' }
    if (!isNew && before?.revision !== subentry.revision) return { type: 'changed' }
    const isSame = ({ type, uniqueId }: SubentryRecord) => type === kind.type && uniqueId === named.uniqueId
    if (named.uniqueId !== null && items.some((item) => item !== before && isSame(item)))
      return { type: 'taken' }
    return isNew && items.length >= commit.core.limits.subentries ? { type: 'full' } : null
  }

  /** Returns `unchanged` if nothing has changed, so that the entry is not reloaded. */
  async function unchanged(entry: EntryRecord, before: SubentryRecord | undefined): Promise<Refused | null> {
    if (before === undefined || before.title !== named.title || before.uniqueId !== named.uniqueId)
      return null
    const isSame =
      jsonEqual(before.data, data) && jsonEqual(await openSubentry(commit.core, entry, before), secrets)
    return isSame ? { type: 'unchanged' } : null
  }
}
