import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CliPlace } from './cli-place.ts'
import { SilentServer } from './silent-server.ts'

const RIGHT = 'token-that-is-right'
const NEXT = 'token-that-comes-next'
const OTHER = 'token-of-somebody-else'
const anna = { id: 'account-1', name: 'Anna' }
const bert = { id: 'account-2', name: 'Bert' }

let place: CliPlace
beforeEach(async () => {
  place = await CliPlace.open()
})
afterEach(() => place.close())

const openFlows = () => place.look(async ({ flows }) => (await flows.list()).items)

describe('add', () => {
  it('links an account with the fields that come from standard input', async () => {
    place.service.tokens.set(RIGHT, anna)
    const input = { host: place.service.host, apiToken: RIGHT }
    const { code, document, stdout, stderr } = await place.json(['add', 'my_hub', '--input', '-'], { input })
    expect(code).toBe(0)
    expect(document).toMatchObject({ type: 'create_entry', success: true, domain: 'my_hub' })
    expect(`${stdout}${stderr}`).not.toContain(RIGHT)
    const listed = await place.json(['list'])
    expect(listed.document.entries).toMatchObject([{ entryId: document.entryId, title: 'Anna' }])
    expect(place.read('latchkey.db')).not.toContain(RIGHT)
  })

  it('takes secrets from the environment, and what is no secret from arguments', async () => {
    place.service.tokens.set(RIGHT, anna)
    const args = ['add', 'my_hub', '--set', `host=${place.service.host}`]
    const { code, stdout } = await place.run(args, { env: { LATCHKEY_API_TOKEN: RIGHT } })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Anna is linked \(loaded\)\. Its id is \S+\.\n$/)
  })

  it('prints the form that comes back where the credential is refused, and leaves no flow behind', async () => {
    const input = { host: place.service.host, apiToken: 'refused' }
    const { code, document, stdout } = await place.json(['add', 'my_hub', '--input', '-'], { input })
    expect(code).toBe(1)
    expect(document).toMatchObject({
      type: 'form',
      errors: { base: { code: 'invalid_auth' } },
      values: { host: place.service.host },
    })
    expect(stdout).not.toContain('"refused"')
    expect(place.service.checks).toBe(1)
    expect(await openFlows()).toEqual([])
  })

  it('says in words what a form lacks', async () => {
    const { code, stdout } = await place.run(['add', 'my_hub', '--set', `host=${place.service.host}`])
    expect(code).toBe(1)
    expect(stdout).toBe('API token: This field is required.\n')
  })

  it('refuses an account that is linked already', async () => {
    await place.link(RIGHT, anna)
    const input = { host: place.service.host, apiToken: RIGHT }
    const { code, document } = await place.json(['add', 'my_hub', '--input', '-'], { input })
    expect(code).toBe(1)
    expect(document).toMatchObject({ type: 'abort', reason: 'already_configured' })
  })

  it('answers a challenge that it was given the answer to, and reads numbers and yes or no', async () => {
    const args = ['add', 'vault_hub', '--set', 'user=zoe', '--set', 'port=443', '--set', 'secure=true']
    const env = { LATCHKEY_PASSWORD: 'open sesame', LATCHKEY_CODE: '123456' }
    const { code, document } = await place.json(args, { env })
    expect(code).toBe(0)
    const listed = await place.json(['list'])
    expect(listed.document.entries).toMatchObject([
      { entryId: document.entryId, title: 'zoe 443 true undefined' },
    ])
  })

  it('needs a person for a challenge that it has no answer to, and fails where the answer is wrong', async () => {
    const args = ['add', 'vault_hub', '--set', 'user=zoe']
    const unanswered = await place.json(args, { env: { LATCHKEY_PASSWORD: 'open sesame' } })
    expect(unanswered.code).toBe(3)
    expect(unanswered.document).toMatchObject({ type: 'form', step: 'challenge', challenge: 'otp' })
    const wrong = await place.json(args, { env: { LATCHKEY_PASSWORD: 'open sesame', LATCHKEY_CODE: '0' } })
    expect(wrong.code).toBe(1)
    expect(wrong.document.errors.base.code).toBe('invalid_auth')
    expect(await openFlows()).toEqual([])
  })

  it('lets the form judge a number that is none', async () => {
    const args = ['add', 'vault_hub', '--set', 'user=zoe', '--set', 'port=many']
    const { code, document } = await place.json(args, { env: { LATCHKEY_PASSWORD: 'open sesame' } })
    expect(code).toBe(1)
    expect(document.errors).toMatchObject({ '/port': { code: 'invalid_type' } })
  })

  it('does not know every integration', async () => {
    const { code, document } = await place.json(['add', 'nobody'])
    expect(code).toBe(4)
    expect(document).toMatchObject({ code: 'UNKNOWN_DOMAIN', detail: expect.stringContaining('my_hub') })
  })

  it('is called off by a signal, and takes the try back', async () => {
    await using silent = await SilentServer.start()
    const { child, ran } = place.spawn(['add', 'my_hub', '--input', '-', '--json'], {
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
  it('mends the one entry that needs it, once the account is the same one', async () => {
    const entryId = await place.link(RIGHT, anna)
    place.service.tokens.delete(RIGHT)
    place.service.tokens.set(NEXT, anna).set(OTHER, bert)

    const checked = await place.json(['list', '--connect', '--check'])
    expect(checked.code).toBe(3)
    expect(checked.document.attention).toMatchObject([{ entryId, reason: 'invalid_auth' }])
    const plain = await place.run(['list'])
    expect(plain.code).toBe(0)
    expect(plain.stdout).toMatch(/^Anna {2}my_hub {2}\S+ {2}needs attention: invalid_auth\n$/)

    const refused = await place.json(['reauth'], { env: { LATCHKEY_API_TOKEN: 'refused' } })
    expect(refused.code).toBe(1)
    expect(refused.document).toMatchObject({
      step: 'reauth_confirm',
      errors: { base: { code: 'invalid_auth' } },
    })
    expect(await openFlows()).toHaveLength(1)
    const foreign = await place.json(['reauth'], { env: { LATCHKEY_API_TOKEN: OTHER } })
    expect(foreign.code).toBe(1)
    expect(foreign.document).toMatchObject({ type: 'abort', reason: 'wrong_account', success: false })

    const mended = await place.json(['reauth', 'Anna'], { env: { LATCHKEY_API_TOKEN: NEXT } })
    expect(mended.code).toBe(0)
    expect(mended.document).toMatchObject({
      reason: 'reauth_successful',
      success: true,
      entryState: 'loaded',
    })
    const after = await place.json(['list', '--connect', '--check'])
    expect(after.code).toBe(0)
    expect(after.document.entries).toMatchObject([{ entryId, state: 'loaded' }])
    expect(await place.json(['reauth'])).toMatchObject({ code: 0, document: { attention: [] } })
  })

  it('asks for a name where several need it', async () => {
    const ids = [await place.link(RIGHT, anna), await place.link(OTHER, bert)]
    await place.look(async ({ entries }) => {
      for (const id of ids) await entries.requestReauth(id)
    })
    const { code, document } = await place.json(['reauth'], { env: { LATCHKEY_API_TOKEN: RIGHT } })
    expect(code).toBe(2)
    for (const id of ids) expect(document.detail).toContain(id)
  })

  it('lets the reauthentication wait where it is called off while it tries', async () => {
    const entryId = await place.link(RIGHT, anna)
    const port = Number(place.service.host.split(':')[1])
    await place.service.stop()
    await using silent = await SilentServer.start(port)
    const { child, ran } = place.spawn(['reauth', entryId, '--json'], { env: { LATCHKEY_API_TOKEN: NEXT } })
    await silent.isAsked()
    child.kill('SIGTERM')
    expect((await ran).code).toBe(130)
    expect(await openFlows()).toMatchObject([{ type: 'form', source: 'reauth', entryId }])
  })
})

describe('reconfigure', () => {
  it('keeps what is not given, and asks for the secret again', async () => {
    const entryId = await place.link(RIGHT, anna)
    const without = await place.json(['reconfigure', entryId])
    expect(without.code).toBe(1)
    expect(without.document.errors).toMatchObject({ '/apiToken': { code: 'required' } })
    expect(await openFlows()).toEqual([])
    const changed = await place.json(['reconfigure', entryId], { env: { LATCHKEY_API_TOKEN: RIGHT } })
    expect(changed.code).toBe(0)
    expect(changed.document).toMatchObject({ reason: 'reconfigure_successful' })
  })
})

describe('replace', () => {
  it('puts another account in the place of an entry’s, once that is confirmed', async () => {
    const entryId = await place.link(RIGHT, anna)
    place.service.tokens.set(OTHER, bert)
    const env = { LATCHKEY_API_TOKEN: OTHER }
    const asked = await place.run(['replace', entryId], { env })
    expect(asked.code).toBe(3)
    expect(asked.stdout).toContain('Choose one with --set replace_confirm=….')
    expect(await openFlows()).toEqual([])
    expect((await place.json(['list'])).document.entries).toMatchObject([{ title: 'Anna' }])
    const args = ['replace', entryId, '--set', 'replace_confirm=replace']
    const { code, document } = await place.json(args, { env })
    expect(code).toBe(0)
    expect(document).toMatchObject({ reason: 'replace_successful', success: true, entryState: 'loaded' })
    expect((await place.json(['list'])).document.entries).toMatchObject([{ entryId, title: 'Bert' }])
  })
})

describe('options', () => {
  it('are refused where the integration has none', async () => {
    const entryId = await place.link(RIGHT, anna)
    const refused = await place.json(['options', entryId])
    expect(refused.document).toMatchObject({ code: 'INVALID_INPUT' })
  })
})

describe('remove and history', () => {
  it('removes what is confirmed, and remembers it', async () => {
    const entryId = await place.link(RIGHT, anna)
    const asked = await place.json(['remove', entryId])
    expect(asked).toMatchObject({ code: 2, document: { code: 'USAGE' } })
    expect((await place.json(['list'])).document.entries).toHaveLength(1)
    expect(await place.json(['remove', 'Anna', '--yes'])).toMatchObject({
      code: 0,
      document: { removed: entryId },
    })
    expect((await place.json(['list'])).document.entries).toEqual([])
    const { code, document, stdout } = await place.json(['history', entryId])
    expect(code).toBe(0)
    const rows = document.items.map(({ kind, who }: { kind: string; who: string }) => `${kind} by ${who}`)
    expect(rows.at(-1)).toBe('entry_removed by cli')
    expect(rows.length).toBeGreaterThan(1)
    expect(stdout).not.toContain(RIGHT)
    expect((await place.run(['history', entryId])).stdout).toMatch(/entry_removed\s+by cli\n$/)
  })

  it('wants an id where two entries have one title', async () => {
    const ids = [await place.link(RIGHT, anna), await place.link(OTHER, { ...bert, name: 'Anna' })]
    const { code, document } = await place.json(['remove', 'Anna', '--yes'])
    expect(code).toBe(2)
    for (const id of ids) expect(document.detail).toContain(id)
  })
})

describe('an entry that is not there', () => {
  it.each([['reauth'], ['reconfigure'], ['replace'], ['remove', '--yes'], ['history']])(
    'is not found by %s',
    async (name, ...more) => {
      const { code, document } = await place.json([name, 'nobody', ...more])
      expect(code).toBe(4)
      expect(document).toMatchObject({
        code: 'UNKNOWN_ENTRY',
        type: 'urn:problem-type:latchkey:unknown-entry',
      })
    },
  )
})
