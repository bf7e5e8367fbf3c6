import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CliSandbox } from './cli-sandbox.ts'

const RIGHT = 'token-that-is-right'
const anna = { id: 'account-1', name: 'Anna' }

let sandbox: CliSandbox
beforeEach(async () => {
  sandbox = await CliSandbox.open()
})
afterEach(() => sandbox.close())

const attention = () => sandbox.look((latchkey) => latchkey.attention.list())

describe('request-reauth', () => {
  it('asks the user to sign in again, with the reason', async () => {
    const entryId = await sandbox.link(RIGHT, anna)
    const reason = 'Your plan has changed.'
    const ran = await sandbox.run(['request-reauth', 'Anna', '--reason', reason])
    expect(ran).toMatchObject({ code: 0, stdout: 'A new sign-in for Anna was requested.\n' })
    expect(await attention()).toMatchObject([{ entryId, reason: 'requested', message: reason }])
  })

  it('needs no reason', async () => {
    const entryId = await sandbox.link(RIGHT, anna)
    const { code, document } = await sandbox.json(['request-reauth', entryId])
    expect(code).toBe(0)
    expect(document).toMatchObject({ entryId })
    const [item] = await attention()
    expect(item).toMatchObject({ entryId, reason: 'requested' })
    expect(item).not.toHaveProperty('message')
  })

  it('refuses an entry that does not exist', async () => {
    const { code, document } = await sandbox.json(['request-reauth', 'Bob'])
    expect(code).not.toBe(0)
    expect(document).toMatchObject({ code: 'UNKNOWN_ENTRY' })
  })
})

describe('withdraw-reauth', () => {
  it('ends a requested sign-in', async () => {
    await sandbox.link(RIGHT, anna)
    await sandbox.run(['request-reauth', 'Anna'])
    const ran = await sandbox.run(['withdraw-reauth', 'Anna'])
    expect(ran).toMatchObject({ code: 0, stdout: 'No new sign-in for Anna is requested.\n' })
    expect(await attention()).toEqual([])
    const open = await sandbox.look(async (latchkey) => (await latchkey.flows.list()).items)
    expect(open).toEqual([])
  })

  it('is refused after the service has rejected the credential', async () => {
    const entryId = await sandbox.link(RIGHT, anna)
    sandbox.service.tokens.delete(RIGHT)
    await sandbox.run(['list', '--connect'])
    const { code, document } = await sandbox.json(['withdraw-reauth', 'Anna'])
    expect(code).not.toBe(0)
    expect(document).toMatchObject({ code: 'ENTRY_STATE' })
    expect(await attention()).toMatchObject([{ entryId, reason: 'invalid_auth' }])
  })
})
