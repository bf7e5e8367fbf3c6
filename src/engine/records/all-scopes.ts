import type { Store } from '../../ports/store.ts'

const PAGE_SIZE = 1_000

/** Yields all scopes of a store, read in pages. */
export async function* allScopes(store: Store): AsyncGenerator<string, undefined> {
  for (let after: string | undefined; ; ) {
    const scopes = await store.scopes({ limit: PAGE_SIZE, ...(after !== undefined && { after }) })
    yield* scopes
    after = scopes.at(-1)
    if (scopes.length < PAGE_SIZE) return
  }
}
