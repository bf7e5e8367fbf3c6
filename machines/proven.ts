import type { CheckResult } from './check-result.ts'
import type { ConfigFlowContext } from './config-flow-types.ts'
import type { Draft } from './draft.ts'
import type { Found, Proven } from './flow-result.ts'
import type { FlowSubentry, NamedSubentry } from './subentry-result.ts'

/** What the commit of a proven connection is handed. */
export function provenOf(context: ConfigFlowContext): Omit<Proven, 'end'> {
  const { flowId, draft, connection, uniqueId } = context
  if (draft === null || connection === null) throw new Error('Nothing is proven before a connection is.')
  return { flowId, draft, connection, uniqueId }
}

/** What a person submitted, to be saved without a login. */
export function draftOf({ draft }: ConfigFlowContext): Draft {
  if (draft === null) throw new Error('Nothing is saved before something is submitted.')
  return draft
}

/** What was found, to be ignored. */
export function foundOf({ found }: ConfigFlowContext): Found {
  if (found === null) throw new Error('Nothing is ignored before it is found.')
  return found
}

/** Whether a connection proved another account than that of the entry, or than what was found said it is. */
export function isAnother(context: ConfigFlowContext, result: CheckResult): boolean {
  const { source, entry, found, adoptsIdentity } = context
  if (result.type !== 'connected' || source === 'replace') return false
  if (entry === null) return found !== null && result.uniqueId !== found.uniqueId
  return result.uniqueId !== entry.uniqueId && !(adoptsIdentity && entry.uniqueId === null)
}

/** Whether an account that is to take the place of an entry's is the entry's own. */
export const isTheSame = ({ source, entry }: ConfigFlowContext, result: CheckResult): boolean =>
  source === 'replace' &&
  result.type === 'connected' &&
  result.uniqueId !== null &&
  result.uniqueId === entry?.uniqueId

/** Whether what is saved is to be undone where the entry does not run with it: the credential before it still works. */
export const mayRollBack = ({ source, adopts }: ConfigFlowContext): boolean =>
  source === 'reconfigure' && !adopts

/** What under its entry a flow is about. */
export function subentryOf({ subentry }: ConfigFlowContext): FlowSubentry {
  if (subentry === null) throw new Error('The flow is about an entry, and nothing under it.')
  return subentry
}

/** What was tried is called by the integration. */
export function namedOf({ named }: ConfigFlowContext): NamedSubentry {
  if (named === null) throw new Error('Nothing is saved before it has been tried.')
  return named
}
