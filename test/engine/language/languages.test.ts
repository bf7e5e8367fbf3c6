import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { defineIntegration } from '../../../src/authoring/integration.ts'
import { secret } from '../../../src/authoring/secret.ts'
import { CannotConnectError, FlowEndedError, StaleRevisionError } from '../../../src/errors.ts'
import type { View } from '../../../src/view.ts'
import { addEntry, asForm, atRest, loseCredential, makeHost, openForm } from '../host.ts'
import { withSubentries } from '../subentry-host.ts'

const doors = defineIntegration({
  domain: 'doors',
  title: 'Doors',
  fields: z.object({
    host: z.string().meta({ title: 'Host' }),
    pin: secret().refine((pin) => pin.reveal() !== 'old', { params: { code: 'pin_too_old' } }),
  }),
  challenges: { otp: z.object({ code: secret().meta({ title: 'Code' }) }) },
  reauth: ['host', 'pin'],
  texts: {
    en: {
      data: { pin: 'PIN' },
      data_description: { pin: 'On the back' },
      step: {
        user: { title: 'Pair {name}', data: { pin: 'First PIN' } },
        otp: { description: 'Sent by {name}.', data: { code: 'Code' } },
      },
      error: { pin_too_old: 'A new PIN is on {name}.' },
    },
    de: {
      title: 'Türen',
      data: { host: 'Adresse', pin: 'PIN-Nummer' },
      data_description: { pin: 'Auf der Rückseite' },
      step: {
        user: { title: '{name} koppeln', data: { pin: 'Erste PIN' } },
        otp: { description: 'Von {name} gesendet.', data: { code: 'Zahl' } },
      },
      error: { pin_too_old: 'Eine neue PIN steht auf {name}.' },
    },
  },
  async connect({ host }, { challenge }) {
    if (host === 'far') throw new CannotConnectError()
    if (challenge === undefined) return { challenge: 'otp' }
    return { client: null, uniqueId: host, title: '{name} <b>{n, plural, other {#}}</b>' }
  },
})

const start = (options = {}) => makeHost({ integrations: [doors], ...options })
const asked = { domain: 'doors', source: 'user' } as const

describe('a view', () => {
  it('comes in the language that a call names, and in the host’s where it names none', async () => {
    const { latchkey } = await start()
    const german = asForm(await latchkey.flows.start(asked, { language: 'de-AT' }))
    expect(german).toMatchObject({
      language: 'de',
      title: 'Türen koppeln',
      submit: 'Weiter',
      placeholders: { name: 'Türen' },
      schema: {
        properties: {
          host: { title: 'Adresse' },
          pin: { title: 'Erste PIN', description: 'Auf der Rückseite', writeOnly: true },
        },
      },
    })
    expect(await latchkey.flows.get(german.flowId)).toMatchObject({
      language: 'en',
      title: 'Pair Doors',
      submit: 'Next',
      schema: {
        properties: { host: { title: 'Host' }, pin: { title: 'First PIN', description: 'On the back' } },
      },
    })
    expect(await latchkey.flows.get(german.flowId, { language: ['es', 'de'] })).toMatchObject(german)
    expect(await latchkey.flows.get(german.flowId, { language: 'es' })).toMatchObject({ language: 'en' })
  })

  it('has a form that is made once for its step and language, and frozen', async () => {
    const { latchkey } = await start()
    const one = asForm(await latchkey.flows.start(asked, { language: 'de' }))
    const two = asForm(await latchkey.flows.start(asked, { language: 'de-CH' }))
    expect(two.schema).toBe(one.schema)
    expect(Object.isFrozen(one.schema.properties.pin)).toBe(true)
  })

  it('has errors, fields and the result in its language', async () => {
    const { latchkey } = await start()
    const de = latchkey.scope('default', { language: 'de' })
    const form = asForm(await de.flows.start(asked))
    const { flowId } = form
    const at = ({ revision }: View) => ({ revision })
    const old = asForm(await de.flows.submit(flowId, { host: 'near', pin: 'old' }, at(form)))
    expect(old.errors['/pin']).toEqual({ code: 'pin_too_old', text: 'Eine neue PIN steht auf Türen.' })
    const far = asForm(await de.flows.submit(flowId, { host: 'far', pin: '1' }, at(old)))
    expect(far.errors.base).toEqual({
      code: 'cannot_connect',
      text: 'Türen ist nicht erreichbar.',
      advice: 'Prüfen Sie, ob die Adresse stimmt und ob das Gerät eingeschaltet und im selben Netzwerk ist.',
      keepSecrets: true,
    })
    const challenge = asForm(await de.flows.submit(flowId, { host: 'near', pin: '1' }, at(far)))
    expect(challenge).toMatchObject({
      title: 'Türen hinzufügen',
      description: 'Von Türen gesendet.',
      submit: 'Hinzufügen',
      schema: { properties: { code: { title: 'Zahl' } } },
    })
    const back = asForm(await de.flows.back(flowId, at(challenge)))
    expect(back).toMatchObject({ language: 'de', step: 'user' })
    const again = asForm(await de.flows.submit(flowId, { host: 'near', pin: '1' }, at(back)))
    const end = await de.flows.submit(flowId, { code: '1' }, at(again))
    expect(end).toMatchObject({ type: 'create_entry', text: 'Türen ist verbunden.', language: 'de' })
    // What a service calls itself is data: nothing in it is read as a message.
    const name = '{name} <b>{n, plural, other {#}}</b>'
    const reauth = await de.entries.requestReauth(end.entryId ?? '')
    expect(reauth).toMatchObject({ title: `${name} neu verbinden`, placeholders: { name } })
  })

  it('is in the caller’s language in a refusal too', async () => {
    const { latchkey } = await start()
    const { flowId, revision } = await latchkey.flows.start(asked)
    const language = 'de'
    const stale: unknown = await latchkey.flows
      .submit(flowId, {}, { revision: revision + 1, language })
      .catch((error) => error)
    expect(stale).toBeInstanceOf(StaleRevisionError)
    expect(stale).toMatchObject({ view: { flowId, language, title: 'Türen koppeln' } })
    expect(await latchkey.flows.cancel(flowId, { language })).toMatchObject({
      text: 'Es wurde nichts geändert.',
      title: 'Türen hinzufügen',
    })
    const ended: unknown = await latchkey.flows
      .submit(flowId, {}, { revision, language })
      .catch((error) => error)
    expect(ended).toBeInstanceOf(FlowEndedError)
    expect(ended).toMatchObject({ view: { language, text: 'Es wurde nichts geändert.' } })
    await expect(latchkey.flows.get('none', { language })).rejects.toMatchObject({ code: 'UNKNOWN_FLOW' })
    await expect(latchkey.flows.choose(flowId, 'x', { revision, language })).rejects.toBeInstanceOf(
      FlowEndedError,
    )
  })

  it('is in the host’s language, also if the integration does not support it', async () => {
    const { latchkey } = await makeHost({ language: 'de-AT' })
    expect(latchkey.language).toBe('de-AT')
    expect(latchkey.languages).toEqual(['de-AT', 'en', 'de', 'fr'])
    const form = await openForm(latchkey)
    expect(form).toMatchObject({
      title: 'Scripted hinzufügen',
      language: 'de-AT',
      schema: { properties: { host: { title: 'Host' } } },
    })
    expect(await latchkey.flows.get(form.flowId, { language: 'en' })).toMatchObject({
      title: 'Add Scripted',
    })
  })

  it('is in the caller’s language also after ignore and dismissal', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const discovery = { uniqueId: 'bob', values: { host: 'elsewhere' } }
    const found = { domain: 'scripted', source: 'discovery', discovery } as const
    const { flowId } = await host.latchkey.flows.start(found)
    expect(await host.latchkey.flows.ignore(flowId, { language: 'de' })).toMatchObject({
      language: 'de',
      reason: 'ignored',
      title: 'Scripted hinzufügen',
    })
    await host.latchkey.flows.start({ ...found, discovery: { ...discovery, uniqueId: 'ann' } })
    const entry = await host.latchkey.entries.dismissProposal(entryId, { language: 'de' })
    expect(entry).toMatchObject({ entryId, language: 'de', text: 'Verbunden' })
  })

  it('describes work in progress', async () => {
    const host = await makeHost()
    host.service.script({ hangs: true })
    const { flowId, revision } = await openForm(host.latchkey)
    const submit = host.latchkey.flows.submit(flowId, { host: 'h', token: 't' }, { revision })
    await atRest()
    expect(await host.latchkey.flows.get(flowId, { language: 'de' })).toMatchObject({
      type: 'progress',
      text: 'Scripted wird geprüft …',
      title: 'Scripted hinzufügen',
    })
    await host.latchkey.flows.cancel(flowId)
    await submit
  })

  it('says of a success whose entry does not run yet how that stands', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    host.service.accounts.set('new', 'ann')
    const end = await host.latchkey.flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    expect(end).toMatchObject({ text: 'Scripted is connected again.' })
    await host.latchkey.entries.unload(entryId)
    expect(await host.latchkey.flows.get(form.flowId, { language: 'de' })).toMatchObject({
      title: 'Scripted neu verbinden',
      text: 'Scripted ist wieder verbunden. Gespeichert, aber noch nicht verbunden: Nicht verbunden.',
    })
  })
})

describe('lists, entries and integrations', () => {
  it('come in the language that is named, call by call or for a whole scope', async () => {
    const host = await makeHost()
    const { latchkey } = host
    const entryId = await addEntry(host)
    const de = { language: 'de' }
    expect(await latchkey.entries.get(entryId)).toMatchObject({ text: 'Connected', language: 'en' })
    expect(await latchkey.entries.get(entryId, de)).toMatchObject({ text: 'Verbunden', language: 'de' })
    expect(await latchkey.entries.list(de)).toMatchObject({ items: [{ text: 'Verbunden' }], next: null })
    expect(await latchkey.entries.list()).toMatchObject({ items: [{ text: 'Connected' }] })
    expect(await latchkey.entries.update(entryId, { title: 'Mine' }, de)).toMatchObject({ text: 'Verbunden' })
    expect(await latchkey.entries.reload(entryId, de)).toMatchObject({ text: 'Verbunden' })
    expect(await latchkey.entries.unload(entryId, de)).toMatchObject({ text: 'Nicht verbunden' })
    expect(await latchkey.entries.setup(entryId, de)).toMatchObject({ text: 'Verbunden' })
    expect(await latchkey.entries.disable(entryId, de)).toMatchObject({ text: 'Deaktiviert' })
    expect(await latchkey.entries.enable(entryId, de)).toMatchObject({ text: 'Verbunden' })
    expect(await latchkey.entries.requestReauth(entryId, de)).toMatchObject({ title: 'Mine neu verbinden' })
    const text = 'Eine neue Anmeldung wurde angefordert.'
    expect(await latchkey.attention.list(de)).toMatchObject([{ text, language: 'de' }])
    expect(await latchkey.attention.get(entryId, de)).toMatchObject({ text })
    expect(await latchkey.attention.get('none', de)).toBeNull()
    expect(await latchkey.flows.list(de)).toMatchObject({ items: [{ title: 'Mine neu verbinden' }] })
    expect(await latchkey.flows.list()).toMatchObject({ items: [{ title: 'Reconnect Mine' }] })
    expect(await latchkey.scope('default', de).flows.list()).toMatchObject({ items: [{ language: 'de' }] })
  })

  it('name integrations as they are called there', async () => {
    const { latchkey } = await start()
    expect(latchkey.integrations).toMatchObject([{ domain: 'doors', title: 'Doors' }])
    const { integrations, language } = latchkey.scope('default', { language: 'de' })
    expect(integrations).toMatchObject([{ domain: 'doors', title: 'Türen' }])
    expect(language).toBe('de')
  })

  it('describe entries without an integration', async () => {
    const host = await start()
    const { flowId } = await host.latchkey.flows.start(asked)
    const { latchkey } = await host.again({ integrations: [] })
    expect(await latchkey.flows.cancel(flowId, { language: 'de' })).toMatchObject({
      title: 'doors hinzufügen',
      text: 'Es wurde nichts geändert.',
    })
  })

  it('name the type of a sub-entry by its id without an integration', async () => {
    const host = await withSubentries()
    const flow = { source: 'subentry', entryId: host.entryId, type: 'room' } as const
    const form = await host.latchkey.flows.start(flow)
    expect(form.title).toContain('Room')
    const { latchkey } = await host.again({ integrations: [] })
    expect((await latchkey.flows.cancel(form.flowId)).title).toContain('room')
  })
})
