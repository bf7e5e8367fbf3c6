import type { Page } from '../ports/store.ts'

/** Returns the items of all pages of a list, and the ids of damaged rows. */
export async function allPages<Item>(
  list: (query: { readonly after?: string }) => Promise<Page<Item>>,
): Promise<Omit<Page<Item>, 'next'>> {
  const items: Item[] = []
  const unreadable: string[] = []
  for (let after: string | null | undefined; after !== null; ) {
    const page = await list(after === undefined ? {} : { after })
    items.push(...page.items)
    unreadable.push(...page.unreadable)
    after = page.next
  }
  return { items, unreadable }
}

export interface SampleQuery {
  readonly after?: string
  readonly limit: number
}

export type SamplePage<Item> = Pick<Page<Item>, 'items' | 'next'> & Partial<Pick<Page<Item>, 'unreadable'>>

/** Returns the first items of the lists of several scopes, the ids of damaged rows, and whether there are no others. */
export async function firstItems<Scope, Item>(
  scopes: readonly Scope[],
  list: (scope: Scope, query: SampleQuery) => Promise<SamplePage<Item>>,
  limit: number,
): Promise<Omit<Page<Item>, 'next'> & { readonly isAll: boolean }> {
  const items: Item[] = []
  const unreadable: string[] = []
  for (const scope of scopes) {
    for (let after: string | null | undefined; after !== null; ) {
      const left = limit - items.length - unreadable.length
      if (left <= 0) return { items, unreadable, isAll: false }
      const page = await list(scope, { limit: left, ...(after !== undefined && { after }) })
      items.push(...page.items)
      unreadable.push(...(page.unreadable ?? []))
      after = page.next
    }
  }
  return { items, unreadable, isAll: true }
}
