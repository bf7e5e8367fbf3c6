import type { Log } from '../ports/log.ts'
import type { Subentry, SubentryFields } from '../subentry.ts'
import type { Compiled } from './compile.ts'
import { keepSecrets } from './secrets.ts'
import type { OpenedSubentries } from './stored-subentries.ts'

/**
 * What `connect` is handed of what is under an entry. What its integration no longer takes is logged and left out: one
 * calendar that cannot be read is not to stop the account. The secrets that were read are added to those in hand.
 */
export function handedSubentries(
  { domain, subentries }: Compiled,
  opened: OpenedSubentries | undefined,
  { log, secrets }: { readonly log: Log; readonly secrets: string[] },
): readonly Subentry<SubentryFields>[] {
  const handed: Subentry<SubentryFields>[] = []
  for (const { stored, values } of opened?.items ?? []) {
    const { type, subentryId, title, uniqueId } = stored
    const kind = subentries.get(type)
    for (const field of kind?.whole.secrets ?? []) {
      const secret = values[field]
      if (typeof secret === 'string') secrets.push(secret)
    }
    const read = kind?.schema.safeParse(values)
    if (read?.success !== true) {
      log.warn('The integration does not take a sub-entry.', { domain, subentryId, code: type })
      continue
    }
    keepSecrets(read.data, secrets)
    handed.push({ type, subentryId, title, uniqueId, values: read.data })
  }
  return handed
}
