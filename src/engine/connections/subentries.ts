import type { Subentry, SubentryFields } from '../../authoring/subentry.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { Log } from '../../ports/log.ts'
import type { SubentryRecord } from '../../ports/subentry-record.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { collectSecrets, secretTexts } from '../integrations/values.ts'

/**
 * Parses the sub-entries for `connect`, and adds their secrets to `secrets`. Invalid sub-entries are logged and
 * omitted, so that one of them does not block the account.
 */
export function connectedSubentries(
  { domain, subentries }: Compiled,
  opened: OpenedSubentries | undefined,
  { log, secrets }: { readonly log: Log; readonly secrets: string[] },
): readonly Subentry<SubentryFields>[] {
  const parsed: Subentry<SubentryFields>[] = []
  for (const { stored, values } of opened?.items ?? []) {
    const { type, subentryId, title, uniqueId } = stored
    const compiled = subentries.get(type)
    secrets.push(...secretTexts(compiled?.fullForm, values))
    const result = compiled?.schema.safeParse(values)
    if (result?.success !== true) {
      log.warn(
        {
          domain,
          subentryId,
          code: type,
        },
        'A sub-entry does not match the schema of the integration.',
      )
      continue
    }
    collectSecrets(result.data, secrets)
    parsed.push({ type, subentryId, title, uniqueId, values: result.data })
  }
  return parsed
}

/** A sub-entry with decrypted secrets. */
export interface OpenedSubentry {
  readonly stored: SubentryRecord
  readonly values: JsonObject
}

/** The decrypted sub-entries of an entry, with the revision of their list. */
export interface OpenedSubentries {
  readonly revision: number
  readonly items: readonly OpenedSubentry[]
}
