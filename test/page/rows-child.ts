// Bundles rows-app.ts and prints the code. A separate process, because Rolldown does not run inside of jest.
import { join } from 'node:path'
import { build, type Rolldown } from 'vite'

const built = (await build({
  root: join(import.meta.dirname, '../..'),
  configFile: false,
  logLevel: 'silent',
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    write: false,
    lib: { entry: 'test/page/rows-app.ts', formats: ['iife'], name: 'rows' },
  },
})) as Rolldown.RolldownOutput[]
const [chunk] = built.flatMap(({ output }) => output).filter((part) => part.type === 'chunk')
console.log(JSON.stringify(chunk?.code))
