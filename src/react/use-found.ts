'use client'
import { useCallback } from 'react'
import { useLatchkey } from './provider.ts'
import { useAction } from './use-action.ts'

/** The actions for discoveries, except their confirmation. */
export interface FoundControls {
  /** The id of the flow or entry whose action is running. */
  readonly pending: string | null
  /** The error of the last action, or null if it succeeded. */
  readonly error: unknown
  /** Ignores a discovery, so that it is not suggested again. Resolves with whether it succeeded. */
  ignore(flowId: string): Promise<boolean>
  /** Removes an ignored entry, so that the next discovery is suggested. Resolves with whether it succeeded. */
  stopIgnoring(entryId: string): Promise<boolean>
}

/**
 * Ignores discoveries and reverts that.
 *
 * @example
 * ```tsx
 * import { useFound } from 'latchkey/react'
 *
 * export function IgnoreButton({ flowId }: { flowId: string }) {
 *   const { ignore, pending } = useFound()
 *   return (
 *     <button disabled={pending !== null} onClick={() => ignore(flowId)}>
 *       Ignore
 *     </button>
 *   )
 * }
 * ```
 */
export function useFound(): FoundControls {
  const { flows, entries } = useLatchkey()
  const { pending, error, run } = useAction()
  const ignore = useCallback<FoundControls['ignore']>(
    async (flowId) => (await run(flowId, () => flows.ignore(flowId))) !== null,
    [flows, run],
  )
  const stopIgnoring = useCallback<FoundControls['stopIgnoring']>(
    async (entryId) => (await run(entryId, () => entries.remove(entryId).then(() => true))) === true,
    [entries, run],
  )
  return { pending, error, ignore, stopIgnoring }
}
