import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CliSandbox } from './cli-sandbox.ts'
import { SilentServer } from './silent-server.ts'

const RIGHT = 'token-that-is-right'
const NEXT = 'token-that-comes-next'
const OTHER = 'token-of-somebody-else'
const anna = { id: 'account-1', name: 'Anna' }
const bert = { id: 'account-2', name: 'Bert' }

let sandbox: CliSandbox
beforeEach(async () => {
  sandbox = await CliSandbox.open()
})
afterEach(() => sandbox.close())

const openFlows = () => sandbox.look(async ({ flows }) => (await flows.list()).items)

describe('add', () => {
  it('links an account with fields from standard input', async () => {
    sandbox.service.tokens.set(RIGHT, anna)
    const input = { host: sandbox.service.host, apiToken: RIGHT }
    const { code, document, stdout, stderr } = await sandbox.json(['add', 'my_hub', '--input', '-'], {
      input,
    })
    expect(code).toBe(0)
    expect(document).toMatchObject({ type: 'create_entry', success: true, domain: 'my_hub' })
    expect(`${stdout}${stderr}`).not.toContain(RIGHT)
    const listed = await sandbox.json(['list'])
    expect(listed.document.entries).toMatchObject([{ entryId: document.entryId, title: 'Anna' }])
    expect(sandbox.read('latchkey.db')).not.toContain(RIGHT)
  })

  it('reads secrets from the environment and other fields from arguments', async () => {
    sandbox.service.tokens.set(RIGHT, anna)
    const args = ['add', 'my_hub', '--set', `host=${sandbox.service.host}`]
    const { code, stdout } = await sandbox.run(args, { env: { LATCHKEY_API_TOKEN: RIGHT } })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Anna was linked \(loaded\)\. Its id is \S+\.\n$/)
  })

  it('prints the form with its errors if the credential is rejected, and cancels the flow', async () => {
    const input = { host: sandbox.service.host, apiToken: 'refused' }
    const { code, document, stdout } = await sandbox.json(['add', 'my_hub', '--input', '-'], { input })
    expect(code).toBe(1)
    expect(document).toMatchObject({
      type: 'form',
      errors: { base: { code: 'invalid_auth' } },
      values: { host: sandbox.service.host },
    })
    expect(stdout).not.toContain('"refused"')
    expect(sandbox.service.checks).toBe(1)
    expect(await openFlows()).toEqual([])
  })

  it('prints a text for each missing field', async () => {
    const { code, stdout } = await sandbox.run(['add', 'my_hub', '--set', `host=${sandbox.service.host}`])
    expect(code).toBe(1)
    expect(stdout).toBe('API token: This field is required.\n')
  })

  it('rejects an account that is already linked', async () => {
    await sandbox.link(RIGHT, anna)
    const input = { host: sandbox.service.host, apiToken: RIGHT }
    const { code, document } = await sandbox.json(['add', 'my_hub', '--input', '-'], { input })
    expect(code).toBe(1)
    expect(document).toMatchObject({ type: 'abort', reason: 'already_configured' })
  })

  it('answers a challenge with a preset value, and converts numbers and booleans', async () => {
    const args = ['add', 'vault_hub', '--set', 'user=zoe', '--set', 'port=443', '--set', 'secure=true']
    const env = { LATCHKEY_PASSWORD: 'open sesame', LATCHKEY_CODE: '123456' }
    const { code, document } = await sandbox.json(args, { env })
    expect(code).toBe(0)
    const listed = await sandbox.json(['list'])
    expect(listed.document.entries).toMatchObject([
      { entryId: document.entryId, title: 'zoe 443 true undefined' },
    ])
  })

  it('exits with 3 for a challenge without a preset value, and fails if the value is wrong', async () => {
    const args = ['add', 'vault_hub', '--set', 'user=zoe']
    const unanswered = await sandbox.json(args, { env: { LATCHKEY_PASSWORD: 'open sesame' } })
    expect(unanswered.code).toBe(3)
    expect(unanswered.document).toMatchObject({ type: 'form', step: 'challenge', challenge: 'otp' })
    const wrong = await sandbox.json(args, { env: { LATCHKEY_PASSWORD: 'open sesame', LATCHKEY_CODE: '0' } })
    expect(wrong.code).toBe(1)
    expect(wrong.document.errors.base.code).toBe('invalid_auth')
    expect(await openFlows()).toEqual([])
  })

  it('submits an invalid number as text, so that the form rejects it', async () => {
    const args = ['add', 'vault_hub', '--set', 'user=zoe', '--set', 'port=many']
    const { code, document } = await sandbox.json(args, { env: { LATCHKEY_PASSWORD: 'open sesame' } })
    expect(code).toBe(1)
    expect(document.errors).toMatchObject({ '/port': { code: 'invalid_type' } })
  })

  it('rejects an unknown integration', async () => {
    const { code, document } = await sandbox.json(['add', 'nobody'])
    expect(code).toBe(4)
    expect(document).toMatchObject({ code: 'UNKNOWN_DOMAIN', detail: expect.stringContaining('my_hub') })
  })

  it('cancels the attempt on a signal', async () => {
    await using silent = await SilentServer.start()
    const { child, ran } = sandbox.spawn(['add', 'my_hub', '--input', '-', '--json'], {
      input: { host: silent.host, apiToken: RIGHT },
    })
    await silent.isAsked()
    child.kill('SIGINT')
    const { code, stdout } = await ran
    expect(code).toBe(130)
    expect(JSON.parse(stdout)).toMatchObject({ code: 'CANCELLED' })
    expect(await openFlows()).toEqual([])
  })
})

describe('reauth', () => {
  it('repairs the only entry that needs it, but only with the same account', async () => {
    const entryId = await sandbox.link(RIGHT, anna)
    sandbox.service.tokens.delete(RIGHT)
    sandbox.service.tokens.set(NEXT, anna).set(OTHER, bert)

    const checked = await sandbox.json(['list', '--connect', '--check'])
    expect(checked.code).toBe(3)
    expect(checked.document.attention).toMatchObject([{ entryId, reason: 'invalid_auth' }])
    const plain = await sandbox.run(['list'])
    expect(plain.code).toBe(0)
    expect(plain.stdout).toMatch(/^Anna {2}my_hub {2}\S+ {2}needs attention: invalid_auth\n$/)

    const refused = await sandbox.json(['reauth'], { env: { LATCHKEY_API_TOKEN: 'refused' } })
    expect(refused.code).toBe(1)
    expect(refused.document).toMatchObject({
      step: 'reauth_confirm',
      errors: { base: { code: 'invalid_auth' } },
    })
    expect(await openFlows()).toHaveLength(1)
    const foreign = await sandbox.json(['reauth'], { env: { LATCHKEY_API_TOKEN: OTHER } })
    expect(foreign.code).toBe(1)
    expect(foreign.document).toMatchObject({ type: 'abort', reason: 'wrong_account', success: false })

    const repaired = await sandbox.json(['reauth', 'Anna'], { env: { LATCHKEY_API_TOKEN: NEXT } })
    expect(repaired.code).toBe(0)
    expect(repaired.document).toMatchObject({
      reason: 'reauth_successful',
      success: true,
      entryState: 'loaded',
    })
    const after = await sandbox.json(['list', '--connect', '--check'])
    expect(after.code).toBe(0)
    expect(after.document.entries).toMatchObject([{ entryId, state: 'loaded' }])
    expect(await sandbox.json(['reauth'])).toMatchObject({ code: 0, document: { attention: [] } })
  })

  it('requires an argument if several entries need it', async () => {
    const ids = [await sandbox.link(RIGHT, anna), await sandbox.link(OTHER, bert)]
    await sandbox.look(async ({ entries }) => {
      for (const id of ids) await entries.requestReauth(id)
    })
    const { code, document } = await sandbox.json(['reauth'], { env: { LATCHKEY_API_TOKEN: RIGHT } })
    expect(code).toBe(2)
    for (const id of ids) expect(document.detail).toContain(id)
  })

  it('keeps the reauthentication open if it is cancelled while connecting', async () => {
    const entryId = await sandbox.link(RIGHT, anna)
    const port = Number(sandbox.service.host.split(':')[1])
    await sandbox.service.stop()
    await using silent = await SilentServer.start(port)
    const { child, ran } = sandbox.spawn(['reauth', entryId, '--json'], { env: { LATCHKEY_API_TOKEN: NEXT } })
    await silent.isAsked()
    child.kill('SIGTERM')
    expect((await ran).code).toBe(130)
    expect(await openFlows()).toMatchObject([{ type: 'form', source: 'reauth', entryId }])
  })
})

describe('reconfigure', () => {
  it('keeps the stored values, but asks for the secret again', async () => {
    const entryId = await sandbox.link(RIGHT, anna)
    const without = await sandbox.json(['reconfigure', entryId])
    expect(without.code).toBe(1)
    expect(without.document.errors).toMatchObject({ '/apiToken': { code: 'required' } })
    expect(await openFlows()).toEqual([])
    const changed = await sandbox.json(['reconfigure', entryId], { env: { LATCHKEY_API_TOKEN: RIGHT } })
    expect(changed.code).toBe(0)
    expect(changed.document).toMatchObject({ reason: 'reconfigure_successful' })
  })
})

describe('replace', () => {
  it('replaces the account of an entry after a confirmation', async () => {
    const entryId = await sandbox.link(RIGHT, anna)
    sandbox.service.tokens.set(OTHER, bert)
    const env = { LATCHKEY_API_TOKEN: OTHER }
    const unconfirmed = await sandbox.run(['replace', entryId], { env })
    expect(unconfirmed.code).toBe(3)
    expect(unconfirmed.stdout).toContain('Pass one with --set replace_confirm=….')
    expect(await openFlows()).toEqual([])
    expect((await sandbox.json(['list'])).document.entries).toMatchObject([{ title: 'Anna' }])
    const args = ['replace', entryId, '--set', 'replace_confirm=replace']
    const { code, document } = await sandbox.json(args, { env })
    expect(code).toBe(0)
    expect(document).toMatchObject({ reason: 'replace_successful', success: true, entryState: 'loaded' })
    expect((await sandbox.json(['list'])).document.entries).toMatchObject([{ entryId, title: 'Bert' }])
  })
})

describe('options', () => {
  it('are rejected if the integration has none', async () => {
    const entryId = await sandbox.link(RIGHT, anna)
    const refused = await sandbox.json(['options', entryId])
    expect(refused.document).toMatchObject({ code: 'INVALID_INPUT' })
  })
})

describe('remove and history', () => {
  it('remove after a confirmation, and print the history of removed entries', async () => {
    const entryId = await sandbox.link(RIGHT, anna)
    const unconfirmed = await sandbox.json(['remove', entryId])
    expect(unconfirmed).toMatchObject({ code: 2, document: { code: 'USAGE' } })
    expect((await sandbox.json(['list'])).document.entries).toHaveLength(1)
    expect(await sandbox.json(['remove', 'Anna', '--yes'])).toMatchObject({
      code: 0,
      document: { removed: entryId },
    })
    expect((await sandbox.json(['list'])).document.entries).toEqual([])
    const { code, document, stdout } = await sandbox.json(['history', entryId])
    expect(code).toBe(0)
    const rows = document.items.map(({ kind, who }: { kind: string; who: string }) => `${kind} by ${who}`)
    expect(rows.at(-1)).toBe('entry_removed by cli')
    expect(rows.length).toBeGreaterThan(1)
    expect(stdout).not.toContain(RIGHT)
    expect((await sandbox.run(['history', entryId])).stdout).toMatch(/entry_removed\s+by cli\n$/)
  })

  it('require an id if two entries have the same title', async () => {
    const ids = [await sandbox.link(RIGHT, anna), await sandbox.link(OTHER, { ...bert, name: 'Anna' })]
    const { code, document } = await sandbox.json(['remove', 'Anna', '--yes'])
    expect(code).toBe(2)
    for (const id of ids) expect(document.detail).toContain(id)
  })
})

describe('an unknown entry', () => {
  it.each([['reauth'], ['reconfigure'], ['replace'], ['remove', '--yes'], ['history']])(
    'is not found by %s',
    async (name, ...more) => {
      const { code, document } = await sandbox.json([name, 'nobody', ...more])
      expect(code).toBe(4)
      expect(document).toMatchObject({
        code: 'UNKNOWN_ENTRY',
        type: 'urn:problem-type:latchkey:unknown-entry',
      })
    },
  )
})
