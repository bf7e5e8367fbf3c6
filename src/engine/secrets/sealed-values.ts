import type { SealContext } from '../../ports/cipher.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { RemovalRecord } from '../../ports/removals.ts'
import type { EntryRecord, FlowRecord } from '../../ports/store.ts'
import type { UnsavedToken } from '../../ports/token-journal.ts'
import type { WebhookRecord } from '../../ports/webhooks.ts'
import { draftContext, entryContext, requestContext, subentryContext, webhookContext } from './vault.ts'

/** Returns the value that replaces an encrypted value. */
export type Replace = (sealed: string, context: SealContext) => Promise<string>

/** Replaces each encrypted value of an entry: its own, the previous one and those of its sub-entries. */
export async function replaceInEntry(entry: EntryRecord, replace: Replace): Promise<EntryRecord> {
  const { previous, subentries } = entry
  const sealed = await replace(entry.sealed, entryContext(entry))
  const before = previous && {
    ...previous,
    sealed: await replace(previous.sealed, entryContext({ ...entry, ...valuesBefore(entry, previous) })),
    ...(await replaceInSubentries(entry, previous.subentries, replace)),
  }
  return {
    ...entry,
    sealed,
    ...(before && { previous: before }),
    ...(await replaceInSubentries(entry, subentries, replace)),
  }
}

async function replaceInSubentries(
  entry: EntryRecord,
  subentries: EntryRecord['subentries'],
  replace: Replace,
): Promise<Pick<EntryRecord, 'subentries'>> {
  if (subentries === undefined) return {}
  const items = await Promise.all(
    subentries.items.map(async (item) =>
      item.sealed === null
        ? item
        : { ...item, sealed: await replace(item.sealed, subentryContext(entry, item)) },
    ),
  )
  return { subentries: { ...subentries, items } }
}

/** Returns the previous values of an entry. They are bound to the unique id of their time. */
export const valuesBefore = (
  { uniqueId }: EntryRecord,
  previous: NonNullable<EntryRecord['previous']>,
): Pick<EntryRecord, 'uniqueId' | 'data' | 'sealed' | 'version'> => ({
  data: previous.data,
  sealed: previous.sealed,
  version: previous.version,
  uniqueId: previous.uniqueId === undefined ? uniqueId : previous.uniqueId,
})

/** Replaces the encrypted value of a pending write of an entry. */
export async function replaceInToken(
  entry: EntryRecord,
  token: UnsavedToken,
  replace: Replace,
): Promise<UnsavedToken> {
  return { ...token, sealed: await replace(token.sealed, entryContext({ ...entry, data: token.data })) }
}

/** Replaces each encrypted value of a flow: its draft, the request of its sign-in, and prepared values. */
export async function replaceInFlow(flow: FlowRecord, replace: Replace): Promise<FlowRecord> {
  const sealedDraft = flow.sealedDraft === null ? null : await replace(flow.sealedDraft, draftContext(flow))
  const context = { ...flow.context }
  for (const name of ['authorization', 'prepared']) {
    const part = context[name]
    if (isSealed(part)) context[name] = { ...part, sealed: await replace(part.sealed, requestContext(flow)) }
  }
  return { ...flow, sealedDraft, context }
}

/** Replaces each encrypted value of a webhook: its signing secret and the previous one. */
export async function replaceInWebhook(webhook: WebhookRecord, replace: Replace): Promise<WebhookRecord> {
  const { scope, id: webhookId, content } = webhook
  const context = webhookContext({ scope, webhookId })
  const replaced = async (value: unknown) =>
    isSealed(value) ? { ...value, sealed: await replace(value.sealed, context) } : {}
  const previous = isSealed(content.previous) ? { previous: await replaced(content.previous) } : {}
  return { ...webhook, content: { ...content, ...(await replaced(content)), ...previous } }
}

/** Replaces the encrypted value of a removal: the secrets of its entry. */
export async function replaceInRemoval(removal: RemovalRecord, replace: Replace): Promise<RemovalRecord> {
  const { scope, content } = removal
  if (!isRemovedEntry(content)) return removal
  const sealed = await replace(content.sealed, entryContext({ ...content, scope }))
  return { ...removal, content: { ...content, sealed } }
}

type RemovedEntry = Pick<EntryRecord, 'entryId' | 'domain' | 'uniqueId' | 'data' | 'sealed'>

/** Whether a row has what the context of its encrypted value needs. */
const isRemovedEntry = (content: JsonObject): content is JsonObject & RemovedEntry =>
  isSealed(content) &&
  typeof content.entryId === 'string' &&
  typeof content.domain === 'string' &&
  (content.uniqueId === null || typeof content.uniqueId === 'string') &&
  typeof content.data === 'object'

const isSealed = (value: unknown): value is JsonObject & { readonly sealed: string } =>
  typeof value === 'object' && value !== null && 'sealed' in value && typeof value.sealed === 'string'
