import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import ts from 'typescript'

const root = resolve(import.meta.dirname, '..')

/** Returns all packages that a source file imports, directly or through other source files. Ignores types. */
export function reachedPackages(file: string, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>()
  if (seen.has(file)) return packages
  seen.add(file)
  const code = readFileSync(file, 'utf8').replace(/\/\*.*?\*\//gs, '')
  const text = code.replace(/(?:import|export) type [^;]*?from '[^']*'/gs, '')
  for (const { fileName: from } of ts.preProcessFile(text).importedFiles) {
    if (!from.startsWith('.')) packages.add(from)
    else for (const name of reachedPackages(resolve(dirname(file), from), seen)) packages.add(name)
  }
  return packages
}

/** The source of a built file: `./dist/src/index.js` is `src/index.ts`. */
export const sourceOf = (built: string): string =>
  join(root, built.replace('./dist/', '').replace(/\.js$/, '.ts'))
