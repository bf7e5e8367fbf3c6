import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { canaries, leaksIn, wordsIn } from './canaries.ts'
import { plain } from './canary-service.ts'
import { sinks, textsOf } from './sinks.ts'
import { OWNED, PATH, shown, WebhookStory } from './webhook-story.ts'

const story = new WebhookStory()
beforeAll(() => story.play())
afterAll(() => story.clear())

const all = [
  ...sinks.flatMap(({ name, look }) => {
    const shows = shown[name]
    return shows === undefined ? [] : [{ name, shows, look: () => look(story.world) }]
  }),
  { name: 'the database files', shows: PATH, look: () => story.world.files },
  {
    name: 'requests to receivers',
    shows: plain.title,
    look: () => story.server.received.map(({ headers, body }) => ({ headers, body })),
  },
]

const leaks = (text: string): string[] => [...leaksIn(text), ...wordsIn(text, story.words)]

describe('the story of webhooks', () => {
  it('came by every event, answer, refusal and failure', () => {
    const { world, server } = story
    expect(new Set(server.types)).toEqual(
      new Set(['entry.added', 'entry.reauth_required', 'entry.repaired', 'entry.removed', 'webhook.test']),
    )
    const lists = JSON.stringify(world.lists)
    for (const status of [200, 307, 410, 500]) expect(lists).toContain(`"status":${status}`)
    for (const code of ['cannot_connect', 'not_signed', 'gone']) expect(lists).toContain(`"${code}"`)
    expect(new Set(world.errors.map((error) => (error as { code?: unknown }).code))).toEqual(
      new Set(['INVALID_INPUT', 'REAUTH_REQUIRED']),
    )
    const messages = world.lines.map(({ message }) => message)
    expect(messages).toEqual(
      expect.arrayContaining(['A webhook was turned off.', 'A webhook could not be signed.']),
    )
    expect(JSON.stringify(world.attention)).toContain('webhook_off')
  })

  it('has signing secrets that are found in each form', () => {
    expect(story.secrets).toHaveLength(6)
    for (const secret of story.secrets) {
      const bytes = Buffer.from(secret.slice('whsec_'.length), 'base64')
      for (const text of [
        secret,
        JSON.stringify({ secret }),
        bytes.toString('hex'),
        bytes.toString('base64url'),
      ])
        expect(leaks(`x ${text} x`).length).toBeGreaterThan(0)
    }
    expect(leaks(`x ${canaries.answer}`).length).toBeGreaterThan(0)
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

  it('show no field value, no signing secret and no answer of a receiver', () => {
    const leak = texts.find((text) => leaks(text).length > 0)
    expect(leak === undefined ? null : { words: leaks(leak), text: leak.slice(0, 3_000) }).toBeNull()
  })
})

describe('the path of a webhook', () => {
  it.each(all.filter(({ name }) => !OWNED.includes(name)))('is not in $name', async ({ look }) => {
    const texts = (await look()).flatMap((value) => textsOf(value))
    expect(texts.filter((text) => wordsIn(text, [PATH]).length > 0)).toEqual([])
  })
})
