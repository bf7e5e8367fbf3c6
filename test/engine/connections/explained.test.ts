import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { defineIntegrationWithMethods } from '../../../src/authoring/integration.ts'
import { secret } from '../../../src/authoring/secret.ts'
import {
  AbortFlowError,
  FormError,
  InvalidAuthError,
  SetupError,
  WrongAccountError,
} from '../../../src/errors.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { addEntry, asForm, type Host, makeHost, openForm } from '../host.ts'

const texts = {
  en: {
    step: { otp: { data: { code: 'Code' } } },
    error: { wrong_pin: 'The sticker of {model} shows the PIN.' },
    advice: { wrong_pin: 'Look under the {model}.' },
    abort: { no_api: 'The {model} has no API.' },
  },
  de: {
    data: { host: 'Host', token: 'Token' },
    step: { otp: { data: { code: 'Code' } } },
    error: { wrong_pin: 'Der Aufkleber von {model} zeigt die PIN.' },
    advice: { wrong_pin: 'Sehen Sie unter {model} nach.' },
    abort: { no_api: '{model} hat keine Schnittstelle.' },
  },
}

const hostWith = (changes: ConstructorParameters<typeof ScriptedService>[0] = {}) =>
  makeHost({ service: new ScriptedService(changes) })

/** Submits the form of a new entry, and returns the next view. */
async function link({ latchkey, service }: Host, thrown: unknown, values = { host: 'h', token: 'good' }) {
  service.script({ throws: thrown })
  const { flowId, revision } = await openForm(latchkey)
  return latchkey.flows.submit(flowId, values, { revision })
}

describe('FormError', () => {
  it('is shown at its field, and asks for the secret of that field again', async () => {
    const host = await hostWith()
    const error = new FormError('wrong_pin', { field: 'token', message: 'Look at the sticker.' })
    const view = asForm(await link(host, error))
    expect(view.errors).toEqual({
      '/token': {
        code: 'wrong_pin',
        text: 'Look at the sticker.',
        params: { message: 'Look at the sticker.' },
        keepSecrets: false,
      },
    })
    expect(host.log.lines).toEqual([])
  })

  it('is translated by the texts of the integration, with its placeholders', async () => {
    const host = await hostWith({ texts })
    const error = new FormError('wrong_pin', { field: 'host', placeholders: { model: 'Hub 2' } })
    const view = asForm(await link(host, error))
    const shown = { code: 'wrong_pin', params: { model: 'Hub 2' } }
    expect(view.errors).toEqual({
      '/host': { ...shown, text: 'The sticker of Hub 2 shows the PIN.', advice: 'Look under the Hub 2.' },
    })
    const german = await host.latchkey.flows.get(view.flowId, { language: 'de' })
    expect(asForm(german).errors['/host']).toEqual({
      ...shown,
      text: 'Der Aufkleber von Hub 2 zeigt die PIN.',
      advice: 'Sehen Sie unter Hub 2 nach.',
    })
  })

  it('has the help of the integration, also after a restart', async () => {
    const host = await hostWith()
    const docs = 'https://hub.example/pin'
    const error = new FormError('wrong_pin', { message: 'Wrong.', advice: 'Press the button.', docs })
    const { flowId } = await link(host, error)
    const again = await host.again()
    expect(asForm(await again.latchkey.flows.get(flowId)).errors.base).toMatchObject({
      text: 'Wrong.',
      advice: 'Press the button.',
      docs,
    })
  })

  it('counts as a refused login, so that a PIN cannot be guessed', async () => {
    const host = await makeHost({ limits: { attemptsPerDomain: 3 } })
    for (let n = 0; n < 3; n++) await link(host, new FormError('wrong_pin'))
    const asked = host.service.connects.length
    const view = asForm(await link(host, new FormError('wrong_pin')))
    expect(view.errors.base?.code).toBe('rate_limited')
    expect(host.service.connects).toHaveLength(asked)
  })

  it.each([
    ['of Latchkey', 'invalid_auth'],
    ['of a result', 'reauth_successful'],
    ['in capitals', 'WRONG_PIN'],
    ['that is too long', 'p'.repeat(41)],
    ['that is not a text', 7 as unknown as string],
  ])('with a code %s is shown as unknown, and logged once', async (_, code) => {
    const host = await hostWith()
    const view = asForm(await link(host, new FormError(code, { message: 'It differs.' })))
    expect(view.errors.base).toMatchObject({ code: 'unknown', text: 'It differs.' })
    await link(host, new FormError(code))
    expect(host.log.lines).toEqual([
      {
        level: 'warn',
        fields: { domain: 'scripted' },
        message:
          "FormError: the code is one of Latchkey's, or invalid. Use up to 40 lower-case letters, digits and underscores.",
      },
    ])
  })

  it('with an unknown field, or an address of the help that is not https, shows the rest', async () => {
    const host = await hostWith()
    const error = new FormError('wrong_pin', { field: 'pin', message: 'Wrong.', docs: 'http://hub' })
    const view = asForm(await link(host, error))
    expect(view.errors).toEqual({
      base: { code: 'wrong_pin', text: 'Wrong.', params: { message: 'Wrong.' } },
    })
    await link(host, error)
    expect(host.log.messages).toEqual([
      'FormError: the integration has no field with this name. The error is shown above the form.',
      'FormError: docs is not a URL that starts with https:, or contains a secret. It is not shown.',
    ])
  })

  it('that quotes a secret in its code, in the address of the help or in a name shows the rest', async () => {
    const host = await hostWith()
    const secretWord = 'typed_secret_word'
    const error = new FormError(secretWord, {
      message: 'It differs.',
      docs: `https://hub.example/?key=${secretWord}`,
      placeholders: { [secretWord]: 'x', model: 'Hub' },
    })
    const view = asForm(await link(host, error, { host: 'h', token: secretWord }))
    const params = { model: 'Hub', message: 'It differs.' }
    expect(view.errors).toMatchObject({ base: { code: 'unknown', text: 'It differs.', params } })
    expect(JSON.stringify(view.errors)).not.toContain(secretWord)
    const ended = await link(host, new AbortFlowError(secretWord), { host: 'h', token: secretWord })
    expect(ended).toMatchObject({ type: 'abort', reason: 'unknown' })
    expect(JSON.stringify(host.log.lines)).not.toContain(secretWord)
  })

  it('keeps its code if a short password is a word of it', async () => {
    const host = await hostWith()
    const error = new FormError('wrong_password', {
      message: 'It differs.',
      docs: 'https://hub.example/1234',
    })
    const view = asForm(await link(host, error, { host: 'h', token: 'password' }))
    expect(view.errors.base).toMatchObject({ code: 'wrong_password', docs: 'https://hub.example/1234' })
    const pin = asForm(await link(host, error, { host: 'h', token: '1234' }))
    expect(pin.errors.base).toMatchObject({ code: 'wrong_password', text: 'It differs.' })
    expect(pin.errors.base).not.toHaveProperty('docs')
  })

  it('at a field that the form does not show is shown above the form', async () => {
    const host = await hostWith()
    const entryId = await addEntry(host)
    const { flowId, revision } = await host.latchkey.flows.start({ source: 'reauth', entryId })
    host.service.script({ throws: new FormError('moved', { field: 'host', message: 'It has moved.' }) })
    const view = asForm(await host.latchkey.flows.submit(flowId, { token: 'good' }, { revision }))
    expect(view.errors).toMatchObject({ base: { text: 'It has moved.' } })
    expect(host.log.lines).toEqual([])
  })

  it('shows no secret and no control character, and is cut', async () => {
    const host = await hostWith()
    const message = `Refused\n"typed-secret":\u202E ${'x'.repeat(400)}`
    const error = new FormError('wrong_pin', { message, placeholders: { 'not a name': 'x' } })
    const view = asForm(await link(host, error, { host: 'h', token: 'typed-secret' }))
    const { text = '' } = view.errors.base ?? {}
    expect(text).toMatch(/^Refused "\[secret\]": x+$/)
    expect(text).toHaveLength(300)
    expect(view.errors.base?.params).toEqual({ message: text })
  })

  it('whose text can contain a secret that is too short to be redacted is shown without it', async () => {
    const host = await hostWith()
    const error = new FormError('wrong_pin', { message: 'Not 42.' })
    const view = asForm(await link(host, error, { host: 'h', token: '42' }))
    expect(view.errors.base).toEqual({ code: 'wrong_pin', text: 'This value isn’t valid.' })
  })

  it('is shown if a short secret is only a part of a word in it', async () => {
    const host = await hostWith()
    const error = new FormError('wrong_pin', { message: 'The firmware 1.2 is too old.' })
    const view = asForm(await link(host, error, { host: 'h', token: 't' }))
    expect(view.errors.base?.text).toBe('The firmware 1.2 is too old.')
  })

  it('is shown at the sign-in of a method without a form', async () => {
    const devices = defineIntegrationWithMethods({
      domain: 'devices',
      title: 'Devices',
      stored: z.object({ token: secret() }),
      methods: {
        code: {
          title: 'With a code',
          authorize: {
            grant: 'device',
            begin: async () => ({
              ...{ deviceCode: 'd', userCode: 'U', verificationUri: 'https://devices.example' },
              ...{ interval: 1_000, lifetime: 600_000 },
            }),
            poll: async () => ({ type: 'granted', values: { token: 'granted-token' } }),
          },
        },
      },
      connect: async () => {
        throw new FormError('no_plan', { field: 'token', message: 'This account has no plan.' })
      },
    })
    const host = await makeHost({ integrations: [devices] })
    const { flowId } = await host.latchkey.flows.start({ domain: 'devices', source: 'user' })
    await host.latchkey.flows.poll(flowId)
    await host.pass(1_000)
    const view = await host.latchkey.flows.poll(flowId)
    expect(view).toMatchObject({ step: 'device', errors: { base: { text: 'This account has no plan.' } } })
  })

  it('without a text is something unexpected in the view of an entry, and a failed setup in the list', async () => {
    const host = await hostWith()
    const entryId = await addEntry(host)
    host.service.script({ throws: new FormError('odd') })
    await host.latchkey.entries.reload(entryId)
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({
      lastError: { code: 'odd', text: 'Something went wrong.' },
    })
    const text = 'It couldn’t be set up. Check its settings.'
    expect(await host.latchkey.attention.list()).toMatchObject([{ code: 'odd', text }])
  })

  it('ends an import with its code and its text', async () => {
    const host = await hostWith()
    host.service.script({ throws: new FormError('wrong_pin', { message: 'Wrong.' }) })
    const values = { host: 'h', token: 'good' }
    const view = await host.latchkey.flows.start({ domain: 'scripted', source: 'import', input: values })
    expect(view).toMatchObject({ type: 'abort', reason: 'wrong_pin', text: 'Wrong.', success: false })
  })

  it('makes an entry that loads a failed one, with its text in the entry and in the attention list', async () => {
    const host = await hostWith({ texts })
    const entryId = await addEntry(host)
    host.service.script({ throws: new FormError('wrong_pin', { placeholders: { model: 'Hub 2' } }) })
    await host.latchkey.entries.reload(entryId)
    const text = 'The sticker of Hub 2 shows the PIN.'
    const lastError = { code: 'wrong_pin', text, params: { model: 'Hub 2' } }
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({
      state: 'setup_error',
      reason: 'setup_error',
      lastError,
    })
    const item = { reason: 'setup_error', code: 'wrong_pin', text, params: { model: 'Hub 2' } }
    expect(await host.latchkey.attention.list()).toMatchObject([item])
    const german = { language: 'de' }
    const translated = 'Der Aufkleber von Hub 2 zeigt die PIN.'
    expect(await host.latchkey.attention.list(german)).toMatchObject([{ text: translated }])
    expect(await host.latchkey.entries.get(entryId, german)).toMatchObject({
      lastError: { text: translated },
    })
  })

  it('stays the explanation of an entry in another process, until it loads', async () => {
    const host = await hostWith()
    const entryId = await addEntry(host)
    host.service.script({ throws: new FormError('wrong_pin', { message: 'Wrong.' }) })
    await host.latchkey.entries.reload(entryId)
    const other = await host.again({ connect: 'lazy' })
    const explained = { code: 'wrong_pin', text: 'Wrong.' }
    expect(await other.latchkey.entries.get(entryId)).toMatchObject({ lastError: explained })
    host.service.script({ throws: new FormError('wrong_pin', { message: 'Still wrong.' }) })
    await host.latchkey.entries.reload(entryId)
    expect(await host.latchkey.attention.list()).toMatchObject([{ text: 'Still wrong.' }])
    await host.latchkey.entries.reload(entryId)
    expect(await host.latchkey.attention.list()).toEqual([])
    expect(await host.latchkey.entries.get(entryId)).not.toHaveProperty('lastError')
  })
})

describe('AbortFlowError', () => {
  it('ends the flow with its reason, translated', async () => {
    const host = await hostWith({ texts })
    const error = new AbortFlowError('no_api', { placeholders: { model: 'Hub 1' } })
    const view = await link(host, error)
    expect(view).toMatchObject({
      type: 'abort',
      reason: 'no_api',
      text: 'The Hub 1 has no API.',
      success: false,
    })
    expect(await host.latchkey.flows.get(view.flowId, { language: 'de' })).toMatchObject({
      text: 'Hub 1 hat keine Schnittstelle.',
    })
    expect(host.log.lines).toEqual([])
  })

  it('without a text shows its message', async () => {
    const host = await hostWith()
    const view = await link(host, new AbortFlowError('no_api', { message: 'It has no API.' }))
    expect(view).toMatchObject({ type: 'abort', reason: 'no_api', text: 'It has no API.' })
    const again = await host.again()
    expect(await again.latchkey.flows.get(view.flowId)).toMatchObject({ text: 'It has no API.' })
    expect(await link(host, new AbortFlowError('no_api'))).toMatchObject({ text: 'Something went wrong.' })
  })

  it('cannot pretend a success', async () => {
    const host = await hostWith()
    const view = await link(host, new AbortFlowError('reauth_successful', { message: 'Trust me.' }))
    expect(view).toMatchObject({ type: 'abort', reason: 'unknown', text: 'Trust me.', success: false })
    expect(host.log.messages).toEqual([
      expect.stringContaining("AbortFlowError: the code is one of Latchkey's"),
    ])
  })

  it('counts as a refused login', async () => {
    const host = await makeHost({ limits: { attemptsPerDomain: 1 } })
    await link(host, new AbortFlowError('no_api'))
    expect(asForm(await link(host, null)).errors.base?.code).toBe('rate_limited')
  })

  it('leaves an entry that loads in setup_error, with its text', async () => {
    const host = await hostWith({ texts })
    const entryId = await addEntry(host)
    host.service.script({ throws: new AbortFlowError('no_api', { placeholders: { model: 'Hub 1' } }) })
    await host.latchkey.entries.reload(entryId)
    const text = 'The Hub 1 has no API.'
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({
      state: 'setup_error',
      lastError: { text },
    })
    expect(await host.latchkey.attention.list()).toMatchObject([
      { reason: 'setup_error', code: 'no_api', text },
    ])
  })

  it('ends an import with its reason', async () => {
    const host = await hostWith()
    host.service.script({ throws: new AbortFlowError('no_api') })
    const values = { host: 'h', token: 'good' }
    const view = await host.latchkey.flows.start({ domain: 'scripted', source: 'import', input: values })
    expect(view).toMatchObject({ type: 'abort', reason: 'no_api' })
  })
})

describe('WrongAccountError', () => {
  const error = new WrongAccountError({ account: 'bob' })

  it('ends the reauthentication of an entry, and names both accounts', async () => {
    const host = await hostWith()
    const entryId = await addEntry(host)
    const { flowId, revision } = await host.latchkey.flows.start({ source: 'reauth', entryId })
    host.service.script({ throws: error })
    const view = await host.latchkey.flows.submit(flowId, { token: 'good' }, { revision })
    expect(view).toMatchObject({
      type: 'abort',
      reason: 'wrong_account',
      text: 'You signed in as bob. This connection belongs to Scripted.',
    })
    expect(view).not.toHaveProperty('replaceable')
  })

  it('shows the form again if the integration allows a retry', async () => {
    const host = await hostWith({ onAccountMismatch: 'retry' })
    const entryId = await addEntry(host)
    const { flowId, revision } = await host.latchkey.flows.start({ source: 'reauth', entryId })
    host.service.script({ throws: error })
    const view = asForm(await host.latchkey.flows.submit(flowId, { token: 'good' }, { revision }))
    expect(view.errors.base).toMatchObject({ code: 'wrong_account', params: { found: 'bob' } })
  })

  it.each([[error], [new WrongAccountError()]])('is shown on the form of a new entry', async (thrown) => {
    const view = asForm(await link(await hostWith(), thrown))
    expect(view.errors.base).toMatchObject({ code: 'wrong_account', keepSecrets: false })
  })

  it('ends an import, and is setup_error for an entry that loads', async () => {
    const host = await hostWith()
    host.service.script({ throws: error })
    const values = { host: 'h', token: 'good' }
    const view = await host.latchkey.flows.start({ domain: 'scripted', source: 'import', input: values })
    expect(view).toMatchObject({ type: 'abort', reason: 'wrong_account' })
    const entryId = await addEntry(host)
    host.service.script({ throws: error })
    await host.latchkey.entries.reload(entryId)
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({
      state: 'setup_error',
      reason: 'wrong_account',
    })
    expect(await host.latchkey.attention.list()).toMatchObject([{ reason: 'wrong_account' }])
  })
})

describe('SetupError', () => {
  const tooOld = new SetupError('Firmware 1.2 is too old, update to 2.0')
  const text = 'Firmware 1.2 is too old, update to 2.0'

  it('shows its message on the form, and keeps the input', async () => {
    const view = asForm(await link(await hostWith(), tooOld))
    expect(view.errors.base).toMatchObject({ code: 'setup_error', text, keepSecrets: true })
    expect(asForm(await link(await hostWith(), new SetupError())).errors.base).toMatchObject({
      code: 'setup_error',
      text: 'Scripted can’t be set up with these details.',
    })
  })

  it('does not count as a refused login', async () => {
    const host = await makeHost({ limits: { attemptsPerDomain: 1 } })
    await link(host, tooOld)
    expect(asForm(await link(host, new InvalidAuthError())).errors.base?.code).toBe('invalid_auth')
  })

  it('shows its message in the entry and in the attention list', async () => {
    const host = await hostWith()
    const entryId = await addEntry(host)
    host.service.script({ throws: tooOld })
    await host.latchkey.entries.reload(entryId)
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({
      lastError: { code: 'setup_error', text },
    })
    expect(await host.latchkey.attention.list()).toMatchObject([{ reason: 'setup_error', text }])
  })

  it('shows its message after a change that the entry does not load with', async () => {
    const host = await hostWith({ adopt: false })
    const entryId = await addEntry(host)
    const { flowId, revision } = await host.latchkey.flows.start({ source: 'reconfigure', entryId })
    host.service.script({ connect: 'ann' }, { throws: tooOld })
    const input = { host: 'other', token: 'good' }
    const view = asForm(await host.latchkey.flows.submit(flowId, input, { revision }))
    expect(view.errors.base).toMatchObject({ code: 'setup_error', text })
  })
})
