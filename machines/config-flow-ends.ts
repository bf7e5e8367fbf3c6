import type { Connection, Draft } from './draft.ts'

/** Closes what was proven and will not be kept. */
export const disposeProof = {
  type: 'disposeConnection',
  params: ({ context }: { context: { connection: Connection | null } }) => ({
    connection: context.connection,
  }),
} as const

/** Gives back what an account granted that is not saved: nobody would ever use it, or end it. */
export const giveBack = {
  type: 'giveBack',
  params: ({ context }: { context: { draft: Draft | null; uniqueId: string | null } }) => ({
    draft: context.draft,
    uniqueId: context.uniqueId,
  }),
} as const

/** Says why the flow ends. */
export const end = <Reason extends string>(reason: Reason) => ({ type: 'end', params: { reason } }) as const

/** Ends the flow for a reason, and closes what was proven. */
export const endWith = <Reason extends string>(reason: Reason) =>
  ({ target: 'abort', actions: [disposeProof, end(reason)] }) as const

/** What is shown of work that failed in a way that nobody foresaw. */
export const failWith = { type: 'showFailure', params: { type: 'failed', error: 'unknown' } } as const

/** Ends the flow for a reason while it waits: what was proven is closed, and what was granted for it given back. */
export const letGoWith = <Reason extends string>(reason: Reason) =>
  ({ target: 'abort', actions: [disposeProof, giveBack, end(reason)] }) as const
