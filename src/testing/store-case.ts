import assert from 'node:assert/strict'
import { LatchkeyError } from '../errors.ts'
import type { Store } from '../ports/store.ts'

/** One promise of the port, and how it is tried on a store. It rejects where the promise is not kept. */
export interface StoreCase {
  readonly title: string
  /** `make` gives a new, empty store each time; it need not be open. */
  run(make: () => Promise<Store>): Promise<void>
}

/** A case over an open store, which is closed whatever comes of it. */
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

/** Waits for a refusal and compares its code and fields. */
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

/** Reads every page of a list, and gives the items of each. */
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
    assert.ok(all.length < 1000, 'the list has no end')
    after = { after: page.next }
  }
}
