import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { service } from '../../examples/integrations/service.ts'
import { weather } from '../../examples/integrations/weather.ts'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey } from '../../src/index.ts'

const examples = resolve(import.meta.dirname, '../../examples/operations')
const folder = mkdtempSync(join(tmpdir(), 'operations-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (script: string): string =>
  execFileSync(process.execPath, [join(examples, script)], { cwd: folder, encoding: 'utf8' })

const open = () =>
  createLatchkey({ integrations: [weather], store: sqliteStore(join(folder, 'latchkey.db')) })

describe('the examples of docs/guides/operations.md', () => {
  it('add a key that encrypts, and keep the one that decrypts', async () => {
    const before = await open()
    const form = await before.flows.start({ domain: 'weather', source: 'user' })
    service.tokens.set('token-1', 'alice')
    const { entryId } = await before.flows.submit(form.flowId, { apiKey: 'token-1' }, form)
    await before.stop()
    run('rotate-key.ts')
    const path = join(folder, 'latchkey.db.key')
    expect(JSON.parse(readFileSync(path, 'utf8')).keys).toHaveLength(2)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const after = await open()
    expect(await after.entries.use(weather, entryId ?? '', ({ cities }) => cities)).toEqual([])
    await after.stop()
  })

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
