import type { Subentry, SubentryFields } from '../../authoring/subentry.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { Log } from '../../ports/log.ts'
import type { SubentryRecord } from '../../ports/subentry-record.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { collectSecrets } from '../integrations/secret-values.ts'

/**
 * What `connect` is handed of what is under an entry. What its integration no longer takes is logged and left out: one
 * calendar that cannot be read is not to stop the account. The secrets that were read are added to those in hand.
 */
export function connectedSubentries(
  { domain, subentries }: Compiled,
  opened: OpenedSubentries | undefined,
  { log, secrets }: { readonly log: Log; readonly secrets: string[] },
): readonly Subentry<SubentryFields>[] {
  const handed: Subentry<SubentryFields>[] = []
  for (const { stored, values } of opened?.items ?? []) {
    const { type, subentryId, title, uniqueId } = stored
    const kind = subentries.get(type)
    for (const field of kind?.fullForm.secrets ?? []) {
      const secret = values[field]
      if (typeof secret === 'string') secrets.push(secret)
    }
    const read = kind?.schema.safeParse(values)
    if (read?.success !== true) {
      log.warn('The integration does not take a sub-entry.', { domain, subentryId, code: type })
      continue
    }
    collectSecrets(read.data, secrets)
    handed.push({ type, subentryId, title, uniqueId, values: read.data })
  }
  return handed
}

/** A thing under an entry, opened: its secrets are in the clear. */
export interface OpenedSubentry {
  readonly stored: SubentryRecord
  readonly values: JsonObject
}

/** What is under an entry, opened, and as which it was read. */
export interface OpenedSubentries {
  readonly revision: number
  readonly items: readonly OpenedSubentry[]
}
