import type { DraftContent } from '../../../machines/draft.ts'
import { SealBrokenError, StoreError } from '../../errors.ts'
import type { Cipher, Mac, SealContext } from '../../ports/cipher.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { SubentryRecord } from '../../ports/subentry-record.ts'
import { textsIn } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import { loggedError } from '../lib/redact.ts'

type Sealable = Pick<EntryRecord, 'scope' | 'entryId' | 'domain' | 'uniqueId' | 'data'>

/** Returns the context of the secret fields of an entry. */
export const entryContext = ({ scope, entryId, domain, uniqueId, data }: Sealable): SealContext => ({
  purpose: 'entry',
  scope,
  id: entryId,
  domain,
  uniqueId,
  data,
})

type EntryName = Pick<EntryRecord, 'scope' | 'entryId' | 'domain'>

type SealableSubentry = Pick<SubentryRecord, 'type' | 'subentryId' | 'uniqueId' | 'data'>

/** Returns the context of the secret fields of a sub-entry. */
export const subentryContext = (
  entry: EntryName,
  { type, subentryId, uniqueId, data }: SealableSubentry,
): SealContext => ({
  purpose: 'subentry',
  scope: entry.scope,
  id: `${entry.entryId}/${type}/${subentryId}`,
  domain: entry.domain,
  uniqueId,
  data,
})

/** Returns the context of the draft of a flow. */
export const draftContext = (flow: { scope: string; flowId: string; domain: string }): SealContext => ({
  purpose: 'draft',
  scope: flow.scope,
  id: flow.flowId,
  domain: flow.domain,
  uniqueId: null,
  data: {},
})

/** Encrypts the secret fields of an entry, bound to its id, unique id and non-secret fields. @throws StoreError */
export function sealSecrets(core: Core, entry: Sealable, secrets: JsonObject): Promise<string> {
  return seal(core, secrets, entryContext(entry))
}

/** Decrypts the secret fields of an entry. @throws KeyMissingError, SealBrokenError */
export async function openSecrets(
  core: Core,
  entry: Sealable & Pick<EntryRecord, 'sealed'>,
): Promise<JsonObject> {
  return parse(await core.cipher.open(entry.sealed, entryContext(entry)))
}

/**
 * Encrypts the secret fields of a sub-entry, bound to its entry, id and non-secret fields. Returns null without
 * secrets.
 *
 * @throws StoreError
 */
export async function sealSubentry(
  core: Core,
  entry: EntryName,
  subentry: SealableSubentry,
  secrets: JsonObject,
): Promise<string | null> {
  return Object.keys(secrets).length === 0 ? null : seal(core, secrets, subentryContext(entry, subentry))
}

/** Decrypts the secret fields of a sub-entry. @throws KeyMissingError, SealBrokenError */
export async function openSubentry(
  core: Core,
  entry: EntryName,
  subentry: SubentryRecord,
): Promise<JsonObject> {
  if (subentry.sealed === null) return {}
  return parse(await core.cipher.open(subentry.sealed, subentryContext(entry, subentry)))
}

/**
 * Encrypts the input before a challenge, and the state of the challenge. The answer to a challenge is never stored.
 * @throws StoreError
 */
export function sealDraft(
  core: Core,
  flow: { scope: string; flowId: string; domain: string },
  { values, submitted, challenge }: DraftContent,
): Promise<string> {
  const content = {
    values,
    ...(submitted !== undefined && { submitted }),
    state: challenge?.state ?? null,
  } as JsonObject
  return seal(core, content, draftContext(flow))
}

/** Decrypts the draft of a flow. @throws KeyMissingError, SealBrokenError */
export async function openDraft(
  core: Core,
  flow: { scope: string; flowId: string; domain: string; sealedDraft: string | null },
): Promise<OpenedDraft> {
  if (flow.sealedDraft === null) throw new SealBrokenError()
  const text = await core.cipher.open(flow.sealedDraft, draftContext(flow))
  return parse(text) as OpenedDraft
}

/** A decrypted draft. */
type OpenedDraft = {
  readonly values: JsonObject
  /** The submitted values, if `values` also has stored ones. */
  readonly submitted?: JsonObject
  readonly state: Json
}

/** Returns the context of the request of a sign-in. */
export const requestContext = (flow: { scope: string; flowId: string; domain: string }): SealContext => ({
  ...draftContext(flow),
  purpose: 'authorization',
})

/** Encrypts the request of a sign-in. @throws StoreError */
export function sealRequest(
  core: Core,
  flow: { scope: string; flowId: string; domain: string },
  request: JsonObject,
): Promise<string> {
  return seal(core, request, requestContext(flow))
}

/** Decrypts the request of a sign-in. @throws KeyMissingError, SealBrokenError */
export async function openRequest<Request extends JsonObject>(
  core: Core,
  flow: { scope: string; flowId: string; domain: string },
  sealed: string,
): Promise<Request> {
  return parse(await core.cipher.open(sealed, requestContext(flow))) as Request
}

/** Returns the context of the signing secret of a webhook. */
export const webhookContext = ({ scope, webhookId }: WebhookName): SealContext => ({
  purpose: 'webhook',
  scope,
  id: webhookId,
  domain: '',
  uniqueId: null,
  data: {},
})

interface WebhookName {
  readonly scope: string
  readonly webhookId: string
}

/** Encrypts the signing secret of a webhook. @throws StoreError */
export function sealWebhookSecret(core: Core, webhook: WebhookName, secret: string): Promise<string> {
  return seal(core, { secret }, webhookContext(webhook))
}

/** Decrypts the signing secret of a webhook. @throws KeyMissingError, SealBrokenError */
export async function openWebhookSecret(core: Core, webhook: WebhookName, sealed: string): Promise<string> {
  return String(parse(await core.cipher.open(sealed, webhookContext(webhook))).secret)
}

/**
 * Encrypts any JSON value. `secrets` are its texts that the log must not contain. Defaults to all. The error of a host's own cipher can quote the content, so it is logged without it and
 * replaced.
 *
 * @throws StoreError
 */
export async function seal(
  core: Core,
  content: Json,
  context: SealContext,
  secrets?: readonly string[],
): Promise<string> {
  try {
    return await core.cipher.seal(JSON.stringify(content), context)
  } catch (error) {
    const { scope, domain } = context
    core.log.error(
      {
        scope,
        domain,
        error: loggedError(error, secrets ?? textsIn(content)),
      },
      'The cipher could not encrypt a value.',
    )
    throw new StoreError('The cipher could not encrypt the value. Nothing was saved.')
  }
}

/**
 * Returns the codes of texts that contain secrets, that of the first key first. The error of a host's own cipher is logged
 * without the texts and replaced.
 *
 * @throws StoreError
 */
export async function macsOf(
  { cipher, log }: Core,
  { mac }: Required<Pick<Cipher, 'mac'>>,
  texts: readonly string[],
  context: Pick<SealContext, 'scope' | 'domain'>,
): Promise<readonly Mac[]> {
  try {
    return await mac.call(cipher, JSON.stringify(texts), context)
  } catch (error) {
    log.error({ ...context, error: loggedError(error, texts) }, 'The cipher could not compute a code.')
    throw new StoreError('The cipher could not compute a code. Nothing was saved.')
  }
}

/** Parses decrypted JSON. The parser's own error would quote it. @throws SealBrokenError */
function parse(decrypted: string): JsonObject {
  try {
    return JSON.parse(decrypted) as JsonObject
  } catch {
    throw new SealBrokenError()
  }
}
