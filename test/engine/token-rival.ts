import type { Store } from '../../src/ports/store.ts'

/** Another process that refreshes the token of an entry. Its clock may be ahead, so that an earlier lease has lapsed. */
export function tokenRival(store: Store, now: () => number, entryId: string) {
  const name = { scope: 'default', kind: 'token', id: entryId } as const
  return {
    claim: async (ahead = 0): Promise<boolean> => {
      const term = { holder: 'rival', ms: 15_000, now: now() + ahead }
      return (await store.leases.claim(name, term)) !== null
    },
    release: () => store.leases.release('rival', [name]),
  }
}
