import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CliPlace } from './cli-place.ts'

let place: CliPlace
beforeEach(async () => {
  place = await CliPlace.open()
})
afterEach(() => place.close())

const env = { LATCHKEY_PASSWORD: 'good-password' }
const add = ['add', 'pages_hub', '--set', 'username=ada']

describe('latchkey add, with menus', () => {
  it('chooses by what was given, page by page', async () => {
    const args = [...add, '--set', 'pick_method=login', '--set', 'site=work']
    const { code, stdout } = await place.run(args, { env })
    expect(stdout).toMatch(/^Site work is linked \(loaded\)/)
    expect(code).toBe(0)
  })

  it('says what there is to choose where nothing was given, and leaves no flow behind', async () => {
    const { code, stdout } = await place.run(add, { env })
    expect(stdout).toBe('There are several ways on: login, token. Choose one with --set pick_method=….\n')
    expect(code).toBe(3)
    const { code: later, document } = await place.json([...add, '--set', 'pick_method=login'], { env })
    expect(later).toBe(3)
    expect(document).toMatchObject({ type: 'menu', page: 'site' })
    expect(document.options).toContainEqual({ value: 'home', label: 'Home of ada' })
    expect(await place.look(async ({ flows }) => (await flows.list()).items)).toEqual([])
  })

  it('refuses what a menu does not offer', async () => {
    const { code, document } = await place.json([...add, '--set', 'pick_method=magic'], { env })
    expect(document).toMatchObject({ code: 'INVALID_INPUT' })
    expect(code).toBe(2)
  })

  it('takes a field of a later page for no mistake, and a field of none for one', async () => {
    const { code, document } = await place.json([...add, '--set', 'colour=red'], { env })
    expect(code).toBe(2)
    expect(document.detail).toContain('A field was given that the form does not have.')
  })
})
