import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CliSandbox } from './cli-sandbox.ts'

const RIGHT = 'token-that-is-right'
const anna = { id: 'account-1', name: 'Anna' }

let sandbox: CliSandbox
beforeEach(async () => {
  sandbox = await CliSandbox.open()
})
afterEach(() => sandbox.close())

const addWrong = () =>
  sandbox.json(['add', 'my_hub', '--set', `host=${sandbox.service.host}`], {
    env: { LATCHKEY_API_TOKEN: 'wrong' },
  })

describe('reset-attempts', () => {
  it('allows new links of an integration after too many attempts', async () => {
    for (let time = 0; time < 20; time++) await addWrong()
    expect((await addWrong()).document).toMatchObject({ errors: { base: { code: 'rate_limited' } } })
    const reset = await sandbox.run(['reset-attempts', '--domain', 'my_hub'])
    expect(reset).toMatchObject({ code: 0, stdout: 'The failed attempts to add my_hub were cleared.\n' })
    expect((await addWrong()).document).toMatchObject({ errors: { base: { code: 'invalid_auth' } } })
  })

  it('clears the attempts of an entry by its title', async () => {
    const entryId = await sandbox.link(RIGHT, anna)
    const { code, document } = await sandbox.json(['reset-attempts', 'Anna'])
    expect({ code, document }).toEqual({ code: 0, document: { entryId } })
    const history = await sandbox.look((latchkey) => latchkey.history(entryId))
    expect(history.items.at(-1)).toMatchObject({ kind: 'attempts_reset', who: 'cli' })
  })

  it.each([[[]], [['Anna', '--domain', 'my_hub']]])(
    'needs an entry or an integration, not %j',
    async (args) => {
      expect(await sandbox.run(['reset-attempts', ...args])).toMatchObject({ code: 2 })
    },
  )

  it('refuses an integration that does not exist', async () => {
    expect((await sandbox.json(['reset-attempts', '--domain', 'other'])).document).toMatchObject({
      code: 'UNKNOWN_DOMAIN',
    })
  })
})
