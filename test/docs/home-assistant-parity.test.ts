import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/home-assistant-parity.md'), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| there |'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, there = '', here = '', how = '', test = '']) => ({ there, here, how, test }))

describe('docs/home-assistant-parity.md', () => {
  it.each(rows)('says of $there what is done here', ({ here, how, test }) => {
    expect(here).toMatch(/^(same|better|not done)$/)
    if (here !== 'same') expect(how).not.toBe('')
    if (here === 'not done') return
    const [, file = '', title = ''] = /^`([^`]+)` · (.+)$/.exec(test) ?? []
    expect(existsSync(join(root, file))).toBe(true)
    expect(readFileSync(join(root, file), 'utf8')).toContain(title.replaceAll("'", "\\'"))
  })
})
