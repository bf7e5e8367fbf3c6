import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { variableName } from '../../src/cli/preset-values.ts'
import { CliSandbox } from './cli-sandbox.ts'

const SECRET = 'hunter2-in-an-argument'

let sandbox: CliSandbox
beforeAll(async () => {
  sandbox = await CliSandbox.open()
})
afterAll(() => sandbox.close())

describe('a secret in the arguments', () => {
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
  ])('is rejected and not repeated: %j', async (args) => {
    const [{ code, stdout, stderr }, scripted] = await Promise.all([sandbox.run(args), sandbox.json(args)])
    expect(code).toBe(2)
    expect(stderr.trim()).not.toBe('')
    expect(`${stdout}${stderr}`).not.toContain(SECRET)
    expect(scripted).toMatchObject({ code: 2, document: { code: 'USAGE' } })
    expect(`${scripted.stdout}${scripted.stderr}`).not.toContain(SECRET)
    expect(sandbox.service.checks).toBe(0)
  })

  it('is rejected with the allowed ways to pass it', async () => {
    const { stderr } = await sandbox.run(['add', 'my_hub', '--set', `apiToken=${SECRET}`])
    expect(stderr).toContain('LATCHKEY_API_TOKEN')
    expect(stderr).toContain('--input -')
  })
})

describe('standard input', () => {
  it.each([['[1]'], ['"text"'], [null]])('that is %s is rejected', async (input) => {
    const { code, document } = await sandbox.json(['add', 'my_hub', '--input', '-'], { input })
    expect(code).toBe(2)
    expect(document.code).toBe('USAGE')
  })

  it('with an unknown field is rejected without repeating it', async () => {
    const { code, document, stdout } = await sandbox.json(['add', 'my_hub', '--input', '-'], {
      input: { [SECRET]: SECRET },
    })
    expect(code).toBe(2)
    expect(document.detail).toBe('Unknown field. The form has these fields: host, apiToken.')
    expect(stdout).not.toContain(SECRET)
  })
})

describe('variableName', () => {
  it.each([
    ['host', 'LATCHKEY_HOST'],
    ['apiToken', 'LATCHKEY_API_TOKEN'],
    ['api_token', 'LATCHKEY_API_TOKEN'],
    ['api-token', 'LATCHKEY_API_TOKEN'],
    ['homeURLPath2', 'LATCHKEY_HOME_URL_PATH2'],
  ])('reads %s from %s', (field, variable) => {
    expect(variableName(field)).toBe(variable)
  })
})
