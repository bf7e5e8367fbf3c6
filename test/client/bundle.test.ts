import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'

describe('latchkey/client in a bundle', () => {
  it('is at most 6.9 kB gzipped and contains only itself', () => {
    const child = join(import.meta.dirname, 'bundle-child.ts')
    const { gzip, imports, modules } = JSON.parse(
      execFileSync(process.execPath, [child], { encoding: 'utf8' }),
    )
    expect(gzip).toBeLessThanOrEqual(6_900)
    expect(imports).toEqual([])
    expect(modules).toContain('src/client/event-stream.ts')
    expect(modules.filter((name: string) => !name.startsWith('src/client/'))).toEqual([])
  })
})
