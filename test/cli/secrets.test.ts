import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { variableOf } from '../../src/cli/given-values.ts'
import { CliPlace } from './cli-place.ts'

const SECRET = 'hunter2-in-an-argument'

let place: CliPlace
beforeAll(async () => {
  place = await CliPlace.open()
})
afterAll(() => place.close())

describe('a secret among the arguments', () => {
  it.each([
    [['add', 'my_hub', '--api-token', SECRET]],
    [['add', 'my_hub', `--api-token=${SECRET}`]],
    [['add', 'my_hub', '--apiToken', SECRET]],
    [['add', 'my_hub', '--password', SECRET]],
    [['add', 'my_hub', '--set', `apiToken=${SECRET}`]],
    [['add', 'my_hub', '--set', `api_token=${SECRET}`]],
    [['add', 'my_hub', '--set', SECRET]],
    [['add', 'my_hub', '--set', `${SECRET}=`]],
    [['add', 'my_hub', '--input', SECRET]],
    [['add', 'my_hub', `--input={"apiToken":"${SECRET}"}`]],
    [['add', 'my_hub', SECRET]],
    [['add', 'my_hub', '--', SECRET]],
    [['reauth', '--token', SECRET]],
    [[SECRET]],
    [['serve', '--port', SECRET]],
    [['graph', 'config-flow', '--format', SECRET]],
    [['graph', SECRET]],
  ])('is refused and not repeated: %j', async (args) => {
    const [{ code, stdout, stderr }, scripted] = await Promise.all([place.run(args), place.json(args)])
    expect(code).toBe(2)
    expect(stderr.trim()).not.toBe('')
    expect(`${stdout}${stderr}`).not.toContain(SECRET)
    expect(scripted).toMatchObject({ code: 2, document: { code: 'USAGE' } })
    expect(`${scripted.stdout}${scripted.stderr}`).not.toContain(SECRET)
    expect(place.service.checks).toBe(0)
  })

  it('is told where it belongs', async () => {
    const { stderr } = await place.run(['add', 'my_hub', '--set', `apiToken=${SECRET}`])
    expect(stderr).toContain('LATCHKEY_API_TOKEN')
    expect(stderr).toContain('--input -')
  })
})

describe('standard input', () => {
  it.each([['[1]'], ['"text"'], [null]])('that is %s is refused', async (input) => {
    const { code, document } = await place.json(['add', 'my_hub', '--input', '-'], { input })
    expect(code).toBe(2)
    expect(document.code).toBe('USAGE')
  })

  it('that names a field which the form does not have is refused without repeating it', async () => {
    const { code, document, stdout } = await place.json(['add', 'my_hub', '--input', '-'], {
      input: { [SECRET]: SECRET },
    })
    expect(code).toBe(2)
    expect(document.detail).toBe('A field was given that the form does not have. It has host, apiToken.')
    expect(stdout).not.toContain(SECRET)
  })
})

describe('variableOf', () => {
  it.each([
    ['host', 'LATCHKEY_HOST'],
    ['apiToken', 'LATCHKEY_API_TOKEN'],
    ['api_token', 'LATCHKEY_API_TOKEN'],
    ['api-token', 'LATCHKEY_API_TOKEN'],
    ['homeURLPath2', 'LATCHKEY_HOME_URL_PATH2'],
  ])('gives %s by %s', (field, variable) => {
    expect(variableOf(field)).toBe(variable)
  })
})
