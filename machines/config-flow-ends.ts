import type { Connection, Draft } from './draft.ts'

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

/** Aborts the flow and closes its connection. Its grant stays: another entry of the same account may use it. */
export const endWith = <Reason extends string>(reason: Reason) =>
  ({ target: 'abort', actions: [closeConnection, end(reason)] }) as const

/** Shows the error `unknown` after work has thrown. */
export const showUnknownError = {
  type: 'showFailure',
  params: { type: 'failed', error: 'unknown' },
} as const

/** Aborts a flow that waits for user input: closes its connection and revokes its grant. */
export const abortWith = <Reason extends string>(reason: Reason) =>
  ({ target: 'abort', actions: [closeConnection, revokeGrant, end(reason)] }) as const
