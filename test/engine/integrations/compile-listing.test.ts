import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { defineIntegration, defineIntegrationWithMethods } from '../../../src/authoring/integration.ts'
import { secret } from '../../../src/authoring/secret.ts'
import { createLatchkey } from '../../../src/engine/create-latchkey.ts'
import { checkTexts } from '../../../src/testing/index.ts'

const ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>'
const fields = z.object({
  token: secret().meta({
    title: 'Token',
    description: 'Under Settings',
    helpUrl: 'https://hub.example/token',
  }),
})
const base = {
  domain: 'hub',
  title: 'Hub',
  fields,
  connect: async () => ({ client: null, uniqueId: null }),
} as const
const german = { data: { token: 'Token' }, data_description: { token: 'Unter Einstellungen' } }
const start = (spec: object) =>
  createLatchkey({ integrations: [{ ...base, ...spec } as never], store: memoryStore() })

describe('latchkey.integrations', () => {
  it('has what an integration says of itself, in the language of the call', async () => {
    const latchkey = await createLatchkey({
      integrations: [
        defineIntegration({
          ...base,
          icon: ICON,
          description: 'Local devices through a hub',
          category: 'home',
          docs: 'https://hub.example/docs',
          keywords: ['zigbee', 'bridge'],
          singleInstance: true,
          texts: { de: { ...german, title: 'Zentrale', description: 'Lokale Geräte über eine Zentrale' } },
        }),
      ],
      store: memoryStore(),
    })
    const hub = {
      domain: 'hub',
      title: 'Hub',
      options: false,
      subentries: [],
      icon: `data:image/svg+xml,${encodeURIComponent(ICON).replace(/%(?:20|2F|3A|3D)/g, decodeURIComponent)}`,
      description: 'Local devices through a hub',
      category: 'home',
      docs: 'https://hub.example/docs',
      keywords: ['zigbee', 'bridge'],
      singleInstance: true,
    }
    expect(latchkey.integrations).toEqual([hub])
    expect(latchkey.scope('home', { language: 'de' }).integrations).toEqual([
      { ...hub, title: 'Zentrale', description: 'Lokale Geräte über eine Zentrale' },
    ])
  })

  it('has only the domain and the title of one that says nothing', async () => {
    const latchkey = await start({ keywords: [], singleInstance: false })
    expect(latchkey.integrations).toEqual([{ domain: 'hub', title: 'Hub', options: false, subentries: [] }])
  })

  it('has the sign-in methods, with their labels by language', async () => {
    const browser = {
      grant: 'code',
      begin: async () => 'https://login.example',
      finish: async () => ({ type: 'rejected' as const }),
    } as const
    const latchkey = await createLatchkey({
      integrations: [
        defineIntegrationWithMethods({
          domain: 'account',
          title: 'Account',
          stored: fields,
          methods: {
            browser: { title: 'In this browser', authorize: browser },
            token: { title: 'With a token', fields },
          },
          connect: base.connect,
          texts: {
            de: { ...german, step: { pick_method: { menu_options: { token: 'Mit einem Token' } } } },
          },
        }),
      ],
      store: memoryStore(),
    })
    expect(latchkey.scope('home', { language: 'de' }).integrations[0]?.methods).toEqual([
      { name: 'browser', title: 'In this browser', kind: 'code' },
      { name: 'token', title: 'Mit einem Token', kind: 'form' },
    ])
  })
})

describe('createLatchkey', () => {
  const line = (rest: string) => `Integration "hub": ${rest}`

  it.each([
    [
      'icon',
      { icon: '<p>' },
      'icon is not an <svg> element with xmlns="http://www.w3.org/2000/svg". Use the text of an SVG, or a data: URL of an SVG, PNG or WebP, of at most 4 kB.',
    ],
    [
      'long description',
      { description: 'x'.repeat(61) },
      'description is not a line of 1 to 60 characters. Shorten it.',
    ],
    [
      'empty description',
      { description: ' ' },
      'description is not a line of 1 to 60 characters. Shorten it.',
    ],
    [
      'description of two lines',
      { description: 'a\nb' },
      'description is not a line of 1 to 60 characters. Shorten it.',
    ],
    [
      'description that is not a text',
      { description: 7 },
      'description is not a line of 1 to 60 characters. Shorten it.',
    ],
    [
      'category',
      { category: 'House' },
      'category is not one of home, calendar, messaging, files, developer, media, finance, other. Use "other" if none fits.',
    ],
    [
      'docs without https',
      { docs: 'http://hub.example' },
      'docs is "http://hub.example". Use a URL that starts with https:.',
    ],
    [
      'docs with a script',
      { docs: 'javascript:alert(1)' },
      'docs is "javascript:alert(1)". Use a URL that starts with https:.',
    ],
    [
      'docs with a password',
      { docs: 'https://me:geheim@hub.example' },
      'docs contains a user name or a password. Remove it.',
    ],
    ['docs that are not a text', { docs: 7 }, 'docs is 7. Use a URL that starts with https:.'],
    [
      'keywords',
      { keywords: 'zigbee' },
      'keywords are not up to 20 words of 1 to 40 characters. Remove the others.',
    ],
    [
      'too many keywords',
      { keywords: Array(21).fill('x') },
      'keywords are not up to 20 words of 1 to 40 characters. Remove the others.',
    ],
    [
      'an empty keyword',
      { keywords: [''] },
      'keywords are not up to 20 words of 1 to 40 characters. Remove the others.',
    ],
    [
      'code of help',
      { help: { 'Invalid auth': {} } },
      'help names the code "Invalid auth". Use lower-case letters, digits and underscores.',
    ],
    [
      'url of help',
      { help: { invalid_auth: { url: 'hub.example' } } },
      'the url of help.invalid_auth is "hub.example". Use a URL that starts with https:.',
    ],
    [
      'text of help',
      { help: { invalid_auth: { text: '<b>no</b>' } } },
      'the en text "advice.invalid_auth" contains HTML. Use plain text.',
    ],
    [
      'help of a field',
      { fields: z.object({ host: z.string().meta({ helpUrl: 'ftp://x' }) }) },
      'the helpUrl of the field "host" is "ftp://x". Use a URL that starts with https:.',
    ],
  ])('names an invalid %s and its integration', async (_, spec, why) => {
    const made = start(spec)
    await expect(made).rejects.toMatchObject({ code: 'INTEGRATION', domain: 'hub' })
    await expect(made).rejects.toThrow(line(why))
  })

  it('shows the link that explains a field, also of a secret', async () => {
    const latchkey = await start({})
    const view = await latchkey.flows.start({ domain: 'hub', source: 'user' })
    expect(view).toHaveProperty('schema.properties.token.helpUrl', 'https://hub.example/token')
  })
})

describe('checkTexts', () => {
  const found = (spec: object) => checkTexts({ ...base, ...spec } as never).map(({ message }) => message)

  it('requires the description and the advice of an integration in each of its languages', () => {
    const spec = { description: 'A hub', help: { invalid_auth: { text: 'Press the button.' } } }
    expect(found({ ...spec, texts: { de: german } })).toEqual([
      'Integration "hub": the de text "description" is missing.',
      'Integration "hub": the de text "advice.invalid_auth" is missing.',
    ])
    const whole = { ...german, description: 'Eine Zentrale', advice: { invalid_auth: 'Knopf drücken.' } }
    expect(found({ ...spec, texts: { de: whole } })).toEqual([])
    expect(found({ ...spec, texts: { de: { ...whole, description: 'x'.repeat(61) } } })).toEqual([
      'Integration "hub": the de text "description" is longer than 60 characters. Shorten it.',
    ])
  })
})
