// Bundles a script and all that it imports: `node bundle-child.ts <script> <folder>`. Rolldown does not run inside jest.
import { build } from 'vite'

const [script = '', outDir = ''] = process.argv.slice(2)
await build({
  configFile: false,
  logLevel: 'silent',
  ssr: { noExternal: true },
  build: { ssr: script, outDir, rolldownOptions: { output: { entryFileNames: '[name].mjs' } } },
})
