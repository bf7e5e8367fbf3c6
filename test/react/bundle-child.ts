// Bundles a module as a page would, and prints the chunks. A separate process: Rolldown does not run in jest's.
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Rolldown } from 'vite'

const root = join(import.meta.dirname, '../..')
const built = (await build({
  root,
  configFile: false,
  logLevel: 'silent',
  define: { 'process.env.NODE_ENV': '"production"' },
  build: { write: false, minify: true, lib: { entry: process.argv[2] ?? '', formats: ['es'] } },
})) as Rolldown.RolldownOutput[]
const chunks = built.flatMap(({ output }) => output).filter((part) => part.type === 'chunk')
console.log(
  JSON.stringify(
    chunks.map(({ isEntry, code, imports, moduleIds }) => ({
      isEntry,
      gzip: gzipSync(code).length,
      makesCode: /\beval\(|\bnew Function\(|\bFunction\(["'`]/.test(code),
      imports: imports.filter((name) => !chunks.some(({ fileName }) => fileName === name)),
      modules: moduleIds.map((id) => id.slice(root.length + 1)),
    })),
  ),
)
