import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, posix, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { pages, withExamples } from '../../scripts/readme.ts'

const root = resolve(import.meta.dirname, '../..')
const read = (page: string): string => readFileSync(join(root, page), 'utf8')
const checked = [
  ...pages,
  'docs/home-assistant-parity.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
]
const withoutCode = (text: string): string => text.replaceAll(/^```[\s\S]*?^```/gm, '')

/** The anchors of a page, as GitHub derives them from its headings. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of withoutCode(read(page)).matchAll(/^#+ (.+)$/gm)) {
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    const slug = text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-')
    for (let anchor = slug, n = 1; ; anchor = `${slug}-${n++}`) {
      if (anchors.has(anchor)) continue
      anchors.add(anchor)
      break
    }
  }
  return anchors
}

/** The relative links of a page whose file or heading does not exist. */
function brokenLinks(page: string): string[] {
  const links = [...withoutCode(read(page)).matchAll(/\]\((?!https?:)([^)\s#]*)(?:#([^)\s]+))?\)/g)]
  return links
    .filter(([, path = '', anchor]) => {
      const target = path === '' ? page : posix.join(dirname(page), path)
      if (!existsSync(join(root, target))) return true
      return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor)
    })
    .map(([link]) => link)
}

/** All sources, in which a name of a page must occur. */
const sources = globSync(
  [
    'src/**/*.{ts,tsx}',
    'machines/*.ts',
    'web/src/**/*.{ts,tsx}',
    'examples/**/*.ts',
    'scripts/*.ts',
    'package.json',
  ],
  { cwd: root },
)
  .map(read)
  .join('\n')

/** The names in the inline code of a page that no source contains. */
const unknownNames = (page: string): string[] =>
  [...withoutCode(read(page)).matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) =>
    [...code.matchAll(/[A-Za-z_]{5,}/g)].map(([name]) => name).filter((name) => !sources.includes(name)),
  )

/** Names of TypeScript, SQL and shell commands. */
const foreign = [
  ...['allowImportingTsExtensions', 'nodenext', 'module', 'VACUUM', 'backup'],
  ...['latchkey_app', 'openssl', 'statement_timeout', 'pg_dump'],
  ...['latchkey_feed_lag', 'latchkey_feed_lag_seconds'], // names of exporters
]

describe.each(checked)('%s', (page) => {
  it('links to files and headings that exist', () => {
    expect(brokenLinks(page)).toEqual([])
  })

  it('has at most 120 characters in each line of text', () => {
    const lines = withoutCode(read(page)).split('\n')
    expect(lines.filter((line) => line.length > 120 && !/^(\||#|<|!)|\]\(/.test(line))).toEqual([])
  })
})

describe.each(pages)('%s', (page) => {
  it('shows the examples as they are in their files (npm run readme)', () => {
    expect(withExamples(read(page))).toBe(read(page))
  })

  it('has only TypeScript snippets that come from a file, which is compiled', () => {
    const blocks = [
      ...read(page).matchAll(/(<!-- examples\/\S+ -->\n\n)?^```(?:tsx?|js|typescript)\n(.*)$/gm),
    ]
    expect(blocks.filter(([, marker]) => marker === undefined).map(([, , line]) => line)).toEqual([])
  })

  it('names only code that exists', () => {
    if (page.endsWith('coming-from-home-assistant.md')) return
    expect(unknownNames(page).filter((name) => !foreign.includes(name))).toEqual([])
  })

  it('has at most 250 lines', () => {
    expect(read(page).split('\n').length - 1).toBeLessThanOrEqual(250)
  })
})
