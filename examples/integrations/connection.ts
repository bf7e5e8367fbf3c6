import * as z from 'zod'
import { defineIntegration, secret } from '../../src/index.ts'
import { icons } from '../icons.ts'
import { service } from './service.ts'

export const stream = defineIntegration({
  domain: 'stream',
  title: 'Example stream',
  icon: icons.stream,
  description: 'A connection that stays open',
  category: 'media',
  docs: 'https://stream.example/help',
  fields: z.object({ token: secret().meta({ title: 'Token' }) }),
  texts: {
    // #region texts
    de: {
      description: 'Eine Verbindung, die offen bleibt',
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
