import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { accountIntegration } from '../../examples/oidc/account.ts'
import { ExampleProvider } from '../../examples/oidc/provider.ts'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey, type Latchkey } from '../../src/index.ts'
import { SignInBrowser as Browser } from '../oauth/sign-in-browser.ts'
import { CliSandbox } from './cli-sandbox.ts'
import { KEY, TerminalUser } from './terminal-user.ts'

const root = resolve(import.meta.dirname, '../..')

let provider: ExampleProvider
let sandbox: CliSandbox
let users: TerminalUser[]
beforeAll(async () => {
  provider = await ExampleProvider.start()
})
afterAll(() => provider.stop())
beforeEach(async () => {
  sandbox = await CliSandbox.open()
  users = []
  configure('')
})
afterEach(async () => {
  for (const person of users) person.leaves()
  await sandbox.close()
})

/** A configuration with the example's account and some `http` options. */
function configure(http: string): void {
  sandbox.write(
    'latchkey.config.ts',
    `
    import { defineConfig } from '${root}/src/cli/config.ts'
    import { sqliteStore } from '${root}/src/adapters/sqlite/sqlite-store.ts'
    import { accountIntegration } from '${root}/examples/oidc/account.ts'
    export default defineConfig({
      integrations: [accountIntegration('${provider.issuer}')],
      store: sqliteStore('${join(sandbox.folder, 'latchkey.db')}'),
      ${http}
    })`,
  )
}

function userOf(...args: string[]): TerminalUser {
  const made = new TerminalUser(sandbox.folder, args)
  users.push(made)
  return made
}

/** Reads the store with a separate engine. */
async function look<Result>(work: (latchkey: Latchkey) => Promise<Result>): Promise<Result> {
  const store = sqliteStore(join(sandbox.folder, 'latchkey.db'))
  const latchkey = await createLatchkey({ integrations: [accountIntegration(provider.issuer)], store })
  try {
    return await work(latchkey)
  } finally {
    await latchkey.stop()
  }
}

const entries = () => look(async (latchkey) => (await latchkey.entries.list()).items)
const openFlows = () => look(async (latchkey) => (await latchkey.flows.list()).items)

/** Returns the newest link in the terminal. */
async function linkOf(at: TerminalUser): Promise<string> {
  await at.sees('Open this link in a browser on this machine:')
  await at.sees('Waiting for the sign-in …')
  return at.shown.match(/http:\/\/127\.0\.0\.1:\d+\S*\/begin\/[\w-]+/g)?.at(-1) ?? ''
}

/** Signs in and returns to the waiting terminal. */
const signIn = (link: string, user: string, browser = new Browser()) =>
  browser.signIn(link, user, () => false)

const byBrowser = ['add', 'account', '--no-open', '--set', 'pick_method=browser']
const byCode = ['add', 'account', '--set', 'pick_method=device']

describe('a sign-in in a browser, from a terminal', () => {
  it('prints a link, waits, and links the account', async () => {
    const at = userOf('add', 'account', '--no-open')
    await at.sees('Which one?')
    at.types(KEY.enter)
    const link = await linkOf(at)
    const { text, status } = await signIn(link, 'alice')
    expect([status, text]).toEqual([200, expect.stringContaining('Continue in the terminal')])
    await at.sees('alice@home.example was linked (loaded).')
    expect(await at.ends()).toBe(0)
    await expect(fetch(link)).rejects.toThrow('fetch failed')
    // The server has closed, so the callback was handled once.
    expect(at.bytes).not.toMatch(/[?&](code|state)=|latchkey-/)
  })

  it('reports a refusal, and allows another attempt with a different browser', async () => {
    const at = userOf(...byBrowser)
    await signIn(await linkOf(at), '')
    await at.sees('Access was denied at')
    await at.answers('Go back to the previous step?', 'n')
    await at.answers('Try again?', 'y')
    const link = await linkOf(at)
    await new Browser().visit(link)
    await signIn(link, 'bob')
    await at.sees('bob@home.example was linked (loaded).')
    expect(await at.ends()).toBe(0)
  })

  it('rejects another account in a reauthentication, and accepts the right one', async () => {
    const linking = userOf(...byBrowser)
    await signIn(await linkOf(linking), 'alice')
    expect(await linking.ends()).toBe(0)
    const [{ entryId = '' } = {}] = await entries()
    await look((latchkey) => latchkey.entries.requestReauth(entryId))
    const wrong = userOf('reauth', '--no-open')
    await signIn(await linkOf(wrong), 'bob')
    await wrong.sees('You signed in as bob@home.example. This connection belongs to alice@home.example.')
    expect(await wrong.ends()).toBe(1)
    const right = userOf('reauth', '--no-open')
    await signIn(await linkOf(right), 'alice')
    await right.sees('is connected again. The entry is loaded.')
    expect(await right.ends()).toBe(0)
  })

  it('is cancelled by Ctrl-C while it waits, and closes its flow and server', async () => {
    const at = userOf(...byBrowser)
    const link = await linkOf(at)
    at.types(KEY.ctrlC)
    await at.sees('Cancelled. Nothing was changed.')
    expect(await at.ends()).toBe(130)
    expect(await openFlows()).toEqual([])
    await expect(fetch(link)).rejects.toThrow('fetch failed')
  })

  it('keeps waiting if another browser returns', async () => {
    const at = userOf(...byBrowser)
    const link = await linkOf(at)
    const { origin } = new URL(link)
    const { url } = await new Browser().visit(`${origin}/oauth/callback/account?state=made-up&code=x`)
    expect(url.search).toBe('?callback=authorize_foreign')
    expect((await fetch(`${origin}/begin/made-up`)).status).toBe(404)
    expect((await fetch(`${origin}/entries`)).status).toBe(401)
    await signIn(link, 'alice')
    expect(await at.ends()).toBe(0)
  })

  it.each([
    [
      'the public address',
      `http: { authorize: () => null, publicUrl: 'https://hub.example' },`,
      'https://hub.example',
    ],
    ['a port in use', null, 'port'],
  ])('reports that the sign-in returns to %s', async (_, http, where) => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    configure(http ?? `http: { port: ${(taken.address() as AddressInfo).port} },`)
    const at = userOf(...byBrowser)
    await at.sees('This sign-in returns to')
    await at.sees(where)
    await at.sees('latchkey serve')
    expect(await at.ends()).toBe(3)
    expect(await openFlows()).toEqual([])
    taken.close()
  })
})

describe('a sign-in with a code from a terminal', () => {
  it('shows the code and its URL, counts down, and links the account', async () => {
    const at = userOf(...byCode)
    await at.sees('on any device and enter the code')
    await at.sees('It expires in')
    const [, address = '', code = ''] =
      /Open (\S+) on any device and enter the code ([\w-]+)\./.exec(at.shown) ?? []
    expect(at.shown).toContain(`${address}?user_code=${code}`)
    expect(at.shown).toMatch(/It expires in (10:00|9:5\d)\./)
    expect(at.echoes()).toBe(false)
    await new Browser().enterCode(address, code, 'bob')
    await at.sees('bob@home.example was linked (loaded).')
    expect(await at.ends()).toBe(0)
  })

  it('is cancelled by Ctrl-C, and cancels its flow', async () => {
    const at = userOf(...byCode)
    await at.sees('It expires in')
    at.types(KEY.ctrlC)
    await at.sees('Cancelled. Nothing was changed.')
    expect(await at.ends()).toBe(130)
    expect(await openFlows()).toEqual([])
  })
})

describe('a sign-in in a script', () => {
  it('prints where to sign in, exits with 3, and keeps the flow open', async () => {
    const { code, document } = await sandbox.json(byBrowser)
    expect(code).toBe(3)
    expect(document).toMatchObject({
      type: 'external',
      step: 'authorize',
      url: `oauth/begin/${document.flowId}`,
    })
    expect(await openFlows()).toMatchObject([{ flowId: document.flowId }])
  })

  it('prints the code and its URL', async () => {
    const { code, document } = await sandbox.json(byCode)
    expect(code).toBe(3)
    expect(document).toMatchObject({
      type: 'progress',
      step: 'device',
      userCode: expect.any(String),
      verificationUri: `${provider.issuer}/device`,
      expiresAt: expect.any(Number),
    })
    expect(await openFlows()).toMatchObject([{ flowId: document.flowId, userCode: document.userCode }])
    const result = await sandbox.run(byCode)
    expect(result.code).toBe(3)
    expect(result.stdout).toMatch(
      /^Enter the code [\w-]+ at http:\S+\.\nContinue in a terminal, or in the page/,
    )
  })
})
