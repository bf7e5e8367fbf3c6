import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { leaksIn, wordsIn } from './canaries.ts'
import { plain } from './canary-service.ts'
import { ExplainedStory } from './explained-story.ts'
import { sinks, textsOf } from './sinks.ts'

const story = new ExplainedStory()
beforeAll(() => story.play())
afterAll(() => story.world.clear())

/** The plain value that each sink must show, as a positive control. */
const shown: Readonly<Record<string, string>> = {
  'HTTP replies': plain.host,
  'the event stream': plain.domain,
  views: plain.client,
  lists: plain.title,
  histories: plain.principal,
  'events of every type': plain.domain,
  'inspector messages': plain.domain,
  'log lines': plain.domain,
  'stored rows': plain.host,
  'the database files': plain.host,
}

describe('an integration that quotes secrets to the user', () => {
  it('came by a form before a sign-in, a choice after it, pages of choices, options and a removal', () => {
    const { views, rows } = story.world
    expect([...story.quoted].sort()).toEqual([
      'begin',
      'choices',
      'connect',
      'finish',
      'onRemove',
      'options',
      'select',
    ])
    const all = JSON.stringify(views)
    for (const code of [
      'plain_code',
      'plain_reason',
      'setup_error',
      'wrong_account',
      'create_entry',
      'options_successful',
    ])
      expect(all).toContain(`"${code}"`)
    expect(all).toContain(`${plain.client} [secret]`)
    expect(JSON.stringify(rows)).toContain('entry-removal@1')
  })
})

describe.each(sinks.filter(({ name }) => Object.hasOwn(shown, name)))('$name', ({ name, look }) => {
  let texts: string[] = []
  beforeAll(async () => {
    texts = [...new Set((await look(story.world)).flatMap((value) => textsOf(value)))]
  })

  it('show a plain value', () => {
    expect(texts.some((text) => wordsIn(text, [shown[name] as string]).length > 0)).toBe(true)
  })

  it('show no byte of a secret', () => {
    const leak = texts.find((text) => leaksIn(text).length > 0)
    expect(leak === undefined ? null : { words: leaksIn(leak), text: leak.slice(0, 3_000) }).toBeNull()
  })
})
