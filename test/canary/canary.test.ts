import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { memoryStore } from '../../src/adapters/memory/memory-store.ts'
import { type Cipher, createLatchkey, type FlowRecord, type Page } from '../../src/index.ts'
import { canaries, leaksIn, names, wordsIn } from './canaries.ts'
import { CanaryService, plain } from './canary-service.ts'
import { playCanaryStory } from './canary-story.ts'
import { CanaryWorld } from './canary-world.ts'
import { quotes } from './quotes.ts'
import { sinks, textsOf } from './sinks.ts'

const world = new CanaryWorld()
beforeAll(() => playCanaryStory(world))
afterAll(() => world.clear())

describe('the canary', () => {
  it.each(Object.entries(quotes))('is found in %s', (_, quote) => {
    for (const name of names) expect(leaksIn(quote(canaries[name])).length).toBeGreaterThan(0)
  })

  it.each([
    ['hex', (text: string) => Buffer.from(text).toString('hex')],
    ['an inspected buffer', (text: string) => `${Buffer.from(text).toString('hex').match(/../g)?.join(' ')}`],
    ['UTF-16', (text: string) => Buffer.from(text, 'utf16le').toString('latin1')],
    ['upper case', (text: string) => text.toUpperCase()],
    ['a part of it', (text: string) => text.slice(2, 45)],
  ])('is found in %s', (_, form) => {
    for (const name of names) expect(leaksIn(`x ${form(canaries[name])}`).length).toBeGreaterThan(0)
  })

  it('is not found in a clean text', () => {
    expect(leaksIn(JSON.stringify(plain))).toEqual([])
  })
})

describe('the story', () => {
  it('came by every kind of log line, error, end and event', () => {
    const codes = world.errors.map((error) => (error as { code?: unknown }).code)
    expect(new Set(codes)).toEqual(
      new Set([
        'UNKNOWN_DOMAIN',
        'INVALID_INPUT',
        'STALE_REVISION',
        'FLOW_ENDED',
        'REAUTH_REQUIRED',
        'WRONG_STEP',
        plain.error,
      ]),
    )
    expect(new Set(world.lines.map(({ level }) => level))).toEqual(new Set(['info', 'warn', 'error']))
    const types = new Set(world.events.map((event) => (event as { type: string }).type))
    // Batched every five seconds, so only a slow run sees it.
    types.delete('entries_checked')
    expect(types.size).toBe(14)
    const shown = JSON.stringify(world.views)
    for (const code of [
      'unknown',
      'timeout',
      'cannot_connect',
      'invalid_auth',
      'rate_limited',
      'failed_unload',
    ])
      expect(shown).toContain(`"${code}"`)
    for (const end of [
      'create_entry',
      'wrong_account',
      'reauth_successful',
      'reconfigure_successful',
      'replace_confirm',
      'cancelled',
    ])
      expect(shown).toContain(`"${end}"`)
  })
})

describe.each(sinks)('$name', ({ shows, look, depth }) => {
  let texts: string[] = []
  beforeAll(async () => {
    texts = [...new Set((await look(world)).flatMap((value) => textsOf(value, depth)))]
  })

  it('show a plain value', () => {
    expect(texts.some((text) => wordsIn(text, [shows]).length > 0)).toBe(true)
  })

  it('show no byte of a secret', () => {
    const leak = texts.find((text) => leaksIn(text).length > 0)
    expect(leak === undefined ? null : { words: leaksIn(leak), text: leak.slice(0, 3_000) }).toBeNull()
  })
})

describe('a cipher whose errors quote the plain text', () => {
  const complain = (text: string): never => {
    throw new Error(`${plain.error}: ${text}`, { cause: text })
  }
  const openWith = async (service: CanaryService, cipher: Cipher, seen: unknown[]) => {
    const write = (fields: unknown, message: string) => seen.push({ message, fields })
    const log = { info: write, warn: write, error: write }
    return createLatchkey({ integrations: [service.integration], store: memoryStore(), cipher, log })
  }
  const sealed: Cipher = { seal: async (text) => complain(text), open: async (text) => complain(text) }

  it.each([
    ['an entry', (service: CanaryService) => service.connected()],
    ['a draft', () => ({ challenge: 'otp' as const, state: canaries.state })],
  ])('is not quoted for %s in logs and errors', async (_, answer) => {
    const seen: unknown[] = []
    const service = new CanaryService()
    const latchkey = await openWith(service, sealed, seen)
    service.answer = () => answer(service)
    const form = await latchkey.flows.start({ domain: plain.domain, source: 'user' })
    const input = { host: plain.host, password: canaries.password, apikey: canaries.apikey }
    await latchkey.flows.submit(form.flowId, input, form).then(
      (view) => seen.push(view),
      (error: unknown) => seen.push(error),
    )
    await latchkey.stop()
    const texts = seen.flatMap((value) => textsOf(value))
    expect(texts.some((text) => text.includes('could not encrypt'))).toBe(true)
    expect(texts.some((text) => text.includes(plain.error))).toBe(true)
    expect(texts.flatMap(leaksIn)).toEqual([])
  })

  it('is not quoted if a value is not JSON', async () => {
    const seen: unknown[] = []
    const service = new CanaryService()
    const garbled: Cipher = { seal: async () => 'sealed', open: async () => canaries.password }
    const latchkey = await openWith(service, garbled, seen)
    const form = await latchkey.flows.start({ domain: plain.domain, source: 'user' })
    const { entryId } = await latchkey.flows.submit(
      form.flowId,
      { host: plain.host, password: canaries.password },
      form,
    )
    await latchkey.entries.reload(entryId ?? '').then((view) => seen.push(view))
    await latchkey.stop()
    const texts = seen.flatMap((value) => textsOf(value))
    expect(texts.some((text) => text.includes('could not be decrypted'))).toBe(true)
    expect(texts.flatMap(leaksIn)).toEqual([])
  })
})

/** The results that name accounts or an entry, and the member that has the names. */
const naming: ReadonlyMap<unknown, string> = new Map([
  ['wrong_account', 'accounts'],
  ['already_configured', 'existing'],
])

function namesOf(member: string): unknown {
  const name = { title: expect.any(String), account: expect.any(String) }
  const expected = { ...name, entryId: expect.any(String) }
  if (member === 'accounts') return { expected, found: name }
  return { title: expect.any(String), entryId: expect.any(String) }
}

describe('a tombstone', () => {
  it('holds its end, and no value or placeholder, and a title only to tell two accounts apart', () => {
    const flows = (world.rows as (Page<FlowRecord> | undefined)[]).flatMap((page) => page?.items ?? [])
    const open = flows.filter(({ flowId, open }) => flowId !== undefined && open)
    const ended = flows.filter(({ flowId, open }) => flowId !== undefined && !open)
    const told = [plain.host, plain.title]
    expect(wordsIn(JSON.stringify(open), told)).toEqual(told)
    expect(ended.length).toBeGreaterThan(0)
    expect(wordsIn(JSON.stringify(ended), [plain.host])).toEqual([])
    const unnamed = ended.filter(({ context }) => !naming.has(context.reason))
    expect(unnamed.length).toBeGreaterThan(0)
    expect(wordsIn(JSON.stringify(unnamed), told)).toEqual([])
    for (const { context, sealedDraft } of ended) {
      const { reason, subentry } = context
      const named = Object.keys(context).filter((key) => key === 'accounts' || key === 'existing')
      if (named.length > 0) expect(named).toEqual([naming.get(reason)])
      // The names of the accounts are all that it has more.
      const names = Object.fromEntries(named.map((key) => [key, namesOf(key)]))
      // Of an added sub-entry it keeps only the id.
      const under =
        subentry === undefined
          ? {}
          : { subentry: { type: 'feed', subentryId: expect.any(String), revision: null } }
      const success = expect.any(Boolean)
      expect({ context, sealedDraft }).toEqual({
        context: { reason, success, ...under, ...names },
        sealedDraft: null,
      })
    }
  })
})
