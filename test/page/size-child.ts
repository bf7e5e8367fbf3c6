// Builds the page, and prints the files that each of its documents loads first. A separate process: Rolldown does not run in
// jest's.
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Rolldown } from 'vite'

const { output } = (await build({
  configFile: join(import.meta.dirname, '../../web/vite.config.ts'),
  logLevel: 'silent',
  build: { write: false },
})) as Rolldown.RolldownOutput
const contentOf = (file: string): string | Uint8Array => {
  const part = output.find(({ fileName }) => fileName === file)
  if (part === undefined) throw new Error(`${file} was not built.`)
  return part.type === 'chunk' ? part.code : part.source
}
const firstLoad = (page: string) =>
  [...String(contentOf(page)).matchAll(/(?:src|href)="\.\/([^"]+\.(?:js|css))"/g)].map(([, file]) => ({
    file: String(file),
    gzip: gzipSync(contentOf(String(file))).length,
  }))
console.log(
  JSON.stringify(Object.fromEntries(['index.html', 'link.html'].map((page) => [page, firstLoad(page)]))),
)
