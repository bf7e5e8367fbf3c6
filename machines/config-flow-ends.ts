import type { CheckResult } from './check-result.ts'
import type { ConfigFlowSource } from './config-flow-types.ts'
import type { Connection, Draft } from './draft.ts'
import type { FlowEnd } from './flow-end.ts'
import type { FindChoicesResult } from './flow-result.ts'
import type { CheckSubentryResult } from './subentry-result.ts'

/** Closes a verified connection that is not saved. */
export const closeConnection = {
  type: 'closeConnection',
  params: ({ context }: { context: { connection: Connection | null } }) => ({
    connection: context.connection,
  }),
} as const

/** Revokes a grant that is not saved. Otherwise it would stay valid at the service, unused. */
export const revokeGrant = {
  type: 'revokeGrant',
  params: ({ context }: { context: { draft: Draft | null; uniqueId: string | null } }) => ({
    draft: context.draft,
    uniqueId: context.uniqueId,
  }),
} as const

/** Sets the reason of the result. */
export const end = <Reason extends string>(reason: Reason) => ({ type: 'end', params: { reason } }) as const

/**
 * The reason of a successful flow. Home Assistant: `reauth_successful`, `reconfigure_successful`. A new link that ends
 * so has repaired the entry of its account.
 */
export const successOf = (source: ConfigFlowSource): string =>
  source === 'user' || source === 'import' ? 'reauth_successful' : `${source}_successful`

/** Ends the flow successfully, with the reason of its source. */
export const endSuccessfully = {
  type: 'endSuccessfully',
  params: ({ context }: { context: { source: ConfigFlowSource } }) => ({ reason: successOf(context.source) }),
} as const

/** Ends the flow successfully, for a reason. */
export const endSuccessfullyAs = <Reason extends string>(reason: Reason) =>
  ({ type: 'endSuccessfully', params: { reason } }) as const

/** The successful result that a write saves together with its changes. */
export const successfulAbort = (reason: string): FlowEnd => ({ type: 'abort', reason, success: true })

/** Aborts the flow and closes its connection. Its grant stays: another entry of the same account may use it. */
export const endWith = <Reason extends string>(reason: Reason) =>
  ({ target: 'abort', actions: [closeConnection, end(reason)] }) as const

/** Aborts the flow because the account has an entry, which the result names. */
export const endAtHolder = <Reason extends string, Params>(reason: Reason, params: Params) =>
  ({
    target: 'abort',
    actions: [{ type: 'rememberKnown', params }, closeConnection, end(reason)],
  }) as const

const outcome = ({ event }: { event: { output: CheckResult | FindChoicesResult | CheckSubentryResult } }) =>
  event.output

/** Aborts the flow because the integration ends it. Its grant is not saved, so it is revoked. */
export const endAborted = {
  guard: { type: 'isAborted', params: outcome },
  target: 'abort',
  actions: [closeConnection, revokeGrant, { type: 'endAborted', params: outcome }],
} as const

/** Shows the error `unknown` after work has thrown. */
export const showUnknownError = {
  type: 'showFailure',
  params: { type: 'failed', error: 'unknown' },
} as const

/** Aborts a flow that waits for user input: closes its connection and revokes its grant. */
export const abortWith = <Reason extends string>(reason: Reason) =>
  ({ target: 'abort', actions: [closeConnection, revokeGrant, end(reason)] }) as const
