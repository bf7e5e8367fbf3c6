import { readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CliSandbox } from './cli-sandbox.ts'

let sandbox: CliSandbox
beforeEach(async () => {
  sandbox = await CliSandbox.open()
})
afterEach(() => sandbox.close())

const keyFile = () => join(sandbox.folder, 'latchkey.db.key')
const keysIn = () => JSON.parse(readFileSync(keyFile(), 'utf8')).keys.length

describe('latchkey keys', () => {
  it('rotates to a new key, shows the use of each, and removes the old one after an hour', async () => {
    await sandbox.link('token-anna-that-is-right', { id: 'anna', name: 'Anna' })
    const rotated = await sandbox.run(['keys', 'rotate'])
    expect(rotated.stdout).toMatch(
      /^Rotated to the key [\w-]{43}\.\nChecked 1 records, encrypted 1 of them\.\nAfter an hour, run latchkey keys prune to remove the old keys\.\n$/,
    )
    const status = await sandbox.run(['keys', 'status'])
    expect(status.stdout).toMatch(/^[\w-]{43} {2}encrypts {2}1 value\n[\w-]{43} {2}decrypts {2}0 values\n$/)
    const early = await sandbox.json(['keys', 'prune'])
    expect([early.code, early.document.code]).toEqual([1, 'KEY_ROTATION'])
    utimesSync(keyFile(), 0, 0)
    const pruned = await sandbox.json(['keys', 'prune'])
    expect([pruned.code, pruned.document.removed.length, keysIn()]).toEqual([0, 1, 1])
    utimesSync(keyFile(), 0, 0)
    expect((await sandbox.run(['keys', 'prune', '--yes'])).stdout).toBe('No key was removed.\n')
    expect((await sandbox.json(['doctor', '--connect'])).code).toBe(0)
  })

  it('prints one document with --json', async () => {
    await sandbox.link('token-anna-that-is-right', { id: 'anna', name: 'Anna' })
    const { code, document } = await sandbox.json(['keys', 'rotate'])
    expect(code).toBe(0)
    expect(document).toMatchObject({ resumed: false, checked: 1, changed: 1, waiting: 0, failed: 0 })
    const { keys } = (await sandbox.json(['keys', 'status'])).document
    expect(keys).toMatchObject([{ keyId: document.keyId, isCurrent: true, values: 1 }, { values: 0 }])
  })

  it('tells a host with its own cipher to remove the old key there', async () => {
    await sandbox.link('token-anna-that-is-right', { id: 'anna', name: 'Anna' })
    const [key] = JSON.parse(readFileSync(keyFile(), 'utf8')).keys
    const cipher = `joseCipher([new Uint8Array(32), ${JSON.stringify(key)}])`
    const own = sandbox
      .configuration()
      .replace(/sqliteStore\(([^)]*)\)/, `sqliteStore($1, { cipher: ${cipher} })`)
    const joseCipherFile = new URL('../../src/adapters/jose-cipher.ts', import.meta.url).href
    sandbox.write('own.config.ts', `import { joseCipher } from '${joseCipherFile}'\n${own}`)
    const { stdout } = await sandbox.run(['keys', 'rotate', '--config', 'own.config.ts'])
    expect(stdout).toMatch(
      /^Continued the rotation to the key .*\n.*encrypted 1 of them\.\n.*remove it from your cipher\.\n$/,
    )
    const refused = await sandbox.json(['keys', 'prune', '--config', 'own.config.ts'])
    expect([refused.code, refused.document.code]).toEqual([2, 'CONFIGURATION'])
    expect(keysIn()).toBe(1)
  })
})
