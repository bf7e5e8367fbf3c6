import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { eventually } from '../examples/eventually.ts'
import { CliPlace } from './cli-place.ts'
import { KEY, Person } from './person.ts'
import { SilentServer } from './silent-server.ts'

const RIGHT = 'RightTokenOfAnna'
const NEXT = 'NextTokenOfAnna'
const WRONG = 'WrongTokenOfNobody'
const anna = { id: 'account-1', name: 'Anna' }
const bert = { id: 'account-2', name: 'Bert' }

let place: CliPlace
let persons: Person[]
beforeEach(async () => {
  place = await CliPlace.open()
  persons = []
})
afterEach(async () => {
  const shown = persons.map(({ bytes }) => bytes).join('')
  for (const person of persons) person.leaves()
  await place.close()
  // Whatever a test was about: no terminal was ever sent a secret.
  for (const secret of [RIGHT, NEXT, WRONG, 'open sesame', '123456']) expect(shown).not.toContain(secret)
})

function person(...args: string[]): Person {
  const made = new Person(place.folder, args)
  persons.push(made)
  return made
}

const openFlows = () => place.look(async ({ flows }) => (await flows.list()).items)

describe('add in a terminal', () => {
  it('asks for what it needs, hides the secret, and asks again where it is refused', async () => {
    place.service.tokens.set(RIGHT, anna)
    const at = person('add', 'my_hub')
    await at.sees('My Hub (user)')
    await at.answers('Host', place.service.host)
    // What is typed is shown, so that what is hidden is hidden on purpose.
    await at.sees(place.service.host)
    await at.sees('API token')
    at.types(WRONG)
    await at.sees('▪'.repeat(WRONG.length))
    expect(at.arguments()).toContain('add my_hub')
    expect(at.arguments()).not.toContain(WRONG)
    at.types(KEY.enter)
    await at.sees('The service rejected this sign-in. Check for typos and try again.')
    // The address is kept.
    await at.answers('Host', '')
    await at.answers('API token', RIGHT)
    await at.sees('Anna is linked (loaded).')
    expect(await at.ends()).toBe(0)
    expect(place.service.checks).toBe(2)

    const reader = person('list')
    await reader.sees('Anna  my_hub')
    expect(await reader.ends()).toBe(0)
  })

  it('takes nothing that is required to be empty', async () => {
    const at = person('add', 'my_hub', '--set', `host=${place.service.host}`)
    await at.answers('API token', '')
    await at.sees('This field is required.')
    at.types(KEY.ctrlC)
    expect(await at.ends()).toBe(130)
    expect(at.shown).not.toContain('Host')
  })

  it('shows nothing of what is typed while it tries, and is called off then', async () => {
    await using silent = await SilentServer.start()
    const at = person('add', 'my_hub', '--set', `host=${silent.host}`)
    await at.answers('API token', RIGHT)
    await at.sees('Trying it …')
    await silent.isAsked()
    expect(at.echoes()).toBe(false)
    at.types(NEXT)
    at.types(KEY.ctrlC)
    await at.sees('Cancelled. Nothing was changed.')
    expect(await at.ends()).toBe(130)
    expect(await openFlows()).toEqual([])
  })

  it('asks every kind of field, and for a second factor', async () => {
    const at = person('add', 'vault_hub')
    await at.answers('User', 'zoe')
    await at.answers('Port', '443')
    await at.sees('Secure')
    at.types(KEY.enter)
    await at.sees('Plan')
    at.types(`${KEY.down}${KEY.enter}`)
    await at.answers('Password', 'open sesame')
    await at.sees('Vault Hub (challenge, otp)')
    await at.answers('Code', '0')
    await at.sees('The service rejected this sign-in. Check for typos and try again.')
    expect(await openFlows()).toHaveLength(1)
    await at.answers('Go back to the form before this one?', 'n')
    await at.answers('Code', '1')
    await at.answers('Go back to the form before this one?', 'y')
    await at.sees('Vault Hub (user)')
    await at.answers('User', '')
    await at.answers('Port', '')
    await at.answers('Secure', '')
    await at.answers('Plan', KEY.down)
    await at.answers('Password', 'open sesame')
    await at.answers('Code', '123456')
    await at.sees('zoe 443 false office is linked')
    expect(await at.ends()).toBe(0)
  })

  it('is cancelled by Ctrl-C at a question, and leaves no flow', async () => {
    const at = person('add', 'my_hub')
    await at.sees('Host')
    expect(await openFlows()).toHaveLength(1)
    at.types(KEY.ctrlC)
    await at.sees('Cancelled. Nothing was changed.')
    expect(await at.ends()).toBe(130)
    expect(await openFlows()).toEqual([])
  })

  it('does not read secrets from a terminal that would show them', async () => {
    const at = person('add', 'my_hub', '--input', '-')
    await at.sees('this is a terminal')
    expect(await at.ends()).toBe(2)
  })
})

describe('reauth in a terminal', () => {
  it('takes the one entry that needs it; Ctrl-C leaves the form for another time', async () => {
    const entryId = await place.link(RIGHT, anna)
    place.service.tokens.delete(RIGHT)
    place.service.tokens.set(NEXT, anna)
    expect((await place.json(['list', '--connect', '--check'])).code).toBe(3)
    const away = person('reauth')
    await away.sees('Anna (reauth_confirm)')
    await away.sees('API token')
    away.types(KEY.ctrlC)
    expect(await away.ends()).toBe(130)
    expect(await openFlows()).toMatchObject([{ source: 'reauth', entryId }])

    const back = person('reauth')
    await back.answers('API token', WRONG)
    await back.sees('The service rejected this sign-in. Check for typos and try again.')
    await back.answers('API token', NEXT)
    await back.sees('The new sign-in works and is saved. The entry is loaded.')
    expect(await back.ends()).toBe(0)
    expect((await place.json(['list', '--connect', '--check'])).code).toBe(0)
  })

  it('offers those that need it where there are several', async () => {
    const ids = [await place.link(RIGHT, anna), await place.link(NEXT, bert)]
    await place.look(async ({ entries }) => {
      for (const id of ids) await entries.requestReauth(id)
    })
    const at = person('reauth')
    await at.sees('Which one?')
    const [first = ''] = ['Anna', 'Bert'].toSorted((a, b) => at.shown.indexOf(a) - at.shown.indexOf(b))
    at.types(KEY.enter)
    await at.answers('API token', first === 'Anna' ? RIGHT : NEXT)
    await at.sees('works and is saved')
    expect(await at.ends()).toBe(0)
    expect((await place.json(['list'])).document.attention).toHaveLength(1)
  })
})

describe('reconfigure in a terminal', () => {
  it('prefills what is no secret', async () => {
    const entryId = await place.link(RIGHT, anna)
    const at = person('reconfigure', entryId)
    await at.sees('Host')
    await at.answers(place.service.host, '')
    await at.answers('API token', RIGHT)
    await at.sees('Changes saved.')
    expect(await at.ends()).toBe(0)
  })
})

describe('remove in a terminal', () => {
  it('asks first, and no is the answer that Enter gives', async () => {
    await place.link(RIGHT, anna)
    const unsure = person('remove', 'Anna')
    await unsure.answers('Remove Anna, and its stored credentials?', '')
    expect(await unsure.ends()).toBe(130)
    expect((await place.json(['list'])).document.entries).toHaveLength(1)

    const sure = person('remove', 'Anna')
    await sure.answers('Remove Anna, and its stored credentials?', 'y')
    await sure.sees('Anna is removed.')
    expect(await sure.ends()).toBe(0)
    expect((await place.json(['list'])).document.entries).toEqual([])
  })
})

describe('serve in a terminal', () => {
  it('prints the address, and ends with Ctrl-C', async () => {
    const at = person('serve', '--port', '0', '--no-open')
    await at.sees('http://127.0.0.1:')
    expect(at.echoes()).toBe(true)
    at.types(KEY.ctrlC)
    expect(await at.ends()).toBe(0)
  })

  it('opens the browser without the token in its arguments', async () => {
    const bin = join(place.folder, 'bin')
    mkdirSync(bin)
    const told = join(place.folder, 'told')
    // A browser that writes down how it was called, and what it was shown.
    const browser = `#!/bin/sh\n(echo "$@"; cat "$1"; stat -c %a "$1") > ${told}.part && mv ${told}.part ${told}\n`
    for (const name of ['open', 'xdg-open']) writeFileSync(join(bin, name), browser, { mode: 0o755 })
    const at = new Person(place.folder, ['serve', '--port', '0'], { PATH: `${bin}:${process.env.PATH}` })
    persons.push(at)
    await at.sees('http://127.0.0.1:')
    await eventually(() => expect(existsSync(told)).toBe(true))
    const [argument = '', page, mode] = readFileSync(told, 'utf8').trim().split('\n')
    const token = /#([\w-]{43})/.exec(at.shown)?.[1] ?? 'none'
    expect(argument).not.toContain(token)
    expect(page).toContain(`#${token}`)
    expect(mode).toBe('600')
    at.types(KEY.ctrlC)
    expect(await at.ends()).toBe(0)
    expect(existsSync(argument)).toBe(false)
  })
})
