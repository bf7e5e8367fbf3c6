import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { breakages } from './breakages-table.ts'

const root = join(import.meta.dirname, '..')

describe('the breakages (npm run breakages)', () => {
  it.each(breakages)('find exactly one place where $what', ({ file, from, to }) => {
    expect(readFileSync(join(root, file), 'utf8').split(from)).toHaveLength(2)
    expect(to).not.toBe(from)
  })
})
