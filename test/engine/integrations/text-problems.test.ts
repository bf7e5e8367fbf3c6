import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { type AnyIntegration, defineIntegration } from '../../../src/authoring/integration.ts'
import { secret } from '../../../src/authoring/secret.ts'
import { createLatchkey } from '../../../src/engine/create-latchkey.ts'
import { checkTexts } from '../../../src/testing/index.ts'

const base = {
  domain: 'hub',
  title: 'Hub',
  fields: z.object({
    host: z.string().meta({ title: 'Host', description: 'Its address' }),
    token: secret().meta({ title: 'Token' }),
  }),
  challenges: { otp: z.object({ code: secret().meta({ title: 'Code' }) }) },
  connect: async () => ({ client: null, uniqueId: null }),
}
const data = { host: 'Adresse', token: 'Schlüssel' }
const german = {
  data,
  data_description: { host: 'Wo es steht' },
  step: { otp: { data: { code: 'Code' } } },
}
const withTexts = (texts: object): AnyIntegration => ({ ...base, texts: texts as never })
const found = (texts: object) => checkTexts(withTexts(texts)).map(({ language, key }) => `${language} ${key}`)

describe('checkTexts', () => {
  it('finds nothing where every language says everything', () => {
    expect(checkTexts(base)).toEqual([])
    expect(found({ de: german })).toEqual([])
    expect(found({ de: german, en: {} })).toEqual([])
    expect(found({ de: { ...german, title: 'Zentrale' }, 'de-AT': german })).toEqual([])
  })

  it('lets an integration replace the standard texts', () => {
    const own = {
      flow_title: { user: '{name} koppeln' },
      submit: { last: 'Koppeln' },
      step: {
        ...german.step,
        replace_confirm: { description: '{account} statt {name}?' },
        user: { title: 'Kopplung', description: 'Für {name}.', submit: 'Los' },
      },
      error: { cannot_connect: '{name} schweigt.', pin_too_old: 'Die PIN ist abgelaufen.' },
      abort: { already_configured: 'Gibt es schon.' },
      progress: { checkingConnection: '{name} wird gefragt …' },
      create_entry: '{name} ist da.',
      attention: { invalid_auth: '{name} will ein neues Passwort.' },
    }
    expect(found({ de: { ...german, ...own } })).toEqual([])
  })

  it('requires the titles of sub-entries and their fields in every language', () => {
    const room = {
      title: 'Room',
      fields: z.object({ name: z.string().meta({ title: 'Name' }) }),
      name: () => ({ title: 'x' }),
    }
    const under = (texts: object) =>
      checkTexts({ ...base, subentries: { room }, texts: { de: { ...german, ...texts } } as never })
    expect(under({}).map(({ key }) => key)).toEqual(['step.room.data.name', 'subentries.room'])
    const step = { ...german.step, room: { title: 'Raum von {name}', data: { name: 'Name' } } }
    const said = { step, subentries: { room: 'Raum' }, create_subentry: 'Da ist er.' }
    expect(under(said)).toEqual([])
    const wrong = { ...said, subentries: { room: '{name}', lamp: 'Lampe' } }
    expect(under(wrong).map(({ key }) => key)).toEqual(['subentries.room', 'subentries.lamp'])
  })

  it.each([
    ['a label is missing', { de: { ...german, data: { host: 'Adresse' } } }, ['de data.token']],
    ['help is missing', { de: { ...german, data_description: {} } }, ['de data_description.host']],
    ['a challenge has no label', { de: { ...german, step: {} } }, ['de step.otp.data.code']],
    [
      'a language lacks what another says',
      { de: { ...german, error: { pin_too_old: 'Zu alt.' } }, en: {} },
      ['en error.pin_too_old'],
    ],
    ['a field is not there', { de: { ...german, data: { ...data, prot: 'Port' } } }, ['de data.prot']],
    [
      'a step is not there',
      { de: { ...german, step: { ...german.step, usr: { title: 'Kopplung' } } } },
      ['de step.usr.title'],
    ],
    [
      'a step does not have the field',
      { de: { ...german, step: { otp: { data: { code: 'Code', host: 'Adresse' } } } } },
      ['de step.otp.data.host'],
    ],
    ['a code is invalid', { de: { ...german, error: { 'Not-A-Code': 'Nein.' } } }, ['de error.Not-A-Code']],
    ['a placeholder is unknown', { de: { ...german, create_entry: '{title} da.' } }, ['de create_entry']],
    [
      'a label has a placeholder',
      { de: { ...german, data: { ...data, host: 'Von {name}' } } },
      ['de data.host'],
    ],
    [
      'placeholders differ',
      { de: { ...german, create_entry: '{name} da.' }, en: { create_entry: 'Here.' } },
      ['en create_entry'],
    ],
    ['a message is broken', { de: { ...german, create_entry: '{name da.' } }, ['de create_entry']],
    ['a placeholder is quoted', { de: { ...german, create_entry: "'{name}' da." } }, ['de create_entry']],
    ['a text holds HTML', { de: { ...german, create_entry: '<b>{name}</b> da.' } }, ['de create_entry']],
    ['a text is empty', { de: { ...german, create_entry: ' ' } }, ['de create_entry']],
    ['a language is invalid', { de_AT: german }, ['de_AT *']],
    ['a language is not written as it is', { 'de-at': german }, ['de-at *']],
  ])('tells where %s', (_, texts, expected) => {
    expect(found(texts)).toEqual(expected)
  })
})

describe('createLatchkey, given texts with a mistake', () => {
  const start = (texts: object) => createLatchkey({ integrations: [withTexts(texts)], store: memoryStore() })

  it('names the integration, the language and the key', async () => {
    const made = start({ de: { ...german, data: { host: 'Adresse' } } })
    await expect(made).rejects.toMatchObject({ code: 'INTEGRATION', domain: 'hub' })
    await expect(made).rejects.toThrow('Integration "hub": the de text "data.token" is missing.')
    await expect(start({ de: { ...german, create_entry: '{name' } })).rejects.toThrow(
      /^Integration "hub": the de text "create_entry" is not a valid ICU message: /,
    )
  })

  it('refuses an invalid language', async () => {
    const made = createLatchkey({ integrations: [], store: memoryStore(), language: 'de_DE' })
    await expect(made).rejects.toThrow('Invalid language "de_DE". Use a tag such as en or de-AT.')
  })
})

it('is checked by types where possible', () => {
  defineIntegration({ ...base, texts: { de: { data, step: { otp: { data: { code: 'Code' } } } } } })
  // @ts-expect-error: unknown field
  defineIntegration({ ...base, texts: { de: { data: { prot: 'Port' } } } })
})
