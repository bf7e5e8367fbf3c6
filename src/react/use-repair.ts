'use client'
import { useCallback, useRef, useState } from 'react'
import { type AttentionItem, ProblemError } from '../client/index.ts'
import { useLatchkey } from './provider.ts'

/** What a person can do for an entry: enter a new credential, change what is set, or nothing here. */
export function repairFor(reason: AttentionItem['reason']): 'reauth' | 'reconfigure' | null {
  switch (reason) {
    case 'invalid_auth':
    case 'requested':
      return 'reauth'
    case 'wrong_account':
    case 'setup_error':
      return 'reconfigure'
    default:
      return null
  }
}

/** Opens the flows that mend entries. */
export interface Repair {
  /** The entry whose flow is being opened. */
  readonly pending: string | null
  /** Why the last one could not be opened. */
  readonly error: unknown
  /** Resolves with the id of the flow that mends the entry; null where none can, or it failed. */
  open(item: Pick<AttentionItem, 'entryId' | 'reason' | 'flowId'>): Promise<string | null>
}

/** Finds the open flow that mends an entry, or starts one. */
export function useRepair(): Repair {
  const client = useLatchkey()
  const [state, setState] = useState<{
    pending: string | null
    error: unknown
  }>({
    pending: null,
    error: null,
  })
  const busy = useRef(false)
  const open = useCallback<Repair['open']>(
    async ({ entryId, reason, flowId }) => {
      if (flowId !== null) return flowId
      const way = repairFor(reason)
      if (way === null || busy.current) return null
      busy.current = true
      setState({ pending: entryId, error: null })
      try {
        const view = await client.entries[way](entryId)
        setState({ pending: null, error: null })
        return view.flowId
      } catch (error) {
        // Somebody else was quicker: theirs is the flow to finish.
        const theirs = error instanceof ProblemError ? error.problem.flowId : undefined
        setState({ pending: null, error: theirs === undefined ? error : null })
        return theirs ?? null
      } finally {
        busy.current = false
      }
    },
    [client],
  )
  return { ...state, open }
}
