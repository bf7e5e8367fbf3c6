import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'

const examples = resolve(import.meta.dirname, '../../examples/operations')
const folder = mkdtempSync(join(tmpdir(), 'operations-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (script: string): string =>
  execFileSync(process.execPath, [join(examples, script)], { cwd: folder, encoding: 'utf8' })

describe('the examples of docs/guides/operations.md', () => {
  it('answer requests for a second after SIGTERM, are not ready in it, and end', async () => {
    const child = spawn(process.execPath, [join(examples, 'shutdown.ts')], { cwd: folder })
    const closed = once(child, 'close')
    const [line] = await once(child.stdout, 'data')
    const status = async (check: string) => (await fetch(`${String(line).trim()}/health/${check}`)).status
    while ((await status('ready')) !== 200) await new Promise((resolve) => setImmediate(resolve))
    child.kill('SIGTERM')
    while ((await status('ready')) !== 503) await new Promise((resolve) => setImmediate(resolve))
    expect(await status('live')).toBe(200)
    expect(await closed).toEqual([0, null])
  })

  it('refuse private addresses', () => {
    expect(run('network.ts')).toBe('ADDRESS_REFUSED\n')
  })
})
