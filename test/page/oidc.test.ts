import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import jsqr from 'jsqr'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { type OidcHub, startOidcHub } from '../../examples/oidc/hub.ts'
import { eventually } from '../examples/eventually.ts'
import { SignInBrowser } from '../oauth/sign-in-browser.ts'
import { pixelsOf } from './acceptance/observed.ts'
import { PHONE } from './acceptance/stage.ts'
import { openKept } from './kept-page.ts'
import { done, openContext, startBrowser } from './open-page.ts'
import { violations } from './violations.ts'

let browser: Browser
let hub: OidcHub

beforeAll(async () => {
  browser = await startBrowser()
  hub = await startOidcHub({ port: 0 })
})
afterAll(async () => {
  await browser.close()
  await hub.stop()
})

/** Opens the page in a new browser context and records the requested URLs. */
async function open(options: BrowserContextOptions = {}) {
  const { page, close } = await openKept(browser, options)
  const visited: string[] = []
  page.on('request', (request) => visited.push(request.url()))
  await page.goto(hub.url)
  await page.getByRole('heading', { name: 'Simulated services' }).waitFor()
  return { page, visited, close }
}

const dialog = (page: Page) => page.getByRole('dialog')
const choose = async (page: Page, way: string) => {
  await page.getByRole('button', { name: 'Add connection' }).click()
  await page.getByRole('dialog').getByRole('option', { name: 'Example account' }).click()
  await dialog(page).getByRole('button', { name: way }).click()
}
const signIn = async (page: Page, user: string) => {
  await dialog(page)
    .getByRole('button', { name: /^Continue to/ })
    .click()
  await page.getByRole('button', { name: `Sign in as ${user}@` }).click()
}
const close = async (page: Page) => {
  await dialog(page).getByRole('button', { name: 'Close' }).last().click()
  await dialog(page).waitFor({ state: 'detached' })
}
const repair = (page: Page) =>
  page
    .getByRole('button', { name: /^Reconnect/ })
    .first()
    .click()

describe('the page, with an OpenID provider', () => {
  it('adds an account, notices a revoked token, rejects another account and accepts the right one', async () => {
    const { page, visited, close: leave } = await open()
    await choose(page, 'In this browser')
    await signIn(page, 'alice')
    await done(page, 'is connected.')
    // The hub requests the profile repeatedly, with a token that is refreshed each time.
    await page.getByText(/^Token: (fresh|refreshing)/).waitFor()
    await page.getByRole('button', { name: 'Revoke access of alice@home.example' }).click()
    await page.getByRole('region', { name: '1 connection needs attention' }).waitFor()

    await repair(page)
    const go = dialog(page).getByRole('button', { name: 'Continue to Example account' })
    await go.waitFor()
    expect(await dialog(page).getByText('Continue to alice').count()).toBe(0)
    expect(await violations(page)).toEqual([])
    const head = () => page.locator('.lk-head').innerText()
    const before = await head()
    await go.click()
    await page.getByText('Requested account: alice@home.example').waitFor()
    await page.getByRole('button', { name: 'Refuse' }).click()
    await dialog(page).getByText('Access was denied at Example account.').waitFor()
    expect(await head()).toBe(before)
    await go.click()
    await page.getByRole('button', { name: 'Sign in as bob@' }).click()
    const end = dialog(page).getByRole('alert')
    await end.getByText('This connection belongs to', { exact: true }).waitFor()
    await end.getByText('You signed in as', { exact: true }).waitFor()
    await end
      .getByText('Sign in as alice@home.example, or switch this connection to bob@home.example.')
      .waitFor()
    // The grant stays valid for a switch, until the user closes the result.
    await dialog(page).getByRole('button', { name: 'Switch to this account…' }).waitFor()
    expect(await hub.provider.living('bob')).toBe(1)
    await close(page)
    await eventually(async () => expect(await hub.provider.living('bob')).toBe(0))
    await page.getByRole('region', { name: '1 connection needs attention' }).waitFor()

    await repair(page)
    await signIn(page, 'alice')
    await done(page, 'alice@home.example is connected again.')
    await page.getByRole('region', { name: '1 connection needs attention' }).waitFor({ state: 'detached' })

    // Only the callback URLs contain the service's answer.
    const ours = visited.filter((url) => url.startsWith(new URL(hub.url).origin))
    const answers = ours.filter((url) => /[?&](code|state)=/.test(url))
    expect(answers.map((url) => new URL(url).pathname)).toEqual(Array(4).fill('/oauth/callback/account'))
    await leave()
  })

  it('shows that the user denied access, and offers the sign-in again', async () => {
    const { page, close: leave } = await open()
    await choose(page, 'In this browser')
    await dialog(page)
      .getByRole('button', { name: /^Continue to/ })
      .click()
    await page.getByRole('button', { name: 'Refuse' }).click()
    await dialog(page).getByText('Access was denied at Example account.').waitFor()
    await dialog(page).getByRole('button', { name: 'Cancel' }).click()
    await leave()
  })

  it('adds an account with a code that is entered on another device', async () => {
    const { page, close: leave } = await open({
      deviceScaleFactor: 2,
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    await choose(page, 'With a code')
    const code = dialog(page).getByTestId('user-code')
    await dialog(page).getByText('Waiting for you to finish signing in…').waitFor()
    await code.waitFor()
    await page.route(/\/flows\//, (route) => route.abort())
    await page.getByText('Sign-in with a code: showing_code').waitFor()
    await page.locator('.statechart-box .node.active').waitFor({ state: 'attached' })
    // The whole flow would say less than its sign-in.
    expect(await page.locator('.statechart-box').count()).toBe(1)
    await dialog(page)
      .getByText(/Expires in/)
      .waitFor()
    expect((await dialog(page).locator('.lk-foot button').allInnerTexts()).slice(-2)).toEqual([
      'Back',
      'Cancel',
    ])
    const copy = dialog(page).getByRole('button', { name: 'Copy code' })
    await copy.and(page.locator(':focus')).waitFor()
    await copy.click()
    const shown = await code.innerText()
    await eventually(async () =>
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(shown),
    )
    const address = (await dialog(page).getByRole('link', { name: 'Open page' }).getAttribute('href')) ?? ''
    expect(address).toContain(shown)
    const qr = await dialog(page)
      .getByRole('img', { name: /^QR code/ })
      .screenshot()
    const { data, width, height } = await pixelsOf(browser, qr)
    expect(jsqr.default(data, width, height)?.data).toBe(address)
    expect(await violations(page)).toEqual([])
    const away = dialog(page).getByText('Latchkey isn’t responding.')
    await away.waitFor()
    expect(await dialog(page).getByText('Waiting for you').count()).toBe(0)
    await page.unroute(/\/flows\//)
    const elsewhere = await (await openContext(browser)).newPage()
    await elsewhere.goto(address)
    await elsewhere.getByRole('button', { name: 'Continue' }).click()
    await away.waitFor({ state: 'detached' })
    await elsewhere.getByRole('button', { name: 'Sign in as bob@' }).click()
    await elsewhere.getByText('Continue on your device.').waitFor()
    await done(page, 'is connected.')
    await leave()
  })
})

describe('the page on a phone', () => {
  it('offers first to copy the code and to open the page, and shows the QR code on demand', async () => {
    const { page, close: leave } = await open(PHONE)
    await choose(page, 'With a code')
    await dialog(page).getByTestId('user-code').waitFor()
    const first = dialog(page).getByRole('link', { name: 'Copy code and open page' })
    await first.and(page.locator(':focus')).waitFor()
    expect(await violations(page)).toEqual([])
    const top = async (name: string) =>
      (await dialog(page).getByRole('button', { name }).boundingBox())?.y ?? 0
    expect(await top('Back')).toBeLessThan(await top('Cancel'))
    const qr = dialog(page).getByRole('img', { name: /^QR code/ })
    expect(await qr.count()).toBe(0)
    await dialog(page).getByRole('button', { name: 'Show QR code' }).click()
    await qr.waitFor()
    await leave()
  })
})

describe('a browser that returns from a sign-in it did not start', () => {
  const origin = (): string => new URL(hub.url).origin
  const start = async (): Promise<string> => {
    const menu = await hub.latchkey.flows.start({ domain: 'account', source: 'user' })
    return (await hub.latchkey.flows.choose(menu.flowId, 'browser', menu)).flowId
  }
  /** Signs in with another browser. Returns the URL that the service redirects to. */
  async function begin(flowId: string, user: string): Promise<string> {
    const { flows, signIns } = hub.latchkey
    const { revision } = await flows.get(flowId)
    const redirectUri = `${origin()}/oauth/callback/account`
    const begun = await flows.authorize(flowId, { revision, redirectUri })
    const address = await signIns.redirect(flowId, begun.browser ?? '')
    const { url } = await new SignInBrowser().signIn(address ?? '', user, ({ href }) =>
      href.startsWith(redirectUri),
    )
    return url.href
  }
  const alert = (page: Page, text: string) => page.getByRole('alert').getByText(text)

  it('shows in its language that another browser started the sign-in, and can start it here', async () => {
    const back = await begin(await start(), 'alice')
    const { page, close: leave } = await openKept(browser, { locale: 'de-DE' })
    await page.goto(hub.url)
    await page.getByRole('button', { name: 'Verbindung hinzufügen' }).waitFor()
    await page.goto(back)
    await alert(page, 'Diese Anmeldung wurde in einem anderen Browser begonnen.').waitFor()
    expect(new URL(page.url())).toMatchObject({ search: '', pathname: '/' })
    await dialog(page)
      .getByRole('button', { name: /^Weiter zu/ })
      .click()
    await page.getByRole('button', { name: 'Sign in as bob@' }).click()
    await dialog(page)
      .getByText(/verbunden/)
      .waitFor()
    expect(await alert(page, 'Diese Anmeldung').count()).toBe(0)
    await leave()
  })

  it('finishes the sign-in of a service that posts a form from its page', async () => {
    const { page, close: leave } = await open()
    const { flows, signIns } = hub.latchkey
    const view = await flows.get(await start())
    const redirectUri = `${origin()}/oauth/callback/account`
    const { browser: token } = await flows.authorize(view.flowId, { ...view, redirectUri })
    const address = await signIns.redirect(view.flowId, token ?? '')
    const { url } = await new SignInBrowser().signIn(address ?? '', 'bob', ({ href }) =>
      href.startsWith(redirectUri),
    )
    const cookie = { name: `latchkey-${view.flowId}`, value: `page.${token}`, path: '/oauth' }
    await page.context().addCookies([{ ...cookie, domain: '127.0.0.1', sameSite: 'Lax', httpOnly: true }])
    const inputs = [...url.searchParams].map(([name, value]) => `<input name="${name}" value="${value}">`)
    const body = `<form method="post" action="${redirectUri}">${inputs.join('')}<button>Back</button></form>`
    await page.route('http://service.example/', (route) => route.fulfill({ contentType: 'text/html', body }))
    await page.goto('http://service.example/')
    const posted = page.waitForRequest((request) => request.method() === 'POST')
    await page.getByRole('button', { name: 'Back' }).click()
    const headers = await (await posted).allHeaders()
    expect([headers.origin, headers.cookie]).toEqual(['http://service.example', undefined])
    await dialog(page)
      .getByText(/already connected|is connected/)
      .waitFor()
    await leave()
  })

  it('shows that the sign-in has expired, and can start it again', async () => {
    const { page, close: leave } = await open()
    const flowId = await start()
    const late = await begin(flowId, 'alice')
    await begin(flowId, 'alice')
    await page.goto(late)
    await alert(page, 'The sign-in took too long. Start again.').waitFor()
    expect(page.url()).not.toContain('callback')
    await signIn(page, 'alice')
    await dialog(page)
      .getByText(/already connected|is connected/)
      .waitFor()
    await leave()
  })

  it('shows the reason on the page if the flow is unknown, until the user closes it', async () => {
    const { page, close: leave } = await open()
    await page.goto(`${origin()}/oauth/callback/account?state=made-up&code=x`)
    const notice = alert(page, 'This sign-in was started in another browser.')
    await notice.waitFor()
    expect(new URL(page.url()).search).toBe('')
    await page.getByRole('alert').getByRole('button', { name: 'Close' }).click()
    await notice.waitFor({ state: 'detached' })
    await page.goto(`${origin()}/?callback=something`)
    await page.getByRole('heading', { name: 'Simulated services' }).waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
    expect(new URL(page.url()).search).toBe('')
    await leave()
  })

  it('refers to the original window if it has no token', async () => {
    const { page, close: leave } = await openKept(browser)
    await page.goto(`${origin()}/oauth/callback/account?state=made-up&code=x`)
    await alert(page, 'This sign-in was started in another window.').waitFor()
    await page.getByRole('heading', { name: 'Open Latchkey with its full address' }).waitFor()
    await leave()
  })
})
