import * as z from 'zod'
import { defineIntegration, secret } from '../../src/index.ts'

/** A service with an optional secret. The title of its entry shows which secrets it received. */
export const lockHub = defineIntegration({
  domain: 'lock_hub',
  title: 'Lock Hub',
  fields: z.object({
    password: secret().meta({ title: 'Password' }),
    safeWord: secret().optional().meta({ title: 'Safe word' }),
  }),
  async connect({ password, safeWord }) {
    seen.push({ password: password.reveal(), safeWord: safeWord?.reveal() })
    return { client: { safeWord: safeWord?.reveal() ?? 'none' }, uniqueId: 'lock' }
  },
})

/** The secrets of each connect in this process. */
export const seen: { readonly password: string; readonly safeWord: string | undefined }[] = []
