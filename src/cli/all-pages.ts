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
