import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'

interface Loaded {
  readonly file: string
  readonly gzip: number
}

let built: Readonly<Record<string, readonly Loaded[]>>
beforeAll(() => {
  const child = join(import.meta.dirname, 'size-child.ts')
  const env = { ...process.env, NODE_ENV: 'production' }
  built = JSON.parse(execFileSync(process.execPath, [child], { encoding: 'utf8', env }))
})

describe('the built page', () => {
  it.each(['index.html', 'link.html'])('loads at most 200 kB (gzip) for %s', (page) => {
    const loaded = built[page] ?? []
    expect(loaded.map(({ file }) => file)).toEqual(
      expect.arrayContaining([expect.stringMatching(/\.js$/), expect.stringMatching(/\.css$/)]),
    )
    expect(loaded.reduce((sum, { gzip }) => sum + gzip, 0)).toBeLessThanOrEqual(200_000)
    // These load on demand.
    expect(loaded.filter(({ file }) => /flow-form|qr-code|history|statechart|toaster/.test(file))).toEqual([])
  })
})
