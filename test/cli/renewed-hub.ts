import * as z from 'zod'
import { defineIntegration, secret } from '../../src/index.ts'

/** An integration that refreshes its tokens. */
export const renewedHub = defineIntegration({
  domain: 'renewed_hub',
  title: 'Renewed hub',
  fields: z.object({ token: secret() }),
  expiresAt: () => null,
  refresh: async () => ({ token: 'new' }),
  connect: async () => ({ client: null, uniqueId: 'account-of-renewed' }),
})
