import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'

describe('the examples of docs/guides/statecharts.md', () => {
  it('show the messages of an inspection', () => {
    const script = resolve(import.meta.dirname, '../../examples/statecharts/inspect.ts')
    expect(execFileSync(process.execPath, [script], { encoding: 'utf8' })).toContain('@xstate.actor\n')
  })
})
