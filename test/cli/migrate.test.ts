import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CliSandbox } from './cli-sandbox.ts'

let sandbox: CliSandbox
beforeEach(async () => {
  sandbox = await CliSandbox.open()
})
afterEach(() => sandbox.close())

const fixture = resolve(import.meta.dirname, '../fixtures/database-0.1.0')
const at = (name: string) => join(sandbox.folder, name)

/** Puts the database of version 0.1.0 in the sandbox. */
function old(): void {
  writeFileSync(at('latchkey.db'), gunzipSync(readFileSync(join(fixture, 'database.sqlite.gz'))))
  copyFileSync(join(fixture, 'key.txt'), at('latchkey.db.key'))
}

const migrationsOf = (name: string): unknown[] => {
  const database = new DatabaseSync(at(name), { readOnly: true })
  try {
    return database.prepare('select name from kysely_migration order by name').all()
  } finally {
    database.close()
  }
}

describe('latchkey migrate', () => {
  it('lists the migrations of an older database with --check, and changes nothing', async () => {
    old()
    const before = readFileSync(at('latchkey.db'))
    const { code, document } = await sandbox.json(['migrate', '--check'])
    expect([code, document.backup]).toEqual([3, null])
    expect(document.pending[0]).toMatch(/^0\d+_\w+$/)
    expect(readFileSync(at('latchkey.db'))).toEqual(before)
    const { stdout } = await sandbox.run(['migrate', '--check'])
    expect(stdout).toBe(`Pending:\n${document.pending.map((name: string) => `  ${name}\n`).join('')}`)
  })

  it('saves a backup of the old tables before it changes them', async () => {
    old()
    const { pending } = (await sandbox.json(['migrate', '--check'])).document
    const name = `latchkey-before-${pending.at(-1)}.db`
    const before = migrationsOf('latchkey.db')
    const { code, document } = await sandbox.json(['migrate'])
    expect({ code, document }).toEqual({ code: 0, document: { applied: pending, backup: at(name) } })
    expect(statSync(at(name)).mode & 0o777).toBe(0o600)
    expect(migrationsOf(name)).toEqual(before)
    expect(migrationsOf('latchkey.db')).toHaveLength(before.length + pending.length)
    expect(await sandbox.run(['migrate'])).toMatchObject({ code: 0, stdout: 'The tables are up to date.\n' })
    expect((await sandbox.json(['restore', name, '--yes'])).code).toBe(0)
  })

  it('changes nothing if the backup cannot be written', async () => {
    old()
    sandbox.write('taken.db', 'another file')
    const before = migrationsOf('latchkey.db')
    const { code, document } = await sandbox.json(['migrate', '--backup', 'taken.db'])
    expect([code, document.code]).toEqual([2, 'FILE_EXISTS'])
    expect(migrationsOf('latchkey.db')).toEqual(before)
    const { stdout } = await sandbox.run(['migrate', '--backup', 'other.db'])
    expect(stdout).toMatch(new RegExp(`^Applied:\\n( {2}0\\w+\\n)+The backup is ${at('other.db')}\\.\\n$`))
  })

  it('skips the backup with --backed-up', async () => {
    old()
    expect((await sandbox.json(['migrate', '--backed-up'])).document.backup).toBeNull()
    expect(existsSync(at('latchkey.db'))).toBe(true)
  })

  it('creates the tables of a new database without a backup', async () => {
    expect((await sandbox.json(['migrate', '--check'])).code).toBe(3)
    expect(existsSync(at('latchkey.db'))).toBe(false)
    const { code, document } = await sandbox.json(['migrate'])
    expect([code, document.backup, document.applied[0]]).toEqual([0, null, '0001_first'])
    expect((await sandbox.json(['migrate', '--check'])).code).toBe(0)
  })

  it('refuses a database of a newer version', async () => {
    await sandbox.run(['migrate'])
    const database = new DatabaseSync(at('latchkey.db'))
    database.exec(`insert into kysely_migration (name, timestamp) values ('9999_future', '')`)
    database.close()
    expect((await sandbox.json(['migrate'])).document.code).toBe('NEWER_DATABASE')
  })

  it('demands --backed-up from a store without a backup, and names stores without migrations', async () => {
    const store = (members: string) =>
      `export default { integrations: [], store: { open() { console.error('opened') }, close() {}, apply() {}, ${members} } }`
    const pending = `migrations: async () => ({ isNew: false, pending: ['0002_more'] })`
    sandbox.write('latchkey.config.ts', store(pending))
    const refused = await sandbox.run(['migrate'])
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toContain('pending migrations (0002_more) and no backup')
    expect(refused.stderr).toContain('latchkey migrate --backed-up')
    const { code, document } = await sandbox.json(['migrate', '--backed-up'], {})
    expect([code, document]).toEqual([0, { applied: ['0002_more'], backup: null }])
    sandbox.write('other.config.ts', store(''))
    expect((await sandbox.run(['migrate', '--config', 'other.config.ts'])).stderr).toContain(
      'This store has no migrations.',
    )
  })
})
