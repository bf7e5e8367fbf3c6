import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CliSandbox } from './cli-sandbox.ts'
import { KEY, TerminalUser } from './terminal-user.ts'

let sandbox: CliSandbox
beforeEach(async () => {
  sandbox = await CliSandbox.open()
})
afterEach(() => sandbox.close())

const question = 'Continue with “Options for zoe”?'
const optionsOf = async () =>
  sandbox.look(async ({ entries }) => (await entries.list()).items.map(({ options }) => options))
const openFlows = () => sandbox.look(async ({ flows }) => (await flows.list()).items)

describe('a follow-up flow in a terminal', () => {
  it('runs if the user confirms', async () => {
    const at = new TerminalUser(sandbox.folder, ['add', 'follow_up_hub'])
    await at.answers('Name', 'zoe')
    await at.sees('zoe was linked (loaded).')
    await at.answers(question, '')
    await at.answers('Interval', '5')
    await at.sees('Options saved.')
    expect(await at.ends()).toBe(0)
    expect(await optionsOf()).toEqual([{ interval: 605 }])
    expect(await openFlows()).toEqual([])
  })

  it.each(['n', KEY.ctrlC])('is cancelled if the user declines: %j', async (key) => {
    const at = new TerminalUser(sandbox.folder, ['add', 'follow_up_hub'])
    await at.answers('Name', 'zoe')
    await at.sees(question)
    at.types(`${key}${key === 'n' ? KEY.enter : ''}`)
    expect(await at.ends()).toBe(0)
    expect(await optionsOf()).toEqual([{}])
    expect(await openFlows()).toEqual([])
  })

  it('keeps the result of the first flow if it is cancelled', async () => {
    const at = new TerminalUser(sandbox.folder, ['add', 'follow_up_hub'])
    await at.answers('Name', 'zoe')
    await at.answers(question, '')
    await at.sees('Interval')
    at.types(KEY.ctrlC)
    await at.sees('zoe was linked (loaded).')
    expect(await at.ends()).toBe(0)
    expect(await openFlows()).toEqual([])
  })

  it('is cancelled by a script', async () => {
    const { code, document } = await sandbox.json(['add', 'follow_up_hub', '--set', 'name=zoe'])
    expect(code).toBe(0)
    expect(document).toMatchObject({ type: 'create_entry', success: true })
    expect(await openFlows()).toEqual([])
  })
})
