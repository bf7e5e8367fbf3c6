import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '..')

/** What an example imports by its place in this repository, others import by the package's name. */
const names: readonly (readonly [RegExp, string])[] = [
  [/'(?:\.\.\/)+src\/index\.ts'/, "'latchkey'"],
  [/'(?:\.\.\/)+machines\/index\.ts'/, "'latchkey/machines'"],
]

/** The README with the examples that it names by `<!-- path -->` put in, as they stand in their files. */
export function readmeWithExamples(readme: string): string {
  return readme.replace(/<!-- (examples\/\S+) -->\n(?:\n```ts\n.*?\n```\n)?/gs, (_, path: string) => {
    const source = readFileSync(join(root, path), 'utf8').trimEnd()
    const shown = names.reduce((text, [place, name]) => text.replaceAll(new RegExp(place, 'g'), name), source)
    return `<!-- ${path} -->\n\n\`\`\`ts\n${shown}\n\`\`\`\n`
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const path = join(root, 'README.md')
  writeFileSync(path, readmeWithExamples(readFileSync(path, 'utf8')))
}
