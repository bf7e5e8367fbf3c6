import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { defineIntegration } from '../../../src/authoring/integration.ts'
import { secret } from '../../../src/authoring/secret.ts'
import { type ExchangeContext, InvalidAuthError, RateLimitedError } from '../../../src/index.ts'
import type { View } from '../../../src/view.ts'
import { asForm, atRest, makeHost, openForm } from '../host.ts'

const challenges = { otp: z.object({ code: secret() }) }
type Asked = ExchangeContext<typeof challenges>['challenge']

/** A service where a user and a password become a token, which its API takes. */
class TokenService {
  readonly exchanges: string[] = []
  readonly connects: string[] = []
  /** The behavior of the exchange. By default it returns a separate token. */
  answer: (user: string, password: string, challenge: Asked) => unknown = () => ({
    user: 'ann',
    token: `token-${this.exchanges.length}`,
  })
  check: (token: string) => void = () => {}
  readonly integration = defineIntegration({
    domain: 'tokens',
    title: 'Tokens',
    fields: z.object({ user: z.string(), password: secret(z.string().min(4)) }),
    stored: z.object({ user: z.string(), token: secret() }),
    challenges,
    exchange: async ({ user, password }, { challenge }): Promise<{ user: string; token: string }> => {
      this.exchanges.push(`${user}:${password.reveal()}:${challenge?.values.code.reveal() ?? ''}`)
      const answer = await this.answer(user, password.reveal(), challenge)
      return answer as { user: string; token: string }
    },
    connect: async ({ user, token }, { stored }) => {
      this.connects.push(token.reveal())
      this.check(token.reveal())
      return { client: { stored }, uniqueId: user }
    },
  })
}

async function opened() {
  const tokens = new TokenService()
  const host = await makeHost({ integrations: [tokens.integration] })
  const { flows } = host.latchkey
  const typed = { user: 'ann', password: 'typed-password' }
  const submit = (view: View, input: object = typed) =>
    flows.submit(view.flowId, input, { revision: view.revision })
  const form = await openForm(host.latchkey, 'tokens')
  const entryOf = async (view: View) => {
    const entry = await host.store.getEntry('default', view.entryId ?? '')
    if (entry === undefined) throw new Error(`An entry was expected after ${JSON.stringify(view)}.`)
    return entry
  }
  return { ...host, tokens, form, submit, entryOf }
}

describe('a login that yields a token', () => {
  it('connects with the token and stores it, but never the input', async () => {
    const { tokens, form, submit, entryOf } = await opened()
    const entry = await entryOf(await submit(form))
    expect(tokens).toMatchObject({ exchanges: ['ann:typed-password:'], connects: ['token-1'] })
    expect(entry).toMatchObject({ data: { user: 'ann' }, uniqueId: 'ann' })
    expect(entry.sealed).toContain('token-1')
    expect(JSON.stringify(entry)).not.toContain('typed-password')
  })

  it('sets up the entry with the token, and passes it to the client', async () => {
    const { tokens, form, submit, latchkey } = await opened()
    const { entryId } = await submit(form)
    await latchkey.entries.reload(entryId ?? '')
    expect(tokens).toMatchObject({ exchanges: { length: 1 }, connects: ['token-1', 'token-1'] })
    const now = await latchkey.entries.use(tokens.integration, entryId ?? '', ({ stored }) => stored())
    expect([now.user, now.token.reveal()]).toEqual(['ann', 'token-1'])
  })

  it('stores the declared fields of the result unchanged', async () => {
    const { tokens, form, submit, entryOf } = await opened()
    tokens.answer = () => ({ user: 'ann', token: 'new', token_type: 'bearer', scope: undefined })
    const entry = await entryOf(await submit(form))
    expect(entry.data).toEqual({ user: 'ann' })
    expect(entry.sealed).not.toContain('bearer')
  })

  it.each([
    ['nothing', () => undefined],
    ['a text', () => 'token'],
    ['what is not kept', () => ({ token: 'token-2' })],
    ['what has the wrong type', () => ({ user: 7, token: 'token-2' })],
    ['what no JSON can carry', () => ({ user: 'ann', token: () => 'new' })],
    ['a challenge that is not declared', () => ({ challenge: 'constructor' })],
  ])('shows `unknown` and saves nothing where it returns %s', async (_, answer) => {
    const { tokens, form, submit, log, latchkey } = await opened()
    tokens.answer = answer
    expect(asForm(await submit(form)).errors.base?.code).toBe('unknown')
    expect(log.lines).toMatchObject([
      { fields: { error: { message: expect.stringMatching(/exchange |input/) } } },
    ])
    expect(tokens.connects).toEqual([])
    expect((await latchkey.entries.list()).items).toEqual([])
  })

  it.each([
    ['invalid_auth', new InvalidAuthError()],
    ['rate_limited', new RateLimitedError(7)],
    ['unknown', new Error('typed-password')],
  ])('shows %s where it throws that, as connect does', async (code, error) => {
    const { tokens, form, submit, log } = await opened()
    tokens.answer = () => Promise.reject(error)
    expect(asForm(await submit(form)).errors.base).toMatchObject({ code })
    expect(JSON.stringify(log.lines)).not.toContain('typed-password')
  })

  it('does not keep a token that connect refuses, and strikes both secrets from the log', async () => {
    const { tokens, form, submit, log, latchkey } = await opened()
    tokens.check = (token) => {
      throw new Error(`refused ${token} of typed-password`)
    }
    expect(asForm(await submit(form)).errors.base?.code).toBe('unknown')
    expect(log.lines).toMatchObject([{ fields: { error: { message: 'refused [secret] of [secret]' } } }])
    expect((await latchkey.entries.list()).items).toEqual([])
  })

  it('can ask for a one-time code, and receives it', async () => {
    const { tokens, form, submit, entryOf } = await opened()
    tokens.answer = (user, _, challenge) =>
      challenge === undefined
        ? { challenge: 'otp', state: 'session' }
        : { user, token: `for ${challenge.values.code.reveal()} in ${challenge.state}` }
    const asked = asForm(await submit(form))
    expect(asked).toMatchObject({ step: 'challenge', challenge: 'otp' })
    const entry = await entryOf(await submit(asked, { code: '123' }))
    expect(tokens.exchanges).toEqual(['ann:typed-password:', 'ann:typed-password:123'])
    expect(tokens.connects).toEqual(['for 123 in session'])
    expect(JSON.stringify(entry)).not.toContain('typed-password')
  })

  it('forgets a token that comes after its time', async () => {
    const { tokens, form, submit, pass, latchkey } = await opened()
    let give: (token: object) => void = () => {}
    tokens.answer = () => new Promise((resolve) => (give = resolve))
    const submitted = submit(form)
    await atRest()
    await pass(30_000)
    expect(asForm(await submitted).errors.base?.code).toBe('timeout')
    give({ user: 'ann', token: 'late' })
    await atRest()
    expect(tokens.connects).toEqual([])
    expect((await latchkey.entries.list()).items).toEqual([])
  })
})

describe('a reauthentication of an entry that keeps a token', () => {
  it('asks for the secrets, and takes the other fields from the stored values', async () => {
    const { tokens, form, submit, latchkey, entryOf } = await opened()
    const { entryId } = await submit(form)
    const asked = asForm(await latchkey.entries.requestReauth(entryId ?? ''))
    expect(asked).toMatchObject({ order: ['password'], values: {} })
    const end = await submit(asked, { password: 'next-password' })
    expect(end).toMatchObject({ reason: 'reauth_successful' })
    expect(tokens.exchanges).toEqual(['ann:typed-password:', 'ann:next-password:'])
    const entry = await entryOf(end)
    expect(entry.sealed).toContain('token-2')
    expect(entry.sealed).not.toMatch(/token-1|password/)
  })
})
