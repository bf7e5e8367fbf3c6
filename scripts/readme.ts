import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, { readonly default: string } | string>>
}

/** The names of the public source files for other packages. */
const packageNames: ReadonlyMap<string, string> = new Map(
  Object.entries(manifest.exports).flatMap(([subpath, target]) =>
    typeof target === 'string'
      ? []
      : [[target.default.replace('./dist/', '').replace(/\.js$/, '.ts'), subpath.replace('.', 'latchkey')]],
  ),
)

/** The Markdown files whose snippets come from `examples/`: README.md and the guides. */
export const pages: readonly string[] = [
  'README.md',
  ...readdirSync(join(root, 'docs/guides'))
    .sort()
    .map((name) => `docs/guides/${name}`),
]

/**
 * Replaces the snippet below each `<!-- examples/file.ts -->` with the content of that file, or with one region of it:
 * `<!-- examples/file.ts#name -->` inserts the lines between `// #region name` and `// #endregion`.
 *
 * @throws Error if a file or a region does not exist
 */
export function withExamples(page: string): string {
  return page.replace(
    /<!-- (examples\/[^\s#]+\.(\w+))(?:#(\S+))? -->\n(?:\n```\2\n.*?\n```\n)?/gs,
    (_, path: string, language: string, region?: string) => {
      const name = region === undefined ? path : `${path}#${region}`
      return `<!-- ${name} -->\n\n\`\`\`${language}\n${snippet(path, region)}\n\`\`\`\n`
    },
  )
}

function snippet(path: string, region: string | undefined): string {
  const source = readFileSync(join(root, path), 'utf8')
  const text = region === undefined ? source : regionOf(source, region, path)
  const lines = text.split('\n').filter((line) => !/^\s*\/\/ #(end)?region/.test(line))
  return dedent(lines)
    .join('\n')
    .trim()
    .replaceAll(/'(\.{1,2}\/[^']+)'/g, (quoted, relative: string) => {
      const name = packageNames.get(posix.join(dirname(path), relative))
      return name === undefined ? quoted : `'${name}'`
    })
}

function regionOf(source: string, region: string, path: string): string {
  const start = source.match(new RegExp(`^ *// #region ${region}\\n`, 'm'))
  if (start?.index === undefined) throw new Error(`${path} has no region "${region}".`)
  const rest = source.slice(start.index + start[0].length)
  const end = rest.search(/^ *\/\/ #endregion/m)
  if (end < 0) throw new Error(`The region "${region}" of ${path} has no end.`)
  return rest.slice(0, end)
}

function dedent(lines: readonly string[]): string[] {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/))
  const indent = Math.min(...indents)
  return lines.map((line) => line.slice(indent))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const page of pages) {
    const path = join(root, page)
    writeFileSync(path, withExamples(readFileSync(path, 'utf8')))
  }
}
