import { describe, expect, it } from '@jest/globals'
import {
  autofillOf,
  extraErrorsOf,
  firstField,
  isRefused,
  nonSecretValues,
  rjsfSchemaOf,
  type StoredSecret,
  uiSchemaOf,
} from '../../../src/react/mantine/form-schema.ts'
import { componentTexts } from '../../../src/react/mantine/use-texts.ts'
import type { FormView } from '../../../src/view.ts'
import { form } from '../../client/samples.ts'

const secret = { type: 'string', format: 'password', writeOnly: true }
const text = { type: 'string' }

const view = (more: Partial<FormView>): FormView => ({
  ...(form('f1', 1) as FormView),
  schema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { host: text, username: text, password: secret, code: text },
    required: [],
    additionalProperties: false,
  },
  order: ['host', 'username', 'password', 'code'],
  ...more,
})

describe('autofillOf', () => {
  it.each([
    ['username', text, 'username'],
    ['user', text, 'username'],
    ['email', text, 'username'],
    ['contact', { ...text, format: 'email' }, 'username'],
    ['password', secret, 'current-password'],
    ['apiToken', secret, 'current-password'],
    ['pin2', { type: 'string', writeOnly: true }, 'current-password'],
    ['host', text, undefined],
    ['usernameHint', text, undefined],
  ])('tells password managers what %s is', (field, schema, autoComplete) => {
    expect(autofillOf({}, field, schema).autoComplete).toBe(autoComplete)
  })

  it.each(['pin', 'code', 'otp', 'totp', 'one_time_code', 'mfaCode'])(
    'masks a stored secret with the name %s, and offers no one-time code for it',
    (field) => {
      expect(autofillOf({}, field, secret)).toEqual({ autoComplete: 'current-password' })
      expect(autofillOf({}, field, { ...secret, inputMode: 'numeric' })).toEqual({
        autoComplete: 'current-password',
        inputMode: 'numeric',
      })
      expect(autofillOf({}, field, text)).toEqual({})
    },
  )

  it('shows a one-time code of a challenge as plain text', () => {
    const challenge = { challenge: 'otp' }
    const code = { autoComplete: 'one-time-code', widget: 'text' }
    for (const schema of [secret, text]) expect(autofillOf(challenge, 'code', schema)).toEqual(code)
    expect(autofillOf(challenge, 'sms', { ...secret, inputMode: 'numeric' })).toEqual({
      ...code,
      inputMode: 'numeric',
    })
    expect(autofillOf(challenge, 'password', secret)).toEqual({ autoComplete: 'current-password' })
  })
})

describe('rjsfSchemaOf', () => {
  it('marks the labels of optional fields, except switches', () => {
    const properties = {
      host: { ...text, title: 'Host' },
      port: text,
      tls: { type: 'boolean', title: 'TLS' },
    }
    const schema = { ...view({}).schema, properties, required: ['host'] }
    expect(rjsfSchemaOf(view({ schema }), componentTexts('en')).properties).toMatchObject({
      host: { title: 'Host' },
      port: { title: 'port (optional)' },
      tls: { title: 'TLS' },
    })
  })
})

describe('isRefused', () => {
  const after = (code: string, keepSecrets?: boolean) =>
    isRefused(
      view({ errors: { base: { code, text: '', ...(keepSecrets !== undefined && { keepSecrets }) } } }),
    )

  it('is what the server says, for every code', () => {
    expect(after('cannot_connect', false)).toBe(true)
    expect(after('invalid_auth', true)).toBe(false)
  })

  it('is true after a refusal by the service if an older server says nothing', () => {
    expect(after('invalid_auth')).toBe(true)
    expect(after('wrong_account')).toBe(true)
    for (const code of ['cannot_connect', 'timeout', 'unknown', 'rate_limited'])
      expect(after(code)).toBe(false)
    expect(isRefused(view({}))).toBe(false)
  })
})

describe('uiSchemaOf', () => {
  it('shows the example of a field as its placeholder', () => {
    const properties = { host: { ...text, examples: ['192.168.1.2', 'hub.local'] } }
    const ui = uiSchemaOf(
      view({ schema: { ...view({}).schema, properties }, order: ['host'] }),
      componentTexts('en'),
      undefined,
      new Set(),
    )
    expect(ui.host?.['ui:options']).toEqual({ placeholder: '192.168.1.2' })
  })

  it('has the help of a field, as a text and as a link', () => {
    const help = { description: 'Under Settings', helpUrl: 'https://hub.example/token' }
    const size = { title: 'Size', type: 'string', enum: ['s', 'm'], description: 'Of the picture' }
    const properties = { password: { ...secret, ...help }, size }
    const form = view({ schema: { ...view({}).schema, properties }, order: ['password', 'size'] })
    const ui = uiSchemaOf(form, componentTexts('en'), undefined, new Set())
    expect(ui.password?.['ui:options']).toMatchObject({
      description: 'Under Settings',
      help: {
        type: 'a',
        props: {
          href: 'https://hub.example/token',
          'aria-label': 'Learn more: password',
          children: 'Learn more',
        },
      },
    })
    expect(ui.size?.['ui:options']).toEqual({ description: 'Of the picture' })
  })

  it('shows a boolean with choices as a list, because a check box has no place for their labels', () => {
    const oneOf = [{ const: true, title: 'Fast' }]
    const fast = { title: 'Speed', type: 'boolean', description: 'Of the hub', oneOf }
    const form = view({ schema: { ...view({}).schema, properties: { fast } }, order: ['fast'] })
    const { fast: ui } = uiSchemaOf(form, componentTexts('en'), undefined, new Set())
    expect(ui?.['ui:options']).toEqual({ widget: 'select', description: 'Of the hub' })
  })

  it('keeps the order of the view, and marks the first field', () => {
    const ui = uiSchemaOf(view({}), componentTexts('en'), 'username', new Set())
    expect(ui['ui:order']).toEqual(['host', 'username', 'password', 'code', '*'])
    expect(ui.username?.['ui:options']).toMatchObject({ 'data-autofocus': true })
    expect(ui.host?.['ui:options']).toEqual({})
  })

  it('offers to remove an optional secret that holds a value', () => {
    const removed = new Set<string>()
    const ui = uiSchemaOf(view({ stored: ['password'] }), componentTexts('en'), 'username', removed)
    const stored = ui.password?.['ui:options']?.stored as StoredSecret
    expect(stored.take).toEqual({ label: 'Remove', name: 'Remove password' })
    stored.remove(true)
    expect(removed).toEqual(new Set(['password']))
    stored.remove(false)
    expect(removed).toEqual(new Set())
    const { schema } = view({})
    const required = view({ stored: ['password'], schema: { ...schema, required: ['password'] } })
    const mustBeEntered = uiSchemaOf(required, componentTexts('en'), 'username', removed)
    expect(mustBeEntered.password?.['ui:options']).not.toHaveProperty('stored')
  })
})

describe('extraErrorsOf', () => {
  const errors = {
    base: { code: 'invalid_auth', text: 'Refused.' },
    '/host': { code: 'made_up', text: 'Own words.' },
    '/a~1b/c~0d': { code: 'required', text: 'Required.' },
  }

  it('maps the errors to their fields, without the one of the form', () => {
    expect(extraErrorsOf(view({ errors }))).toEqual({
      host: { __errors: ['Own words.'] },
      'a/b': { 'c~d': { __errors: ['Required.'] } },
    })
  })
})

describe('firstField', () => {
  it.each([
    ['the first with an error', { '/password': { code: 'required', text: '' } }, {}, 'password'],
    ['the first that is empty', {}, { host: 'h', username: '' }, 'username'],
    ['the first', {}, { host: 'h', username: 'u', password: 'p', code: 'c' }, 'host'],
  ])('is %s', (_, errors, values, field) => {
    expect(firstField(view({ errors }), values)).toBe(field)
  })
})

describe('nonSecretValues', () => {
  it('has no secrets, no codes, and no values of other fields', () => {
    const typed = { host: 'h', username: 'u', password: 'p', code: '1', other: 'x' }
    expect(nonSecretValues(view({ challenge: 'otp' }), typed)).toEqual({ host: 'h', username: 'u' })
    expect(nonSecretValues(view({}), typed)).toEqual({ host: 'h', username: 'u', code: '1' })
  })
})
