import type { AttentionItem } from '../../client/index.ts'

/** Attention items of one integration with the same reason. */
export interface AttentionGroup {
  readonly key: string
  /** The newest first. */
  readonly items: readonly [AttentionItem, ...AttentionItem[]]
}

/** Returns the groups, the one with the newest item first. `items` has the oldest first. */
export function groupsOf(items: readonly AttentionItem[]): readonly AttentionGroup[] {
  const groups = new Map<string, [AttentionItem, ...AttentionItem[]]>()
  for (const item of items.toReversed()) {
    const key = keyOf(item)
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [item])
    else known.push(item)
  }
  return [...groups].map(([key, own]) => ({ key, items: own }))
}

/** Addresses are separate decisions. Items without an entry or an integration are separate, too. */
function keyOf({ entryId, domain, webhookId, reason }: AttentionItem): string {
  const isAlone = entryId === null || domain === undefined || reason === 'address_changed'
  return `${reason} ${domain} ${isAlone ? (entryId ?? webhookId ?? '') : ''}`
}
