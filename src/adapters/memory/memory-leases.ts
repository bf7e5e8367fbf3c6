import type { Budget, StoreLeases } from '../../ports/store.ts'
import type { MemoryPlace } from './memory-place.ts'

/** Returns the leases and reservations of the stores of a place. */
export function memoryLeases({ scopes, leases }: MemoryPlace): StoreLeases {
  const budgetOf = (scope: string, key: string, now: number): Budget => ({
    attempts: scopes.get(scope)?.attempts.get(key) ?? null,
    reservations: leases.reservationsOf(scope, key, now),
  })
  return {
    async beginWork(scope, flowId, { revision, term, reserve }) {
      const tables = scopes.get(scope)
      const stored = tables?.flows.get(flowId)
      if (tables === undefined || stored === undefined) return undefined
      const flow = leases.seen(stored)
      if (!flow.open) return { type: 'ended', flow }
      if (flow.revision !== revision) return { type: 'changed', flow }
      const fence = leases.claim({ scope, kind: 'flow', id: flowId }, term)
      if (fence === null) return { type: 'busy', flow }
      const { entryId, budget: key } = flow
      const entry = (entryId === null ? undefined : tables.entries.get(entryId)) ?? null
      const claimed = { type: 'claimed', fence, flow: stored, entry } as const
      if (reserve === null || key === undefined) return { ...claimed, budget: null }
      leases.reserve({ scope, key, ...reserve }, term)
      return { ...claimed, budget: budgetOf(scope, key, term.now) }
    },
    claim: async (name, term) => leases.claim(name, term),
    renew: async (term) => leases.renew(term),
    release: async (holder, names) => leases.release(holder, names),
    async reserve(reservation, term) {
      leases.reserve(reservation, term)
      return budgetOf(reservation.scope, reservation.key, term.now)
    },
    getBudget: async (scope, key, now) => budgetOf(scope, key, now),
  }
}
