import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { eventually } from '../examples/eventually.ts'
import { CliSandbox } from './cli-sandbox.ts'
import { lockHub } from './lock-hub.ts'
import { SilentServer } from './silent-server.ts'
import { KEY, TerminalUser } from './terminal-user.ts'

const RIGHT = 'RightTokenOfAnna'
const NEXT = 'NextTokenOfAnna'
const WRONG = 'WrongTokenOfNobody'
const anna = { id: 'account-1', name: 'Anna' }
const bert = { id: 'account-2', name: 'Bert' }

let sandbox: CliSandbox
let users: TerminalUser[]
beforeEach(async () => {
  sandbox = await CliSandbox.open()
  users = []
})
afterEach(async () => {
  const shown = users.map(({ bytes }) => bytes).join('')
  for (const person of users) person.leaves()
  await sandbox.close()
  // No test may send a secret to the terminal.
  for (const secret of [RIGHT, NEXT, WRONG, 'open sesame', '123456']) expect(shown).not.toContain(secret)
})

function userOf(...args: string[]): TerminalUser {
  const made = new TerminalUser(sandbox.folder, args)
  users.push(made)
  return made
}

const openFlows = () => sandbox.look(async ({ flows }) => (await flows.list()).items)

describe('add in a terminal', () => {
  it('prompts for fields, hides the secret, and prompts again if it is rejected', async () => {
    sandbox.service.tokens.set(RIGHT, anna)
    const at = userOf('add', 'my_hub')
    await at.sees('My Hub (user)')
    await at.answers('Host', sandbox.service.host)
    // Other input is visible, so the secret is hidden on purpose.
    await at.sees(sandbox.service.host)
    await at.sees('API token')
    at.types(WRONG)
    await at.sees('▪'.repeat(WRONG.length))
    expect(at.arguments()).toContain('add my_hub')
    expect(at.arguments()).not.toContain(WRONG)
    at.types(KEY.enter)
    await at.sees('rejected this')
    // The address is still filled in.
    await at.answers('Host', '')
    await at.answers('API token', RIGHT)
    await at.sees('Anna was linked (loaded).')
    expect(await at.ends()).toBe(0)
    expect(sandbox.service.checks).toBe(2)

    const reader = userOf('list')
    await reader.sees('Anna  my_hub')
    expect(await reader.ends()).toBe(0)
  })

  it('requires a value for required fields', async () => {
    const at = userOf('add', 'my_hub', '--set', `host=${sandbox.service.host}`)
    await at.answers('API token', '')
    await at.sees('This field is required.')
    at.types(KEY.ctrlC)
    expect(await at.ends()).toBe(130)
    expect(at.shown).not.toContain('Host')
  })

  it('does not echo typed characters while connecting, and can be cancelled', async () => {
    await using silent = await SilentServer.start()
    const at = userOf('add', 'my_hub', '--set', `host=${silent.host}`)
    await at.answers('API token', RIGHT)
    await at.sees('Connecting …')
    await silent.isAsked()
    expect(at.echoes()).toBe(false)
    at.types(NEXT)
    at.types(KEY.ctrlC)
    await at.sees('Cancelled. Nothing was changed.')
    expect(await at.ends()).toBe(130)
    expect(await openFlows()).toEqual([])
  })

  it('prompts for fields of all types, and for a second factor', async () => {
    const at = userOf('add', 'vault_hub')
    await at.answers('User', 'zoe')
    await at.answers('Port', '443')
    await at.sees('Secure')
    at.types(KEY.enter)
    await at.sees('Plan')
    at.types(`${KEY.down}${KEY.enter}`)
    await at.answers('Password', 'open sesame')
    await at.sees('Vault Hub (challenge, otp)')
    await at.answers('Code', '0')
    await at.sees('rejected this')
    expect(await openFlows()).toHaveLength(1)
    await at.answers('Go back to the previous step?', 'n')
    await at.answers('Code', '1')
    await at.answers('Go back to the previous step?', 'y')
    await at.sees('Vault Hub (user)')
    await at.answers('User', '')
    await at.answers('Port', '')
    await at.answers('Secure', '')
    await at.answers('Plan', '')
    await at.answers('Password', 'open sesame')
    await at.answers('Code', '123456')
    await at.sees('zoe 443 false office was linked')
    expect(await at.ends()).toBe(0)
  })

  it('is cancelled by Ctrl-C at a prompt, and cancels its flow', async () => {
    const at = userOf('add', 'my_hub')
    await at.sees('Host')
    expect(await openFlows()).toHaveLength(1)
    at.types(KEY.ctrlC)
    await at.sees('Cancelled. Nothing was changed.')
    expect(await at.ends()).toBe(130)
    expect(await openFlows()).toEqual([])
  })

  it('does not read secrets from a terminal that would echo them', async () => {
    const at = userOf('add', 'my_hub', '--input', '-')
    await at.sees('a terminal shows what you type')
    expect(await at.ends()).toBe(2)
  })
})

describe('add in a terminal for a broken account', () => {
  it('asks whether the sign-in repairs it', async () => {
    await sandbox.link(RIGHT, anna)
    sandbox.service.tokens.delete(RIGHT)
    sandbox.service.tokens.set(NEXT, anna)
    expect((await sandbox.json(['list', '--connect', '--check'])).code).toBe(3)
    const at = userOf('add', 'my_hub')
    await at.answers('Host', sandbox.service.host)
    await at.answers('API token', NEXT)
    await at.sees('Anna is already connected, but its sign-in stopped working. Save this one for it?')
    at.types(KEY.enter)
    await at.sees('My Hub is connected again.')
    expect(await at.ends()).toBe(0)
    expect(await openFlows()).toEqual([])
  })
})

describe('reauth in a terminal', () => {
  it('asks whether a stored optional secret stays', async () => {
    const added = await sandbox.json(['add', 'lock_hub', '--input', '-'], {
      input: { password: 'first', safeWord: 'plum' },
    })
    const { entryId } = JSON.parse(added.stdout)
    const safeWord = () =>
      sandbox.look(async ({ entries }) => {
        await entries.reload(entryId)
        return entries.use(lockHub, entryId, (client) => client.safeWord)
      })
    const reauth = async (...keys: string[]) => {
      const at = userOf('reauth', entryId)
      await at.answers('Password', 'second')
      await at.sees('Safe word: a value is stored')
      for (const key of keys) at.types(key)
      await at.sees('Lock Hub is connected again.')
      expect(await at.ends()).toBe(0)
    }
    await reauth(KEY.enter)
    expect(await safeWord()).toBe('plum')
    await reauth(KEY.down, KEY.down, KEY.enter)
    expect(await safeWord()).toBe('none')
  })

  it('selects the only entry that needs it, and keeps the form open after Ctrl-C', async () => {
    const entryId = await sandbox.link(RIGHT, anna)
    sandbox.service.tokens.delete(RIGHT)
    sandbox.service.tokens.set(NEXT, anna)
    expect((await sandbox.json(['list', '--connect', '--check'])).code).toBe(3)
    const away = userOf('reauth')
    await away.sees('Anna (reauth_confirm)')
    await away.sees('API token')
    away.types(KEY.ctrlC)
    expect(await away.ends()).toBe(130)
    expect(await openFlows()).toMatchObject([{ source: 'reauth', entryId }])

    const back = userOf('reauth')
    await back.answers('API token', WRONG)
    await back.sees('My Hub rejected this API token. Check for typos')
    await back.answers('API token', NEXT)
    await back.sees('My Hub is connected again. The entry is loaded.')
    expect(await back.ends()).toBe(0)
    expect((await sandbox.json(['list', '--connect', '--check'])).code).toBe(0)
  })

  it('prompts for one of several entries that need it', async () => {
    const ids = [await sandbox.link(RIGHT, anna), await sandbox.link(NEXT, bert)]
    await sandbox.look(async ({ entries }) => {
      for (const id of ids) await entries.requestReauth(id)
    })
    const at = userOf('reauth')
    await at.sees('Which entry?')
    const [first = ''] = ['Anna', 'Bert'].toSorted((a, b) => at.shown.indexOf(a) - at.shown.indexOf(b))
    at.types(KEY.enter)
    await at.answers('API token', first === 'Anna' ? RIGHT : NEXT)
    await at.sees('My Hub is connected again.')
    expect(await at.ends()).toBe(0)
    expect((await sandbox.json(['list'])).document.attention).toHaveLength(1)
  })
})

describe('reconfigure in a terminal', () => {
  it('prefills non-secret fields', async () => {
    const entryId = await sandbox.link(RIGHT, anna)
    const at = userOf('reconfigure', entryId)
    await at.sees('Host')
    await at.answers(sandbox.service.host, '')
    await at.answers('API token', RIGHT)
    await at.sees('Changes saved.')
    expect(await at.ends()).toBe(0)
  })
})

describe('remove in a terminal', () => {
  it('prompts for a confirmation that defaults to no', async () => {
    await sandbox.link(RIGHT, anna)
    const unsure = userOf('remove', 'Anna')
    await unsure.answers('Remove Anna and its credential?', '')
    expect(await unsure.ends()).toBe(130)
    expect((await sandbox.json(['list'])).document.entries).toHaveLength(1)

    const sure = userOf('remove', 'Anna')
    await sure.answers('Remove Anna and its credential?', 'y')
    await sure.sees('Anna was removed.')
    expect(await sure.ends()).toBe(0)
    expect((await sandbox.json(['list'])).document.entries).toEqual([])
  })
})

describe('serve in a terminal', () => {
  it('prints the address, and ends with Ctrl-C', async () => {
    const at = userOf('serve', '--port', '0', '--no-open')
    await at.sees('http://127.0.0.1:')
    expect(at.echoes()).toBe(true)
    at.types(KEY.ctrlC)
    expect(await at.ends()).toBe(0)
  })

  it('opens the browser without the token in the arguments', async () => {
    const bin = join(sandbox.folder, 'bin')
    mkdirSync(bin)
    const log = join(sandbox.folder, 'log')
    // A fake browser that records its arguments and the file.
    const browser = `#!/bin/sh\n(echo "$@"; cat "$1"; stat -c %a "$1") > ${log}.part && mv ${log}.part ${log}\n`
    for (const name of ['open', 'xdg-open']) writeFileSync(join(bin, name), browser, { mode: 0o755 })
    const at = new TerminalUser(sandbox.folder, ['serve', '--port', '0'], {
      PATH: `${bin}:${process.env.PATH}`,
    })
    users.push(at)
    await at.sees('http://127.0.0.1:')
    await eventually(() => expect(existsSync(log)).toBe(true))
    const [argument = '', page, mode] = readFileSync(log, 'utf8').trim().split('\n')
    const token = /#([\w-]{43})/.exec(at.shown)?.[1] ?? 'none'
    expect(argument).not.toContain(token)
    expect(page).toContain(`#${token}`)
    expect(mode).toBe('600')
    at.types(KEY.ctrlC)
    expect(await at.ends()).toBe(0)
    expect(existsSync(argument)).toBe(false)
  })
})
