import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { homeAssistantKeys } from './home-assistant-keys.ts'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/home-assistant-parity.md'), 'utf8')
const rowsOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| Home Assistant |'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, there = '', here = '', how = '', test = '']) => ({ there, here, how, test }))
const sections = new Map(
  page
    .split('\n## ')
    .slice(1)
    .map((text) => [text.slice(0, text.indexOf('\n')), rowsOf(text)]),
)

describe('docs/home-assistant-parity.md', () => {
  it.each(rowsOf(page))('explains the row $there and names its test', ({ here, how, test }) => {
    expect(here).toMatch(/^(same|better|not done)$/)
    if (here !== 'same') expect(how).not.toBe('')
    if (here === 'not done') return
    const [, title = '', file = ''] = /^\[`(.+)`\]\(\.\.\/(.+)\)$/.exec(test) ?? []
    expect(existsSync(join(root, file))).toBe(true)
    expect(readFileSync(join(root, file), 'utf8')).toContain(`'${title.replaceAll("'", "\\'")}'`)
  })

  it.each(Object.entries(homeAssistantKeys))('has a row for every word of: %s', (section, keys) => {
    const said = (sections.get(section) ?? []).map(({ there }) => there)
    expect(keys.filter((key) => !said.some((there) => there.includes(key)))).toEqual([])
  })

  it('has only sections with listed words', () => {
    expect([...sections.keys()]).toEqual(Object.keys(homeAssistantKeys))
  })
})
