import * as z from 'zod'
import { defineIntegration, secret } from '../../src/index.ts'
import { icons } from '../icons.ts'
import { service } from './service.ts'

export const api = defineIntegration({
  domain: 'api',
  title: 'Example API',
  icon: icons.api,
  description: 'An API whose tokens expire every hour',
  category: 'developer',
  docs: 'https://api.example/docs',
  fields: z.object({ refreshToken: secret() }),
  // #region tokens
  stored: z.object({ refreshToken: secret(), token: secret(), expiresAt: z.number() }),
  expiresAt: ({ expiresAt }) => expiresAt,
  async refresh({ refreshToken }) {
    const { token, expiresIn } = await service.refresh(refreshToken.reveal())
    return { token, expiresAt: Date.now() + expiresIn * 1000 } // the refresh token stays as it is
  },
  async connect({ token }, { stored }) {
    const { id } = await service.account(token.reveal())
    const client = { account: async () => service.account((await stored()).token.reveal()) }
    return { client, uniqueId: id }
  },
  // #endregion
  async exchange({ refreshToken }) {
    const { token, expiresIn } = await service.refresh(refreshToken.reveal())
    return { refreshToken: refreshToken.reveal(), token, expiresAt: Date.now() + expiresIn * 1000 }
  },
})
