import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { canaries, leaksIn, wordsIn } from './canaries.ts'
import { plain } from './canary-service.ts'
import { CanaryWorld } from './canary-world.ts'
import { places, quotes } from './quotes.ts'
import { sinks, textsOf } from './sinks.ts'

const world = new CanaryWorld()
const { host, domain, principal } = plain
const whole = { host, password: canaries.password, apikey: canaries.apikey }
const wrong: readonly unknown[] = [
  canaries.password,
  [canaries.password],
  { ...whole, host: 5 },
  { ...whole, password: canaries.password.slice(0, 10) },
  { ...whole, apikey: [canaries.apikey] },
  { ...whole, [canaries.keyname]: canaries.keyname },
]

/** Makes the calls as a host, and over HTTP. */
async function start(request: object): Promise<void> {
  await world.act(({ flows }) => flows.start({ domain, ...request } as never, { principal }))
  const body = JSON.stringify({ domain, ...request })
  for (const text of [body, body.slice(0, -1)]) await world.ask('POST', '/flows', { body: text })
}

beforeAll(async () => {
  await world.open()
  const announced = { uniqueId: plain.account, title: plain.title, key: plain.account }
  for (const input of wrong) await start({ source: 'import', input })
  for (const values of [whole, ...wrong])
    await start({ source: 'discovery', discovery: { ...announced, values } })
  for (const uniqueId of [5, [canaries.wrong], { [canaries.keyname]: canaries.wrong }]) {
    await start({ source: 'discovery', discovery: { ...announced, uniqueId, values: { host } } })
  }
  await start({ source: 'discovery', discovery: { ...announced, values: { host }, extra: canaries.wrong } })
  world.service.refine((text) => {
    throw new Error(`${plain.error} ${text}`, { cause: text })
  })
  await start({ source: 'import', input: whole })
  world.service.refine(() => true)
  for (const quote of Object.values(quotes)) {
    for (const place of Object.values(places)) {
      world.service.answer = ({ password, apikey = '' }) => {
        throw place(`${plain.error} ${quote(password)} ${quote(apikey)}`)
      }
      await world.act(({ flows }) => flows.start({ domain, source: 'import', input: whole }))
    }
  }
  world.service.answer = () => ({ challenge: 'otp', state: canaries.state })
  await start({ source: 'import', input: whole })
  await world.look()
  world.service.answer = () => world.service.connected()
  const found = await world.act(({ flows }) =>
    flows.start({ domain, source: 'discovery', discovery: { ...announced, values: { host } } }),
  )
  await world.look()
  await world.submit(found, { password: canaries.password.slice(0, 10) })
  for (const _ of ['new', 'known']) await start({ source: 'import', input: whole })
  world.entryId = (await world.latchkey.entries.list()).items[0]?.entryId ?? ''
  await world.look()
  await world.stop()
})
afterAll(() => world.clear())

const shown: Readonly<Record<string, string>> = {
  'HTTP replies': plain.title,
  'the event stream': domain,
  views: plain.title,
  lists: plain.title,
  histories: principal,
  'events of every type': domain,
  'inspector messages': domain,
  'log lines': plain.error,
  'thrown errors': 'INVALID_INPUT',
  'stored rows': plain.host,
  'the database files': plain.host,
}

describe('imports and discoveries', () => {
  it('came by every end of both', () => {
    const ends = world.views.flatMap((view) => (view as { reason?: string; type: string }).reason ?? [])
    expect(new Set(ends)).toEqual(
      new Set([
        'invalid_auth',
        'cannot_connect',
        'setup_error',
        'rate_limited',
        'unknown',
        'challenge_required',
        'already_configured',
        'already_in_progress',
      ]),
    )
    expect(JSON.stringify(world.views)).toContain('"create_entry"')
    expect(JSON.stringify(world.views)).toContain('"discovery_confirm"')
  })
})

describe.each(sinks.filter(({ name }) => Object.hasOwn(shown, name)))('$name', ({ name, look }) => {
  let texts: string[] = []
  beforeAll(async () => {
    texts = [...new Set((await look(world)).flatMap((value) => textsOf(value)))]
  })

  it('show a plain value', () => {
    expect(texts.some((text) => wordsIn(text, [shown[name] as string]).length > 0)).toBe(true)
  })

  it('show no byte of a secret', () => {
    const leak = texts.find((text) => leaksIn(text).length > 0)
    expect(leak === undefined ? null : { words: leaksIn(leak), text: leak.slice(0, 3_000) }).toBeNull()
  })
})
