import * as z from 'zod'
import { defineIntegration, secret } from '../../src/index.ts'
import { service } from './service.ts'

export const stream = defineIntegration({
  domain: 'stream',
  title: 'Example stream',
  fields: z.object({ token: secret().meta({ title: 'Token' }) }),
  texts: {
    // #region texts
    de: {
      data: { token: 'Token' },
      step: { user: { description: '{name} zeigt das Token unter „Konto“.' } },
      error: { cannot_connect: '{name} antwortet nicht.' },
    },
    // #endregion
  },
  // #region lost
  async connect({ token }, { lost }) {
    const { id } = await service.account(token.reveal())
    service.drop = () => lost(new Error('The stream ended.'))
    return {
      client: {},
      uniqueId: id,
      dispose() {
        service.drop = () => {}
      },
    }
  },
  // #endregion
})
