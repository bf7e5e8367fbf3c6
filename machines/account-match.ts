import type { CheckResult } from './check-result.ts'
import type { ConfigFlowContext } from './config-flow-types.ts'
import type { FormErrorCode } from './form-errors.ts'

type Connected = Extract<CheckResult, { type: 'connected' }>

/** Whether a unique id is that of the connected account, now or formerly. */
const isIdOf = ({ uniqueId, formerUniqueIds = [] }: Connected, id: string | null): boolean =>
  id === uniqueId || (id !== null && formerUniqueIds.includes(id))

/**
 * Whether `connect` reported another account than the entry or the discovery has. A replacement accepts any account, and
 * a discovery an account without an id.
 */
export function isDifferentAccount(context: ConfigFlowContext, result: CheckResult): boolean {
  const { source, entry, found, adoptsIdentity } = context
  if (source === 'replace') return false
  if (result.type === 'wrong_account') return entry !== null
  if (result.type !== 'connected') return false
  if (entry === null) {
    if (found === null || found.anonymous === true) return false
    return result.uniqueId !== null && !isIdOf(result, found.uniqueId)
  }
  return !isIdOf(result, entry.uniqueId) && !(adoptsIdentity && entry.uniqueId === null)
}

/** Whether a discovery found another account than announced. */
export const isUnannounced = (context: ConfigFlowContext, result: CheckResult): boolean =>
  context.source === 'discovery' && isDifferentAccount(context, result)

/** Returns the verified connection of a flow, and the account that the user must confirm or has not expected. */
export function verified(context: ConfigFlowContext, result: Connected): Partial<ConfigFlowContext> {
  const { connection, uniqueId, kept, title = String(uniqueId), account = title } = result
  return {
    ...{ connection, uniqueId, draft: kept ?? context.draft, challenge: null },
    // The user must confirm a replacement, and another account than announced.
    ...((context.source === 'replace' || isUnannounced(context, result)) && { account: title }),
    ...(isDifferentAccount(context, result) && { other: { title, account, uniqueId } }),
  }
}

/** Whether a replacement account is the account that the entry already has. */
export const isSameAccount = ({ source, entry }: ConfigFlowContext, result: CheckResult): boolean =>
  source === 'replace' &&
  result.type === 'connected' &&
  result.uniqueId !== null &&
  entry !== null &&
  isIdOf(result, entry.uniqueId)

/** The error of a form after another account has connected, with the title of that account if it is known. */
export const wrongAccount = (result: CheckResult): FormErrorCode => ({
  code: 'wrong_account',
  ...('title' in result && { params: { found: String(result.title) } }),
})
