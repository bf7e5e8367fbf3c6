import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { reachedPackages, sourceOf } from './reached-packages.ts'

const root = resolve(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, { readonly default: string } | string>>
  readonly bin: { readonly latchkey: string }
  readonly peerDependencies: Readonly<Record<string, string>>
}
const peers = Object.keys(manifest.peerDependencies)

/** The packages to install for each import, as the table says. */
const table = new Map(
  [...readme.matchAll(/^\| `(latchkey\S*)` \|[^|]*\|([^|]*)\|$/gm)].map(([, name = '', packages = '']) => [
    name,
    [...packages.matchAll(/[@\w./-]+/g)].map(([one]) => one),
  ]),
)

describe('README', () => {
  it('has at most 150 lines', () => {
    expect(readme.split('\n').length - 1).toBeLessThanOrEqual(150)
  })

  it('names a test command that CI calls', () => {
    expect(readme).toContain('npm ci && npm test')
    expect(readFileSync(join(root, '.ci/run'), 'utf8')).toContain('npm ci && npm test')
  })

  it('lists every import of the package', () => {
    const names = Object.keys(manifest.exports).filter((name) => name !== './package.json')
    expect([...table.keys()].sort()).toEqual(names.map((name) => name.replace('.', 'latchkey')).sort())
  })

  it.each([...table])('names the packages that %s imports', (name, packages) => {
    const target = manifest.exports[name.replace('latchkey', '.')] as { readonly default: string }
    const entry = name === 'latchkey/cli' ? manifest.bin.latchkey : target.default
    const reached = [...reachedPackages(sourceOf(entry))]
    const needed = peers.filter((peer) =>
      reached.some((found) => found === peer || found.startsWith(`${peer}/`)),
    )
    const installed = [...packages, ...(table.get('latchkey') ?? [])]
    expect(needed.filter((peer) => !installed.includes(peer))).toEqual([])
  })

  it('names every peer package, and no other', () => {
    expect([...new Set([...table.values()].flat())].sort()).toEqual([...peers].sort())
  })
})
