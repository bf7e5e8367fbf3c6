// Bundles the client like a page and prints the result. A separate process, because Rolldown does not run inside of jest.
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Rolldown } from 'vite'

const root = join(import.meta.dirname, '../..')
const page = 'test/client/bundle-page-child.ts'
const built = (await build({
  root,
  configFile: false,
  logLevel: 'silent',
  build: { write: false, minify: true, lib: { entry: page, formats: ['es'] } },
})) as Rolldown.RolldownOutput[]
const chunks = built.flatMap(({ output }) => output).filter((part) => part.type === 'chunk')
console.log(
  JSON.stringify({
    gzip: chunks.reduce((sum, { code }) => sum + gzipSync(code).length, 0),
    imports: chunks.flatMap(({ imports }) => imports),
    modules: chunks
      .flatMap(({ moduleIds }) => moduleIds.map((id) => id.slice(root.length + 1)))
      .filter((module) => module !== page),
  }),
)
