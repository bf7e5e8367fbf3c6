// Builds the page, and prints the files that one of its documents loads first. A separate process: Rolldown does not run in
// jest's.
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Rolldown } from 'vite'

const page = process.argv[2]
const { output } = (await build({
  configFile: join(import.meta.dirname, '../../web/vite.config.ts'),
  logLevel: 'silent',
  build: { write: false },
})) as Rolldown.RolldownOutput
const contentOf = (file: string): string | Uint8Array => {
  const part = output.find(({ fileName }) => fileName === file)
  if (part === undefined) throw new Error(`${page} loads ${file}, which was not built.`)
  return part.type === 'chunk' ? part.code : part.source
}
const html = String(contentOf(String(page)))
const files = [...html.matchAll(/(?:src|href)="\.\/([^"]+\.(?:js|css))"/g)].map(([, file]) => String(file))
console.log(JSON.stringify(files.map((file) => ({ file, gzip: gzipSync(contentOf(file)).length }))))
