import { describe, expect, it } from '@jest/globals'
import { firstItems } from '../../src/cli/all-pages.ts'

/** Lists the numbers of a scope in pages of at most 3, and counts the reads. */
function numbers(counts: Record<string, number>) {
  const reads: string[] = []
  const list = async (
    scope: string,
    { after, limit }: { readonly after?: string; readonly limit: number },
  ) => {
    reads.push(`${scope} ${after ?? ''} ${limit}`)
    const from = Number(after ?? 0)
    const to = Math.min(from + Math.min(3, limit), counts[scope] ?? 0)
    const items = Array.from({ length: to - from }, (_, index) => from + index)
    return { items, next: to < (counts[scope] ?? 0) ? String(to) : null }
  }
  return { reads, list }
}

describe('firstItems', () => {
  it('reads all pages of all scopes up to the limit', async () => {
    const { list } = numbers({ a: 4, b: 0, c: 1 })
    const all = await firstItems(['a', 'b', 'c'], list, 6)
    expect(all).toEqual({ items: [0, 1, 2, 3, 0], unreadable: [], isAll: true })
  })

  it('stops at the limit, and tells that others may follow', async () => {
    const { list, reads } = numbers({ a: 4, b: 9 })
    const first = await firstItems(['a', 'b', 'c'], list, 5)
    expect(first).toEqual({ items: [0, 1, 2, 3, 0], unreadable: [], isAll: false })
    expect(reads).toEqual(['a  5', 'a 3 2', 'b  1'])
  })

  it('counts damaged rows, too', async () => {
    const list = async () => ({ items: [1], unreadable: ['torn'], next: 'more' })
    expect(await firstItems(['a'], list, 3)).toEqual({
      items: [1, 1],
      unreadable: ['torn', 'torn'],
      isAll: false,
    })
  })
})
