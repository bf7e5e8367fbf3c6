'use client'
import { useCallback } from 'react'
import { type AttentionItem, ProblemError } from '../client/index.ts'
import { useLatchkey } from './provider.ts'
import { useDeed } from './use-deed.ts'

/** What a person can do for an entry: enter a new credential, change what is set, or nothing here. */
export function repairFor(reason: AttentionItem['reason']): 'reauth' | 'reconfigure' | null {
  switch (reason) {
    case 'invalid_auth':
    case 'requested':
      return 'reauth'
    case 'wrong_account':
    case 'setup_error':
    case 'address_changed':
      return 'reconfigure'
    default:
      return null
  }
}

/** Opens the flows that mend entries. */
export interface Repair {
  /** The entry about which something is being done. */
  readonly pending: string | null
  /** Why the last one failed. */
  readonly error: unknown
  /** Resolves with the id of the flow that mends the entry; null where none can, or it failed. */
  open(item: Pick<AttentionItem, 'entryId' | 'reason' | 'flowId'>): Promise<string | null>
  /** Leaves an entry at the address that it has, whatever was announced. */
  dismiss(entryId: string): Promise<void>
}

/** Finds the open flow that mends an entry, or starts one. */
export function useRepair(): Repair {
  const { entries } = useLatchkey()
  const { pending, error, run } = useDeed()
  const open = useCallback<Repair['open']>(
    async ({ entryId, reason, flowId }) => {
      // A sign-in that is open does not settle where it is: the change takes its place.
      if (flowId !== null && reason !== 'address_changed') return flowId
      const way = repairFor(reason)
      if (way === null) return null
      return run(entryId, () => entries[way](entryId).then((view) => view.flowId, theirs))
    },
    [entries, run],
  )
  const dismiss = useCallback<Repair['dismiss']>(
    async (entryId) => void (await run(entryId, () => entries.dismissProposal(entryId))),
    [entries, run],
  )
  return { pending, error, open, dismiss }
}

/** Somebody else was quicker: theirs is the flow to finish. */
function theirs(error: unknown): string {
  const flowId = error instanceof ProblemError ? error.problem.flowId : undefined
  if (flowId === undefined) throw error
  return flowId
}
