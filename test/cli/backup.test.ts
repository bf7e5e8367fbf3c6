import { once } from 'node:events'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CliSandbox } from './cli-sandbox.ts'
import { renewedHub } from './renewed-hub.ts'

let sandbox: CliSandbox
beforeEach(async () => {
  sandbox = await CliSandbox.open()
})
afterEach(() => sandbox.close())

const root = resolve(import.meta.dirname, '../..')
const at = (name: string) => join(sandbox.folder, name)
const link = (id: string) => sandbox.link(`token-${id}-that-is-right`, { id, name: id })
const linked = async () =>
  (await sandbox.json(['list'])).document.entries.map(({ title }: { title: string }) => title)
const findings = async () => {
  const { document } = await sandbox.json(['doctor'])
  return Object.fromEntries(document.checks.map((one: { check: string }) => [one.check, one]))
}

describe('latchkey backup and latchkey restore', () => {
  it('bring back the entries of a backup, also of one that was made during serve', async () => {
    await link('Anna')
    const { child, ran } = sandbox.spawn(['serve', '--port', '0', '--json'])
    await once(child.stdout, 'data')
    const made = await sandbox.json(['backup', 'backup.db'])
    expect(made).toMatchObject({ code: 0, document: { file: at('backup.db') } })
    expect(statSync(at('backup.db')).mode & 0o777).toBe(0o600)
    expect(await sandbox.json(['backup', 'backup.db'])).toMatchObject({
      code: 2,
      document: { code: 'FILE_EXISTS', detail: expect.stringContaining(at('backup.db')) },
    })
    const refused = await sandbox.json(['restore', 'backup.db'])
    expect(refused).toMatchObject({ code: 1, document: { code: 'DATABASE_IN_USE' } })
    child.kill('SIGTERM')
    await ran
    await link('Bert')
    expect(await linked()).toEqual(expect.arrayContaining(['Anna', 'Bert']))
    const restored = await sandbox.json(['restore', 'backup.db'])
    expect(restored).toMatchObject({ code: 0, document: { file: at('backup.db') } })
    expect(existsSync(restored.document.replaced)).toBe(true)
    expect(existsSync(at('latchkey.db-wal')) || existsSync(at('latchkey.db-shm'))).toBe(false)
    expect(await linked()).toEqual(['Anna'])
    expect((await findings()).backup).toMatchObject({ status: 'ok' })
  })

  it('refuse wrong input without a change', async () => {
    await link('Anna')
    await sandbox.run(['backup', 'backup.db'])
    sandbox.write('text.db', 'not a database '.repeat(99))
    for (const file of ['text.db', 'missing.db', 'latchkey.db']) {
      expect(await sandbox.json(['restore', file, '--yes'])).toMatchObject({
        code: 2,
        document: { code: 'INVALID_BACKUP', detail: expect.stringContaining(at(file)) },
      })
    }
    rmSync(at('latchkey.db.key'))
    expect((await sandbox.json(['restore', 'backup.db'])).document.code).toBe('KEY_MISSING')
    expect(readdirSync(sandbox.folder).filter((name) => /part|replaced/.test(name))).toEqual([])
    sandbox.write(
      'other.config.mjs',
      'export default { integrations: [], store: { open() {}, close() {}, apply() {} } }',
    )
    for (const command of ['backup', 'restore'])
      expect(await sandbox.json([command, 'x.db', '--config', 'other.config.mjs'])).toMatchObject({
        code: 2,
        document: { code: 'CONFIG_INVALID', detail: expect.stringContaining(command) },
      })
  })

  it('lose nothing if the restore is killed', async () => {
    await link('Anna')
    await sandbox.run(['backup', 'backup.db'])
    await link('Bert')
    const count = (path: string) => {
      const database = new DatabaseSync(path)
      try {
        return Number(database.prepare('select count(*) as n from entries').get()?.n)
      } finally {
        database.close()
      }
    }
    const started = performance.now()
    const first = sandbox.spawn(['restore', 'backup.db', '--json'])
    await first.ran
    const took = performance.now() - started
    await sandbox.run(['restore', JSON.parse((await first.ran).stdout).replaced])
    expect(count(at('latchkey.db'))).toBe(2)
    for (let nth = 0; nth < 8; nth++) {
      const { child, ran } = sandbox.spawn(['restore', 'backup.db', '--json'])
      await delay(took * (0.6 + nth * 0.06))
      child.kill('SIGKILL')
      await ran
      const all = readdirSync(sandbox.folder).filter((name) => /replaced-.*Z$/.test(name))
      const kept = Math.max(count(at('latchkey.db')), ...all.map((name) => count(at(name))))
      expect(kept).toBe(2)
      expect([1, 2]).toContain((await linked()).length)
    }
  })
})

describe('latchkey doctor', () => {
  it('lists the tokens of a restored backup, until each has been replaced', async () => {
    const config = sandbox.configuration().replace('[myHub,', '[renewedHub, myHub,')
    const imported = `import { renewedHub } from '${root}/test/cli/renewed-hub.ts'`
    sandbox.write('latchkey.config.ts', `${imported}\n${config}`)
    const input = { token: 'token-1-of-renewed' }
    const added = await sandbox.json(['add', renewedHub.domain, '--input', '-'], { input })
    const { entryId } = added.document
    await link('Anna')
    await sandbox.json(['backup', 'backup.db'])
    expect((await sandbox.json(['restore', 'backup.db'])).code).toBe(0)
    const { backup } = await findings()
    expect(backup).toMatchObject({
      status: 'attention',
      detail: expect.stringContaining(`since: ${entryId}.`),
    })
    const repaired = await sandbox.json(['reauth', entryId, '--input', '-'], { input })
    expect(repaired.code).toBe(0)
    expect((await findings()).backup.status).toBe('ok')
  })

  it('names a new database with an old key, and its advice helps', async () => {
    await link('Anna')
    await sandbox.run(['backup', 'backup.db'])
    rmSync(at('latchkey.db'))
    const { backup } = await findings()
    expect(backup).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('latchkey restore <file>'),
    })
    expect((await findings()).backup.status).toBe('failed')
    expect((await sandbox.json(['restore', 'backup.db'])).code).toBe(0)
    expect((await findings()).backup.status).toBe('ok')
    expect(await linked()).toEqual(['Anna'])
  })
})
