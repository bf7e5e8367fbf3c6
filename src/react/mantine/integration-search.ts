import { CATEGORIES, type IntegrationCategory } from '../../categories.ts'
import type { IntegrationItem } from '../../client/index.ts'

/** With fewer integrations, the picker keeps the order of the host and shows no categories. */
const MANY = 8

/** A category, and how many integrations it has. */
export interface CategoryCount {
  readonly category: IntegrationCategory
  readonly count: number
}

const categoryOf = ({ category }: IntegrationItem): IntegrationCategory => category ?? 'other'

/** The categories that have integrations, in the order of the picker. Empty if they are not worth a choice. */
export function categoriesOf(items: readonly IntegrationItem[]): readonly CategoryCount[] {
  if (items.length < MANY) return []
  const counts = CATEGORIES.map((category) => ({
    category,
    count: items.filter((item) => categoryOf(item) === category).length,
  })).filter(({ count }) => count > 0)
  return counts.length < 2 ? [] : counts
}

/** Folds case and accents. */
const folded = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().trim()

/** The rank of a match: the beginning of a word of the title, another part of it, then the other words. */
function rankOf({ title, domain, keywords = [], description = '' }: IntegrationItem, query: string): number {
  const words = ` ${folded(title).replaceAll(/[^\p{L}\p{N}]+/gu, ' ')}`
  if (words.includes(` ${query}`) || folded(title).startsWith(query)) return 0
  if (folded(title).includes(query)) return 1
  const others = [...keywords, domain, description].map(folded)
  return others.some((word) => word.includes(query)) ? 2 : 3
}

/** The integrations of a category that match a query, the best matches first. `null` means all categories. */
export function findIntegrations(
  items: readonly IntegrationItem[],
  query: string,
  category: IntegrationCategory | null,
  language: string,
): readonly IntegrationItem[] {
  const { compare } = new Intl.Collator(language, { numeric: true })
  const wanted = folded(query)
  const found = items
    .filter((item) => category === null || categoryOf(item) === category)
    .map((item) => ({ item, rank: wanted === '' ? 0 : rankOf(item, wanted) }))
    .filter(({ rank }) => rank < 3)
  if (wanted === '' && items.length < MANY) return found.map(({ item }) => item)
  return found.sort((a, b) => a.rank - b.rank || compare(a.item.title, b.item.title)).map(({ item }) => item)
}
