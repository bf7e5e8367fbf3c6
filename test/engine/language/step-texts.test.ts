import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { address } from '../../../src/authoring/field.ts'
import { defineIntegration, defineIntegrationWithMethods } from '../../../src/authoring/integration.ts'
import { secret } from '../../../src/authoring/secret.ts'
import { CannotConnectError, InvalidAuthError } from '../../../src/errors.ts'
import { addEntry, asForm, makeHost } from '../host.ts'

const SECRET = 'right'

/** A hub with an address, one secret, help, and one account per token. */
const hub = (onAccountMismatch: 'abort' | 'retry' = 'abort') =>
  defineIntegration({
    domain: 'hub',
    title: 'Hub',
    onAccountMismatch,
    fields: z.object({
      host: address({ schemes: ['http'] }).meta({ title: 'Host' }),
      port: z.int().min(1).max(9).optional(),
      token: secret().meta({ title: 'Access token' }),
    }),
    help: {
      invalid_auth: { text: 'Press the button on {service}.', url: 'https://hub.example/token' },
      timeout: { url: 'https://hub.example/slow' },
    },
    texts: {
      de: {
        title: 'Zentrale',
        data: { host: 'Adresse', port: 'Port', token: 'Zugangsschlüssel' },
        advice: { invalid_auth: 'Drücken Sie den Knopf an {service}.' },
      },
    },
    async connect({ host, token }) {
      if (host.includes('far')) throw new CannotConnectError()
      const name = token.reveal()
      if (!name.startsWith(SECRET)) throw new InvalidAuthError()
      return { client: null, uniqueId: name, title: `Hub of ${name.slice(SECRET.length + 1)}` }
    },
  })

async function linked(mismatch?: 'retry') {
  const host = await makeHost({ integrations: [hub(mismatch)] })
  const form = asForm(await host.latchkey.flows.start({ domain: 'hub', source: 'user' }))
  const input = { host: 'http://me.example:8080', token: 'right ada' }
  const end = await host.latchkey.flows.submit(form.flowId, input, form)
  const entryId = String(end.entryId)
  const { flows } = host.latchkey
  return { ...host, entryId, flows }
}

describe('a form', () => {
  it('names the service, its address and the secret, with a button for its action', async () => {
    const { latchkey } = await makeHost({ integrations: [hub()] })
    const form = asForm(await latchkey.flows.start({ domain: 'hub', source: 'user' }))
    expect(form).toMatchObject({ title: 'Add Hub', service: 'Hub', submit: 'Add' })
    expect(form).not.toHaveProperty('address')
    const far = asForm(
      await latchkey.flows.submit(form.flowId, { host: 'http://me:8080@far/x', token: 'x' }, form),
    )
    expect(far.errors).toMatchObject({ '/host': { code: 'address_has_credentials' } })
    const away = asForm(
      await latchkey.flows.submit(form.flowId, { host: 'http://far.example', token: 'x' }, far),
    )
    expect(away).toMatchObject({
      address: 'far.example',
      errors: {
        base: {
          text: 'Can’t reach far.example.',
          advice: 'Check the address, and that it is on and in the same network.',
          keepSecrets: true,
        },
      },
    })
    const refused = asForm(await latchkey.flows.submit(form.flowId, { host: 'http://hub', token: 'x' }, away))
    expect(refused.errors.base).toEqual({
      code: 'invalid_auth',
      text: 'Hub rejected this access token.',
      advice: 'Press the button on Hub.',
      docs: 'https://hub.example/token',
      keepSecrets: false,
    })
    const german = asForm(await latchkey.flows.get(form.flowId, { language: 'de' }))
    expect(german.errors.base).toMatchObject({
      text: 'Zentrale hat die Eingabe bei „Zugangsschlüssel“ abgelehnt.',
      advice: 'Drücken Sie den Knopf an Zentrale.',
    })
  })

  it.each([
    [{ port: 0 }, 'Enter 1 or more.', 'Geben Sie mindestens 1 ein.'],
    [{ port: 10 }, 'Enter 9 or less.', 'Geben Sie höchstens 9 ein.'],
    [{ port: 1.5 }, 'Enter a whole number.', 'Geben Sie eine ganze Zahl ein.'],
    [{ port: 'a' }, 'Enter a number.', 'Geben Sie eine Zahl ein.'],
  ])('names the mistake in %j', async (input, english, german) => {
    const { latchkey } = await makeHost({ integrations: [hub()] })
    const form = asForm(await latchkey.flows.start({ domain: 'hub', source: 'user' }))
    const all = { host: 'hub', token: 'right', ...input }
    const next = asForm(await latchkey.flows.submit(form.flowId, all, form))
    expect(next.errors['/port']).toMatchObject({ text: english })
    const inGerman = asForm(await latchkey.flows.get(form.flowId, { language: 'de' }))
    expect(inGerman.errors['/port']).toMatchObject({ text: german })
  })

  it('of a reauthentication names the account and the address of its entry', async () => {
    const { flows, entryId } = await linked()
    expect(await flows.start({ source: 'reauth', entryId })).toMatchObject({
      service: 'Hub',
      address: 'me.example:8080',
      account: 'Hub of ada',
      submit: 'Reconnect',
    })
  })

  it('of a moved device names the secret that it asks for again', async () => {
    const { flows, entryId } = await linked()
    await flows.start({
      domain: 'hub',
      source: 'discovery',
      discovery: { uniqueId: 'right ada', values: { host: 'http://moved.example' } },
    })
    expect(await flows.start({ source: 'reconfigure', entryId })).toMatchObject({
      address: 'moved.example',
      description:
        'A device on your network identifies itself as Hub of ada. Enter the access token again: the saved one is never sent to a new address.',
    })
  })

  it('of a moved device whose fields have no address names the device', async () => {
    const { latchkey, ...host } = await makeHost()
    const entryId = await addEntry({ latchkey, ...host })
    await latchkey.flows.start({
      domain: 'scripted',
      source: 'discovery',
      discovery: { uniqueId: 'ann', values: { host: 'moved' } },
    })
    const form = asForm(await latchkey.flows.start({ source: 'reconfigure', entryId }))
    expect(form).not.toHaveProperty('address')
    expect(form.placeholders).toMatchObject({ moved: 'Scripted' })
  })
})

describe('a wrong account', () => {
  it('names both accounts in the result, and the entry of the other one', async () => {
    const { flows, entryId } = await linked()
    const other = asForm(await flows.start({ domain: 'hub', source: 'user' }))
    const { entryId: found } = await flows.submit(other.flowId, { host: 'hub', token: 'right bob' }, other)
    const form = asForm(await flows.start({ source: 'reauth', entryId }))
    const end = await flows.submit(form.flowId, { token: 'right bob' }, form)
    expect(end).toMatchObject({
      reason: 'wrong_account',
      text: 'You signed in as Hub of bob. This connection belongs to Hub of ada.',
      accounts: {
        expected: { title: 'Hub of ada', account: 'Hub of ada', entryId },
        found: { title: 'Hub of bob', account: 'Hub of bob', entryId: found },
      },
    })
    expect(await flows.get(form.flowId, { language: 'de' })).toMatchObject({
      text: 'Sie haben sich als Hub of bob angemeldet. Diese Verbindung gehört zu Hub of ada.',
    })
  })

  it('names both in the form where the integration lets the user try again', async () => {
    const { flows, entryId } = await linked('retry')
    const form = asForm(await flows.start({ source: 'reauth', entryId }))
    const next = asForm(await flows.submit(form.flowId, { token: 'right bob' }, form))
    expect(next.errors.base).toMatchObject({
      text: 'You signed in as Hub of bob. This connection belongs to Hub of ada.',
      advice: 'Nothing was changed. Sign in with the account of this connection.',
      keepSecrets: false,
    })
  })
})

it('names the entry that an account already has', async () => {
  const { flows, entryId } = await linked()
  const form = asForm(await flows.start({ domain: 'hub', source: 'user' }))
  const end = await flows.submit(form.flowId, { host: 'hub', token: 'right ada' }, form)
  expect(end).toMatchObject({
    reason: 'already_configured',
    text: 'Hub of ada is already connected.',
    existing: { entryId, title: 'Hub of ada' },
  })
})

describe('an attention item', () => {
  const fields = z.object({ token: secret().meta({ title: 'Access token' }) })
  /** Two methods: one with a secret of a known name, one with two secrets. */
  const service = (isRevoked: () => boolean) =>
    defineIntegrationWithMethods({
      domain: 'hub',
      title: 'Hub',
      stored: fields,
      methods: {
        token: { title: 'Token', fields },
        account: {
          title: 'Account',
          fields: z.object({ password: secret(), pin: secret() }),
          exchange: async ({ password }) => ({ token: password.reveal() }),
        },
      },
      async connect({ token }) {
        if (isRevoked()) throw new InvalidAuthError()
        return { client: null, uniqueId: token.reveal() }
      },
    })

  it.each([
    [
      'token',
      { token: 'a' },
      'Hub no longer accepts the saved access token.',
      'Hub akzeptiert den gespeicherten Wert für „Access token“ nicht mehr.',
      'Hub n’accepte plus la valeur enregistrée pour «\u00a0Access token\u00a0».',
    ],
    [
      'account',
      { password: 'a', pin: '1' },
      'Hub no longer accepts the saved sign-in.',
      'Hub akzeptiert die gespeicherten Zugangsdaten nicht mehr.',
      'Hub n’accepte plus les identifiants enregistrés.',
    ],
  ])('names the one secret of the method %s', async (method, input, english, german, french) => {
    let revoked = false
    const { latchkey } = await makeHost({ integrations: [service(() => revoked)] })
    const menu = await latchkey.flows.start({ domain: 'hub', source: 'user' })
    const form = await latchkey.flows.choose(menu.flowId, method, menu)
    const { entryId } = await latchkey.flows.submit(form.flowId, input, form)
    revoked = true
    await latchkey.entries.reload(String(entryId))
    const textIn = async (language: string) =>
      (await latchkey.attention.get(String(entryId), { language }))?.text
    expect([await textIn('en'), await textIn('de'), await textIn('fr')]).toEqual([english, german, french])
    const { lastError } = await latchkey.entries.get(String(entryId), { language: 'de' })
    expect(lastError?.text).toBe(german)
  })
})
