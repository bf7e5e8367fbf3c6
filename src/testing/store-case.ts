import assert from 'node:assert/strict'
import { LatchkeyError } from '../errors.ts'
import type { Store } from '../ports/store.ts'

/** One requirement of the port, and its test. `run` rejects if the store does not meet it. */
export interface StoreCase {
  readonly title: string
  /** `make` must return a new, empty store for each call. It need not be open. */
  run(make: () => Promise<Store>): Promise<void>
}

/** Creates a case that opens the store first and closes it afterwards. */
export function storeCase(title: string, check: (store: Store) => Promise<void>): StoreCase {
  return {
    title,
    async run(make) {
      const store = await make()
      await store.open()
      try {
        await check(store)
      } finally {
        await store.close()
      }
    },
  }
}

/** Expects a rejection with this code and these fields. */
export async function refuses(
  work: Promise<unknown>,
  expected: { readonly code: string } & { readonly [field: string]: unknown },
): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof LatchkeyError, `${error} has no code`)
    const seen = Object.fromEntries(Object.keys(expected).map((key) => [key, Reflect.get(error, key)]))
    assert.deepEqual(seen, expected)
    return true
  })
}

/** Returns the items of each page of a list. */
export async function pages<Item>(
  read: (after: { readonly after?: string }) => Promise<{
    readonly items: readonly Item[]
    readonly next: string | null
  }>,
): Promise<(readonly Item[])[]> {
  const all: (readonly Item[])[] = []
  let after: { after?: string } = {}
  for (;;) {
    const page = await read(after)
    all.push(page.items)
    if (page.next === null) return all
    assert.ok(all.length < 1000, 'the list does not end')
    after = { after: page.next }
  }
}
