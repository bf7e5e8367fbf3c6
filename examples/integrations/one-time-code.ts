import * as z from 'zod'
import { defineIntegration, secret } from '../../src/index.ts'
import { icons } from '../icons.ts'
import { service } from './service.ts'

export const account = defineIntegration({
  domain: 'account',
  title: 'Example account',
  icon: icons.account,
  description: 'Password and a one-time code',
  category: 'other',
  docs: 'https://account.example/help',
  // #region exchange
  fields: z.object({ username: z.string(), password: secret() }),
  stored: z.object({ username: z.string(), token: secret() }), // the password is never stored
  challenges: { otp: z.object({ code: secret(z.string().length(6)) }) },
  async exchange({ username, password }, { challenge }) {
    if (challenge === undefined) {
      const session = await service.logIn(username, password.reveal())
      return { challenge: 'otp', state: session }
    }
    const token = await service.confirm(String(challenge.state), challenge.values.code.reveal())
    if (token === null) return { challenge: 'otp', state: challenge.state, error: 'code_expired' }
    return { username, token }
  },
  // #endregion
  async connect({ token }) {
    const { id, name } = await service.account(token.reveal())
    return { client: { name }, uniqueId: id, title: name }
  },
})
