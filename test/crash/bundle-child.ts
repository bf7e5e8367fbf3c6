// Bundles the scripts that tests start: `node bundle-child.ts <folder> <script> …`. Rolldown does not run inside jest.
import { basename } from 'node:path'
import { build } from 'vite'

const [outDir = '', ...scripts] = process.argv.slice(2)
await build({
  configFile: false,
  logLevel: 'silent',
  ssr: { noExternal: true },
  build: {
    ssr: true,
    outDir,
    rolldownOptions: {
      input: Object.fromEntries(scripts.map((script) => [basename(script, '.ts'), script])),
      output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
    },
  },
})
