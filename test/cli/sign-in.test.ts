import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { accountIntegration } from '../../examples/oidc/account.ts'
import { ExampleProvider } from '../../examples/oidc/provider.ts'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey, type Latchkey } from '../../src/index.ts'
import { Person as Browser } from '../oauth/person.ts'
import { CliPlace } from './cli-place.ts'
import { KEY, Person } from './person.ts'

const root = resolve(import.meta.dirname, '../..')

let provider: ExampleProvider
let place: CliPlace
let persons: Person[]
beforeAll(async () => {
  provider = await ExampleProvider.start()
})
afterAll(() => provider.stop())
beforeEach(async () => {
  place = await CliPlace.open()
  persons = []
  configure('')
})
afterEach(async () => {
  for (const person of persons) person.leaves()
  await place.close()
})

/** A configuration with the example's account, and whatever `http` says. */
function configure(http: string): void {
  place.write(
    'latchkey.config.ts',
    `
    import { defineConfig } from '${root}/src/cli/config.ts'
    import { sqliteStore } from '${root}/src/adapters/sqlite/sqlite-store.ts'
    import { accountIntegration } from '${root}/examples/oidc/account.ts'
    export default defineConfig({
      integrations: [accountIntegration('${provider.issuer}')],
      store: sqliteStore('${join(place.folder, 'latchkey.db')}'),
      ${http}
    })`,
  )
}

function person(...args: string[]): Person {
  const made = new Person(place.folder, args)
  persons.push(made)
  return made
}

/** Looks at what is stored, with an engine of the test's own. */
async function look<Result>(work: (latchkey: Latchkey) => Promise<Result>): Promise<Result> {
  const store = sqliteStore(join(place.folder, 'latchkey.db'))
  const latchkey = await createLatchkey({ integrations: [accountIntegration(provider.issuer)], store })
  try {
    return await work(latchkey)
  } finally {
    await latchkey.stop()
  }
}

const entries = () => look(async (latchkey) => (await latchkey.entries.list()).items)
const openFlows = () => look(async (latchkey) => (await latchkey.flows.list()).items)

/** The link that the terminal shows, newest last. */
async function linkOf(at: Person): Promise<string> {
  await at.sees('Sign in with a browser on this machine:')
  await at.sees('Waiting for the sign-in …')
  return at.shown.match(/http:\/\/127\.0\.0\.1:\d+\S*\/begin\/[\w-]+/g)?.at(-1) ?? ''
}

/** Signs in, and comes back to where the terminal waits. */
const signIn = (link: string, user: string, browser = new Browser()) =>
  browser.signIn(link, user, () => false)

const byBrowser = ['add', 'account', '--no-open', '--set', 'pick_method=browser']
const byCode = ['add', 'account', '--set', 'pick_method=device']

describe('a sign-in in a browser, from a terminal', () => {
  it('prints a link, waits, and links whoever signed in', async () => {
    const at = person('add', 'account', '--no-open')
    await at.sees('Which one?')
    at.types(KEY.enter)
    const link = await linkOf(at)
    const { text, status } = await signIn(link, 'alice')
    expect([status, text]).toEqual([200, expect.stringContaining('Go on in the terminal')])
    await at.sees('alice@home.example is linked (loaded).')
    expect(await at.ends()).toBe(0)
    await expect(fetch(link)).rejects.toThrow('fetch failed')
    // What the browser brought was seen by nobody else.
    expect(at.bytes).not.toMatch(/[?&](code|state)=|latchkey-/)
  })

  it('says that somebody said no, and lets them try again, with another browser too', async () => {
    const at = person(...byBrowser)
    await signIn(await linkOf(at), '')
    await at.sees('Access was denied at the service. Start again and allow access.')
    await at.answers('Go back to the form before this one?', 'n')
    await at.answers('Try again?', 'y')
    const link = await linkOf(at)
    await new Browser().visit(link)
    await signIn(link, 'bob')
    await at.sees('bob@home.example is linked (loaded).')
    expect(await at.ends()).toBe(0)
  })

  it('refuses another account at a reauthentication, and is mended by the right one', async () => {
    const linking = person(...byBrowser)
    await signIn(await linkOf(linking), 'alice')
    expect(await linking.ends()).toBe(0)
    const [{ entryId = '' } = {}] = await entries()
    await look((latchkey) => latchkey.entries.requestReauth(entryId))
    const wrong = person('reauth', '--no-open')
    await signIn(await linkOf(wrong), 'bob')
    await wrong.sees('You signed in with a different account. Nothing was changed.')
    expect(await wrong.ends()).toBe(1)
    const right = person('reauth', '--no-open')
    await signIn(await linkOf(right), 'alice')
    await right.sees('The new sign-in works and is saved. The entry is loaded.')
    expect(await right.ends()).toBe(0)
  })

  it('is called off by Ctrl-C while it waits, and leaves neither flow nor server', async () => {
    const at = person(...byBrowser)
    const link = await linkOf(at)
    at.types(KEY.ctrlC)
    await at.sees('Cancelled. Nothing was changed.')
    expect(await at.ends()).toBe(130)
    expect(await openFlows()).toEqual([])
    await expect(fetch(link)).rejects.toThrow('fetch failed')
  })

  it('goes on waiting where a stranger comes back', async () => {
    const at = person(...byBrowser)
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
    ['a port that is taken', null, 'port'],
  ])('says that it comes back to %s', async (_, http, where) => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    configure(http ?? `http: { port: ${(taken.address() as AddressInfo).port} },`)
    const at = person(...byBrowser)
    await at.sees('This sign-in comes back to')
    await at.sees(where)
    await at.sees('latchkey serve')
    expect(await at.ends()).toBe(3)
    expect(await openFlows()).toEqual([])
    taken.close()
  })
})

describe('a sign-in by a code, from a terminal', () => {
  it('shows the code and where to enter it, counts down, and links whoever entered it', async () => {
    const at = person(...byCode)
    await at.sees('on any device, and enter the code')
    await at.sees('It ends in')
    const [, address = '', code = ''] =
      /Open (\S+) on any device, and enter the code ([\w-]+)\./.exec(at.shown) ?? []
    expect(at.shown).toContain(`${address}?user_code=${code}`)
    expect(at.shown).toMatch(/It ends in (10:00|9:5\d)\./)
    expect(at.echoes()).toBe(false)
    await new Browser().enterCode(address, code, 'bob')
    await at.sees('bob@home.example is linked (loaded).')
    expect(await at.ends()).toBe(0)
  })

  it('is called off by Ctrl-C, and leaves no flow', async () => {
    const at = person(...byCode)
    await at.sees('It ends in')
    at.types(KEY.ctrlC)
    await at.sees('Cancelled. Nothing was changed.')
    expect(await at.ends()).toBe(130)
    expect(await openFlows()).toEqual([])
  })
})

describe('a sign-in in a script', () => {
  it('prints where somebody signs in, exits with 3, and stays open for them', async () => {
    const { code, document } = await place.json(byBrowser)
    expect(code).toBe(3)
    expect(document).toMatchObject({
      type: 'external',
      step: 'authorize',
      url: `oauth/begin/${document.flowId}`,
    })
    expect(await openFlows()).toMatchObject([{ flowId: document.flowId }])
  })

  it('prints the code and where to enter it', async () => {
    const { code, document } = await place.json(byCode)
    expect(code).toBe(3)
    expect(document).toMatchObject({
      ...{ type: 'progress', step: 'device', userCode: expect.any(String) },
      verificationUri: `${provider.issuer}/device`,
      expiresAt: expect.any(Number),
    })
    expect(await openFlows()).toMatchObject([{ flowId: document.flowId, userCode: document.userCode }])
    const told = await place.run(byCode)
    expect(told.code).toBe(3)
    expect(told.stdout).toMatch(/^Enter the code [\w-]+ at http:\S+\.\nGo on in a terminal, or in the page/)
  })
})
