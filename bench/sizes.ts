import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Bench } from './result.ts'

interface Sized {
  readonly gzip: number
}

const NAMES = ['size/page', 'size/form-chunk', 'size/client'] as const
const unit = 'kB gzip'

/** The code that a browser loads: the page at first, the forms when one is shown, and the client without React. */
export const sizesBench: Bench = {
  names: NAMES,
  async run() {
    const { 'index.html': page = [] }: Record<string, Sized[]> = built('page/size-child.ts')
    const chunks: (Sized & { modules: string[] })[] = built(
      'react/bundle-child.ts',
      'src/react/mantine/index.ts',
    )
    const form = chunks.filter(({ modules }) => modules.includes('src/react/mantine/flow-form.tsx'))
    const client: Sized = built('client/bundle-child.ts')
    const sizes = [sum(page), sum(form), client.gzip]
    return NAMES.map((name, at) => ({ name, value: (sizes[at] ?? Number.NaN) / 1_000, unit }))
  },
}

const sum = (parts: readonly Sized[]): number => parts.reduce((whole, { gzip }) => whole + gzip, 0)

/** Also built by the tests of the sizes. */
function built<Output>(child: string, ...args: string[]): Output {
  const file = join(import.meta.dirname, '../test', child)
  const env = { ...process.env, NODE_ENV: 'production' }
  return JSON.parse(execFileSync(process.execPath, [file, ...args], { encoding: 'utf8', env }))
}
