import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { translations } from '../../src/react/mantine/texts/translations.ts'

interface Chunk {
  readonly isEntry: boolean
  readonly gzip: number
  readonly makesCode: boolean
  readonly imports: readonly string[]
  readonly modules: readonly string[]
}

function bundle(entry: string): Chunk[] {
  const child = join(import.meta.dirname, 'bundle-child.ts')
  return JSON.parse(execFileSync(process.execPath, [child, entry], { encoding: 'utf8' }))
}

const packagesOf = (chunks: readonly Chunk[]): string[] =>
  chunks
    .flatMap(({ modules }) => modules)
    .flatMap((id) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(id)?.[1] ?? [])

describe('latchkey/react in a bundle', () => {
  it('imports only React', () => {
    expect([...new Set(packagesOf(bundle('src/react/index.ts')))]).toEqual(['react'])
  })
})

describe('latchkey/react/mantine in a bundle', () => {
  const chunks = bundle('src/react/mantine/index.ts')
  const first = chunks.filter(({ isEntry }) => isEntry)
  const form = chunks.filter(({ modules }) => modules.includes('src/react/mantine/flow-form.tsx'))

  it('has no unresolved imports', () => {
    expect(chunks.flatMap(({ imports }) => imports)).toEqual([])
  })

  it('does not load the forms first', () => {
    expect(first).toHaveLength(1)
    expect(packagesOf(first)).not.toContain('@rjsf/core')
    expect(packagesOf(first)).not.toContain('@cfworker/json-schema')
  })

  it('loads the forms in a chunk of at most 190 kB (gzip), without ajv and calendars', () => {
    expect(form).toHaveLength(1)
    expect(packagesOf(form)).toContain('@rjsf/core')
    expect(form[0]?.gzip).toBeLessThanOrEqual(190_000)
    expect(packagesOf(chunks)).not.toContain('ajv')
    expect(packagesOf(chunks)).not.toContain('@mantine/dates')
  })

  it('loads the QR codes in a separate chunk', () => {
    const qr = chunks.filter((chunk) => packagesOf([chunk]).includes('uqr'))
    expect(qr).toHaveLength(1)
    expect(qr[0]?.isEntry).toBe(false)
    expect(qr[0]?.modules).not.toContain('src/react/mantine/flow-form.tsx')
  })

  it('does not load the picker first', () => {
    const picker = chunks.filter(({ modules }) => modules.includes('src/react/mantine/picker-body.tsx'))
    expect(picker.map(({ isEntry }) => isEntry)).toEqual([false])
  })

  it.each(Object.keys(translations))('loads the texts in %s in a separate chunk', (tag) => {
    const texts = [`src/react/mantine/texts/${tag}.ts`, `src/texts/${tag}.ts`]
    const chunk = chunks.filter(({ modules }) => texts.every((file) => modules.includes(file)))
    expect(chunk.map(({ isEntry }) => isEntry)).toEqual([false])
    expect(first[0]?.modules.filter((file) => texts.includes(file))).toEqual([])
  })

  it('generates no code at run time, which a content security policy may forbid', () => {
    expect(chunks.filter(({ makesCode }) => makesCode)).toEqual([])
  })
})
