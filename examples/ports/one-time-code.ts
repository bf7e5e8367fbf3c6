import * as z from 'zod'
import { assertOk, defineIntegration, readJson, secret } from '../../src/index.ts'

const api = 'https://api.doorbell.example'
const Account = z.object({ id: z.string(), email: z.string() })
const code = secret(z.string().regex(/^\d{6}$/, 'Enter the six digits of the message.'))

/** A cloud account: a password and a one-time code become a token. */
export const doorbell = defineIntegration({
  domain: 'doorbell',
  title: 'Example doorbell',
  fields: z.object({
    email: z.email().meta({ title: 'E-mail' }),
    password: secret().meta({ title: 'Password' }),
  }),
  stored: z.object({ token: secret() }), // the password is never stored
  challenges: { otp: z.object({ code: code.meta({ title: 'Code' }) }) },
  options: z.object({
    minutes: z.int().min(1).max(60).default(5).meta({ title: 'Minutes between pictures' }),
  }),
  texts: { en: { error: { code_expired: 'This code has expired. You have received a new one.' } } },
  async exchange({ email, password }, { challenge, fetch, signal }) {
    const post = (path: string, body: object) =>
      fetch(`${api}/${path}`, { method: 'POST', body: JSON.stringify(body), signal })
    if (challenge === undefined) {
      const session = await post('login', { email, password: password.reveal() })
      return { challenge: 'otp', state: await readJson(session, z.string()) }
    }
    const { state, values } = challenge
    const response = await post('code', { session: state, code: values.code.reveal() })
    if (response.status === 410) return { challenge: 'otp', state, error: 'code_expired' }
    return { token: await readJson(response, z.string()) }
  },
  async connect({ token }, { fetch, signal, options: { minutes } }) {
    const headers = { authorization: `Bearer ${token.reveal()}` }
    const { id, email } = await readJson(await fetch(`${api}/me`, { headers, signal }), Account)
    const picture = async () => assertOk(await fetch(`${api}/picture`, { headers })).blob()
    return { client: { minutes, picture }, uniqueId: id, title: email }
  },
})
