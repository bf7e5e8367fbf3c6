import type { DraftContent } from '../../machines/draft.ts'
import { SealBrokenError } from '../errors.ts'
import type { SealContext } from '../ports/cipher.ts'
import type { Json, JsonObject } from '../ports/json.ts'
import type { EntryRecord } from '../ports/store.ts'
import type { Core } from './core.ts'

type Sealable = Pick<EntryRecord, 'scope' | 'entryId' | 'domain' | 'uniqueId' | 'data'>

const entryContext = ({ scope, entryId, domain, uniqueId, data }: Sealable): SealContext => ({
  purpose: 'entry',
  scope,
  id: entryId,
  domain,
  uniqueId,
  data,
})

const draftContext = (flow: { scope: string; flowId: string; domain: string }): SealContext => ({
  purpose: 'draft',
  scope: flow.scope,
  id: flow.flowId,
  domain: flow.domain,
  uniqueId: null,
  data: {},
})

/** Seals an entry's secret fields, bound to the entry and to its clear data. */
export function sealSecrets(core: Core, entry: Sealable, secrets: JsonObject): Promise<string> {
  return core.cipher.seal(JSON.stringify(secrets), entryContext(entry))
}

/** @throws KeyMissingError, SealBrokenError */
export async function openSecrets(core: Core, entry: EntryRecord): Promise<JsonObject> {
  return parse(await core.cipher.open(entry.sealed, entryContext(entry)))
}

/** Seals what was typed before a challenge, and the challenge's state; never the answer to it. */
export function sealDraft(
  core: Core,
  flow: { scope: string; flowId: string; domain: string },
  { values, challenge }: DraftContent,
): Promise<string> {
  return core.cipher.seal(JSON.stringify({ values, state: challenge?.state ?? null }), draftContext(flow))
}

/** @throws KeyMissingError, SealBrokenError */
export async function openDraft(
  core: Core,
  flow: { scope: string; flowId: string; domain: string; sealedDraft: string | null },
): Promise<{ values: JsonObject; state: Json }> {
  if (flow.sealedDraft === null) throw new SealBrokenError()
  const { values, state } = parse(await core.cipher.open(flow.sealedDraft, draftContext(flow)))
  return { values: values as JsonObject, state: state ?? null }
}

const parse = (text: string): JsonObject => JSON.parse(text) as JsonObject
