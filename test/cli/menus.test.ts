import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Terminal } from '../../src/cli/command.ts'
import { readPresetValues } from '../../src/cli/preset-values.ts'
import type { FieldSchema, FormView } from '../../src/view.ts'
import { CliSandbox } from './cli-sandbox.ts'

let sandbox: CliSandbox
beforeEach(async () => {
  sandbox = await CliSandbox.open()
})
afterEach(() => sandbox.close())

const env = { LATCHKEY_PASSWORD: 'good-password' }
const add = ['add', 'pages_hub', '--set', 'username=ada']

describe('latchkey add, with menus', () => {
  it('chooses with preset values, page by page', async () => {
    const args = [...add, '--set', 'pick_method=login', '--set', 'site=work']
    const { code, stdout } = await sandbox.run(args, { env })
    expect(stdout).toMatch(/^Site work was linked \(loaded\)/)
    expect(code).toBe(0)
  })

  it('prints the choices without preset values, and cancels the flow', async () => {
    const { code, stdout } = await sandbox.run(add, { env })
    expect(stdout).toBe('A choice is needed: login, token. Pass one with --set pick_method=….\n')
    expect(code).toBe(3)
    const { code: later, document } = await sandbox.json([...add, '--set', 'pick_method=login'], { env })
    expect(later).toBe(3)
    expect(document).toMatchObject({ type: 'form', page: 'site', order: ['site'] })
    expect(document.schema.properties.site.oneOf).toContainEqual({ const: 'home', title: 'Home of ada' })
    const { stdout: asks } = await sandbox.run([...add, '--set', 'pick_method=login'], { env })
    expect(asks).toBe('A choice is needed: home, work. Pass one with --set site=….\n')
    expect(await sandbox.look(async ({ flows }) => (await flows.list()).items)).toEqual([])
  })

  it.each<[FieldSchema['type'], string, unknown]>([
    ['integer', '2', 2],
    ['boolean', 'false', false],
    ['string', '2', '2'],
    ['integer', 'two', 'two'],
  ])('presets a choice of a page with the type of its field: %s %s', async (type, text, value) => {
    const preset = await readPresetValues({ env: {} } as Terminal, { set: [`floor=${text}`] })
    const properties = { room: { type, oneOf: [{ const: value, title: 'Attic' }] } }
    const form = { page: 'floor', order: ['room'], schema: { properties } } as unknown as FormView
    expect(preset.valuesFor(form)).toEqual({ room: value })
  })

  it('rejects an unknown choice', async () => {
    const { code, document } = await sandbox.json([...add, '--set', 'pick_method=magic'], { env })
    expect(document).toMatchObject({ code: 'INVALID_INPUT' })
    expect(code).toBe(2)
  })

  it('accepts a field of a later page, and rejects an unknown one', async () => {
    const { code, document } = await sandbox.json([...add, '--set', 'colour=red'], { env })
    expect(code).toBe(2)
    expect(document.detail).toContain('Unknown field. The form has these fields:')
  })
})
