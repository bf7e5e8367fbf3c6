import type { ConfigFlowContext } from './config-flow-types.ts'
import type { Draft } from './draft.ts'
import type { EntryCommit, Found } from './flow-result.ts'
import type { FlowSubentry, NamedSubentry } from './subentry-result.ts'

/** The input of the commit of a verified connection. */
export function commitInputOf(context: ConfigFlowContext): Omit<EntryCommit, 'end'> {
  const { flowId, draft, connection, uniqueId } = context
  if (draft === null || connection === null) throw new Error('The flow has no verified connection to save.')
  return { flowId, draft, connection, uniqueId }
}

/** The submitted input. It is saved without a sign-in. */
export function draftOf({ draft }: ConfigFlowContext): Draft {
  if (draft === null) throw new Error('The flow has no submitted input to save.')
  return draft
}

/** The discovered account that the user ignores. */
export function foundOf({ found }: ConfigFlowContext): Found {
  if (found === null) throw new Error('The flow has no discovered account to ignore.')
  return found
}

/** The sub-entry that the flow adds or changes. */
export function subentryOf({ subentry }: ConfigFlowContext): FlowSubentry {
  if (subentry === null) throw new Error('The flow is about an entry, not about a sub-entry.')
  return subentry
}

/** The title and unique id that the integration has returned for the sub-entry. */
export function namedOf({ named }: ConfigFlowContext): NamedSubentry {
  if (named === null) throw new Error('The sub-entry has not been checked.')
  return named
}

/** Whether the flow links the account that a discovery found instead of the announced one. */
export const linksAnother = ({ source, account }: ConfigFlowContext): boolean =>
  source === 'discovery' && account !== undefined

/** Whether the flow began as a new link, and gives its credential to the entry that the account already has. */
export const repairsLinked = ({ source, entry }: ConfigFlowContext): boolean =>
  entry !== null && (source === 'user' || source === 'import')

/**
 * Whether the saved change is undone if the entry does not load with it. An entry that adopts the verified connection
 * needs no rollback.
 */
export const mayRollBack = ({ source, adopts }: ConfigFlowContext): boolean =>
  source === 'reconfigure' && !adopts
