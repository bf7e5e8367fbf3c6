'use client'
import { useCallback } from 'react'
import { useLatchkey } from './provider.ts'
import { useDeed } from './use-deed.ts'

/** What a person can do about what was found, beside confirming it. */
export interface FoundControls {
  /** The flow or the entry about which something is being done. */
  readonly pending: string | null
  /** Why the last one failed. */
  readonly error: unknown
  /** Keeps what a flow is about from being offered again. Resolves with whether it does. */
  ignore(flowId: string): Promise<boolean>
  /** Lets an ignored entry be offered again, once it is found again. Resolves with whether it does. */
  stopIgnoring(entryId: string): Promise<boolean>
}

/** Ignores what was found, and takes that back. */
export function useFound(): FoundControls {
  const { flows, entries } = useLatchkey()
  const { pending, error, run } = useDeed()
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
