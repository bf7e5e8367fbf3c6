'use client'
import { useCallback } from 'react'
import type { AttentionItem } from '../client/index.ts'
import { existingFlow } from './existing-flow.ts'
import { useLatchkey } from './provider.ts'
import { useAction } from './use-action.ts'

/**
 * Returns the source of the flow that repairs an entry, or null if no flow does.
 *
 * @example
 * ```ts
 * import { repairFor } from 'latchkey/react'
 *
 * console.log(repairFor('invalid_auth')) // 'reauth'
 * console.log(repairFor('migration_error')) // null
 * ```
 */
export function repairFor(reason: AttentionItem['reason']): 'reauth' | 'reconfigure' | null {
  switch (reason) {
    case 'invalid_auth':
    case 'requested':
    case 'refresh_failed':
      return 'reauth'
    case 'wrong_account':
    case 'setup_error':
    case 'address_changed':
      return 'reconfigure'
    default:
      return null
  }
}

/** Opens flows that repair entries. */
export interface Repair {
  /** The id of the entry whose action is running. */
  readonly pending: string | null
  /** The error of the last action, or null if it succeeded. */
  readonly error: unknown
  /** Resolves with the id of the flow that repairs the entry, or with null if no flow does or the call failed. */
  open(item: Pick<AttentionItem, 'entryId' | 'reason' | 'flowId'>): Promise<string | null>
  /** Dismisses the proposed address of an entry. */
  dismiss(entryId: string): Promise<void>
  /** Withdraws a requested reauthentication. */
  withdraw(entryId: string): Promise<void>
}

/**
 * Finds the open flow that repairs an entry, or starts one.
 *
 * @example
 * ```tsx
 * import { useAttention, useRepair } from 'latchkey/react'
 *
 * export function RepairButtons({ onOpen }: { onOpen: (flowId: string | null) => void }) {
 *   const { open } = useRepair()
 *   return useAttention().map((item) => (
 *     <button key={item.entryId ?? item.domain} onClick={async () => onOpen(await open(item))}>
 *       Repair {item.title}
 *     </button>
 *   ))
 * }
 * ```
 */
export function useRepair(): Repair {
  const { entries } = useLatchkey()
  const { pending, error, run } = useAction()
  const open = useCallback<Repair['open']>(
    async ({ entryId, reason, flowId }) => {
      // An open reauthentication does not settle a proposed address: the reconfiguration replaces it.
      if (flowId !== null && reason !== 'address_changed') return flowId
      const source = repairFor(reason)
      if (source === null || entryId === null) return null
      return run(entryId, () => entries[source](entryId).then((view) => view.flowId, existingFlow))
    },
    [entries, run],
  )
  const dismiss = useCallback<Repair['dismiss']>(
    async (entryId) => void (await run(entryId, () => entries.dismissProposal(entryId))),
    [entries, run],
  )
  const withdraw = useCallback<Repair['withdraw']>(
    async (entryId) => void (await run(entryId, () => entries.withdrawReauth(entryId))),
    [entries, run],
  )
  return { pending, error, open, dismiss, withdraw }
}
