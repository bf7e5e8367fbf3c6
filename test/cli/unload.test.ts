import { resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CliSandbox } from './cli-sandbox.ts'

const root = resolve(import.meta.dirname, '../..')

let sandbox: CliSandbox
beforeEach(async () => {
  sandbox = await CliSandbox.open()
})
afterEach(() => sandbox.close())

describe('unload', () => {
  it('closes the connection of an entry, and reports its state', async () => {
    await sandbox.link('right', { id: 'account-1', name: 'Anna' })
    expect(await sandbox.json(['unload', 'Anna'])).toMatchObject({
      code: 0,
      document: { state: 'not_loaded' },
    })
    const { code, stdout } = await sandbox.run(['unload', 'Anna', '--force'])
    expect([code, stdout]).toEqual([0, 'Anna: Not connected\n'])
  })
})

describe('a client whose dispose never settles', () => {
  it('does not keep a command from printing its result and ending with 0', async () => {
    sandbox.write(
      'latchkey.config.ts',
      `
      import { defineConfig } from '${root}/src/cli/config.ts'
      import { sqliteStore } from '${root}/src/adapters/sqlite/sqlite-store.ts'
      import { defineIntegration } from '${root}/src/index.ts'
      import * as z from '${root}/node_modules/zod/index.js'
      const stuck = defineIntegration({
        domain: 'stuck',
        title: 'Stuck',
        fields: z.object({ host: z.string() }),
        disposeTimeout: 300,
        connect: async () => ({ client: {}, uniqueId: 'a', dispose: () => new Promise(() => {}) }),
      })
      export default defineConfig({
        integrations: [stuck],
        store: sqliteStore('${sandbox.folder}/latchkey.db'),
      })`,
    )
    const input = { host: 'h' }
    const added = await sandbox.run(['add', 'stuck', '--input', '-', '--json'], { input })
    expect([added.code, added.stderr]).toEqual([0, ''])
    expect(JSON.parse(added.stdout)).toMatchObject({ type: 'create_entry' })
    const listed = await sandbox.run(['list', '--connect', '--json'])
    expect(listed.code).toBe(0)
    expect(JSON.parse(listed.stdout)).toMatchObject({ entries: [{ title: 'Stuck', state: 'loaded' }] })
  })
})
