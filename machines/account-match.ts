import type { CheckResult } from './check-result.ts'
import type { ConfigFlowContext } from './config-flow-types.ts'

/** Whether `connect` reported another account than the entry or the discovery has. A replacement accepts any account. */
export function isDifferentAccount(context: ConfigFlowContext, result: CheckResult): boolean {
  const { source, entry, found, adoptsIdentity } = context
  if (result.type !== 'connected' || source === 'replace') return false
  if (entry === null) return found !== null && result.uniqueId !== found.uniqueId
  return result.uniqueId !== entry.uniqueId && !(adoptsIdentity && entry.uniqueId === null)
}

/** Whether a replacement account is the account that the entry already has. */
export const isSameAccount = ({ source, entry }: ConfigFlowContext, result: CheckResult): boolean =>
  source === 'replace' &&
  result.type === 'connected' &&
  result.uniqueId !== null &&
  result.uniqueId === entry?.uniqueId
