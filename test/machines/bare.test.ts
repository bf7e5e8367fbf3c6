import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const file = resolve(import.meta.dirname, '../../examples/statecharts/bare.ts')

describe('examples/statecharts/bare.ts', () => {
  it('runs the config flow with XState only, and prints its result', () => {
    const { stdout, status } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
    expect(stdout.trim()).toBe("{ type: 'create_entry', reason: null, entryId: 'e1', success: true }")
    expect(status).toBe(0)
  })

  it('is fifteen lines, and needs nothing but XState and the machines', () => {
    const text = readFileSync(file, 'utf8')
    const code = text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('//'))
    expect(code.length).toBeLessThanOrEqual(15)
    const imported = [...text.matchAll(/from '([^']+)'/g)].map(([, from]) => from)
    expect(imported).toEqual(['xstate', '../../machines/index.ts'])
  })
})
