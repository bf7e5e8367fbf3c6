import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { readmeWithExamples } from '../scripts/readme.ts'

const root = resolve(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

describe('README', () => {
  it('shows its examples as they stand in their files (npm run readme)', () => {
    expect(readmeWithExamples(readme)).toBe(readme)
    expect(readme).toContain("from 'latchkey/machines'")
  })

  it('names a test command that CI calls', () => {
    expect(readme).toContain('npm ci && npm test')
    expect(readFileSync(join(root, '.ci/run'), 'utf8')).toContain('npm ci && npm test')
  })

  it('links to files that are there', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path)
    expect(links.length).toBeGreaterThan(4)
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})
