import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { memoryStore } from '../../src/adapters/memory/memory-store.ts'
import { latchkeyHandler } from '../../src/http/index.ts'
import { type Cipher, createLatchkey } from '../../src/index.ts'
import { canaries, leaksIn, wordsIn } from './canaries.ts'
import { plain } from './canary-service.ts'
import { SignInStory } from './sign-in-story.ts'
import { sinks, textsOf } from './sinks.ts'

let story: SignInStory
beforeAll(async () => {
  story = await SignInStory.play()
})
afterAll(() => story.world.clear())

/** The plain value that each sink must show, as a positive control. */
const shown: Readonly<Record<string, string>> = {
  'HTTP replies': plain.userCode,
  'the event stream': plain.userCode,
  views: plain.userCode,
  lists: plain.title,
  'the attention list': plain.title,
  histories: plain.principal,
  'events of every type': plain.domain,
  'inspector messages': plain.domain,
  'log lines': plain.error,
  'thrown errors': 'REFRESH_FAILED',
  'stored rows': plain.userCode,
  'the database files': plain.userCode,
}

/** The sinks with their plain values, and those that only a sign-in has. */
const all = [
  ...sinks.flatMap(({ name, look }) => {
    const shows = shown[name]
    return shows === undefined ? [] : [{ name, shows, look: () => look(story.world) }]
  }),
  {
    name: 'the token journal',
    shows: plain.account,
    look: () => story.world.files.filter((file) => file.toString('latin1').startsWith('{')),
  },
  { name: 'the arguments of connect', shows: plain.account, look: () => story.account.handed },
]

const leaks = (text: string): string[] => [...leaksIn(text), ...wordsIn(text, [...story.made])]

describe('the story of sign-ins', () => {
  it('covered every secret: the server received or granted each', () => {
    expect(story.authority.heard.flatMap((body) => [...new URLSearchParams(body).keys()])).toEqual(
      expect.arrayContaining([
        'code',
        'code_verifier',
        'refresh_token',
        'device_code',
        'client_secret',
        'token',
      ]),
    )
    for (const word of story.made) expect(wordsIn(`x ${encodeURIComponent(word)} y`, [word])).toEqual([word])
    expect(story.made.size).toBeGreaterThan(30)
  })

  it('came by every end, refusal and complaint of them', () => {
    const { views, replies, lines, errors } = story.world
    const shownCodes = JSON.stringify(views)
    for (const code of [
      'authorize_failed',
      'authorize_rejected',
      'cannot_connect',
      'unknown',
      'create_entry',
      'wrong_account',
      'reauth_successful',
    ])
      expect(shownCodes).toContain(`"${code}"`)
    for (const code of ['authorize_foreign', 'authorize_expired'])
      expect(replies.some((reply) => reply.includes(`callback=${code}`))).toBe(true)
    expect(new Set(lines.map(({ message }) => message))).toEqual(
      new Set([
        'A call of the integration failed.',
        'A refreshed token could not be saved. Latchkey will retry.',
        'A token could not be refreshed.',
        'An entry requires a reauthentication.',
        'An entry was loaded.',
        'An entry was repaired.',
        'An unused grant could not be revoked.',
        'The service of a removed entry could not be informed yet.',
      ]),
    )
    expect(new Set(errors.map((error) => (error as { code?: unknown }).code))).toEqual(
      new Set(['REFRESH_FAILED', 'REAUTH_REQUIRED']),
    )
  })
})

describe.each(all)('$name', ({ shows, look }) => {
  let texts: string[] = []
  beforeAll(async () => {
    texts = [...new Set((await look()).flatMap((value) => textsOf(value)))]
  })

  it('show a plain value', () => {
    expect(texts.some((text) => wordsIn(text, [shows]).length > 0)).toBe(true)
  })

  it('show no byte of what a sign-in is made of', () => {
    const leak = texts.find((text) => leaks(text).length > 0)
    expect(leak === undefined ? null : { words: leaks(leak), text: leak.slice(0, 3_000) }).toBeNull()
  })
})

describe('a cipher whose errors quote the sealed value', () => {
  it('quotes no cookie or state in logs and responses', async () => {
    const seen: unknown[] = []
    const write = (fields: unknown, message: string) => seen.push({ message, fields })
    const log = { info: write, warn: write, error: write }
    const complain = (text: string): never => {
      throw new Error(`${plain.error}: ${text}`, { cause: text })
    }
    const cipher: Cipher = { seal: async () => 'sealed', open: async (text) => complain(text) }
    const latchkey = await createLatchkey({ integrations: [], store: memoryStore(), cipher, log })
    const handler = latchkeyHandler(latchkey, { log })
    for (const [path, cookie] of [
      [`/oauth/callback/${plain.domain}?state=${encodeURIComponent(canaries.state)}`, ''],
      ['/oauth/begin/flow', `latchkey-flow=page.${encodeURIComponent(canaries.state)}`],
    ] as const) {
      const request = new Request(`http://127.0.0.1${path}`, { headers: { cookie } })
      const answer = await handler(request)
      seen.push([answer.status, ...answer.headers], await answer.text())
    }
    await latchkey.stop()
    const texts = seen.flatMap((value) => textsOf(value))
    expect(texts.filter((text) => text.includes(plain.error)).length).toBeGreaterThan(1)
    expect(texts.flatMap(leaksIn)).toEqual([])
  })
})
