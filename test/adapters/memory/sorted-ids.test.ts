import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { SortedIds } from '../../../src/adapters/memory/sorted-ids.ts'

const id = fc.nat(4000).map((number) => `id-${number}`)
const steps = fc.array(fc.tuple(fc.constantFrom('add', 'add', 'add', 'delete'), id), {
  size: 'max',
  maxLength: 4000,
})

describe('SortedIds', () => {
  it('gives the pages that a sorted array would, whatever came and went', () => {
    const property = fc.property(steps, fc.nat(4000), id, fc.nat(700), (before, listedAt, after, count) => {
      const ids = new SortedIds()
      const expected = new Set<string>()
      for (const [number, [step, one]] of before.entries()) {
        if (number === listedAt) ids.page(undefined, 1)
        ids[step](one)
        expected[step](one)
      }
      const sorted = [...expected].sort()
      expect(ids.page(undefined, 5000)).toEqual(sorted)
      expect(ids.page(after, count)).toEqual(sorted.filter((one) => one > after).slice(0, count))
    })
    fc.assert(property, { numRuns: 60, seed: 1 })
  })

  it('keeps its order while it grows from nothing to many pieces and back', () => {
    const ids = new SortedIds()
    expect(ids.page(undefined, 9)).toEqual([])
    const all = Array.from({ length: 6007 }, (_, number) => `id-${(number * 4001) % 6007}`)
    for (const one of all) ids.add(one)
    expect(ids.page(undefined, 9999)).toEqual(all.toSorted())
    for (const one of all.slice(7)) ids.delete(one)
    expect(ids.page(undefined, 9)).toEqual(all.slice(0, 7).sort())
    for (const one of all) ids.delete(one)
    expect(ids.page(undefined, 9)).toEqual([])
    ids.add('again')
    expect(ids.page(undefined, 9)).toEqual(['again'])
  })
})
