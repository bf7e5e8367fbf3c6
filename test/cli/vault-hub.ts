import * as z from 'zod'
import { defineIntegration, InvalidAuthError, secret } from '../../src/index.ts'

/** A service with a second factor, and with fields of several types. */
export const vaultHub = defineIntegration({
  domain: 'vault_hub',
  title: 'Vault Hub',
  fields: z.object({
    user: z.string().meta({ title: 'User' }),
    port: z.int().min(1).optional().meta({ title: 'Port' }),
    secure: z.boolean().optional().meta({ title: 'Secure' }),
    plan: z.enum(['home', 'office']).optional().meta({ title: 'Plan' }),
    password: secret().meta({ title: 'Password' }),
  }),
  options: z.object({ interval: z.int().min(1).default(60).meta({ title: 'Interval' }) }),
  challenges: { otp: z.object({ code: secret().meta({ title: 'Code' }) }) },
  async connect({ user, port, secure, plan, password }, { challenge }) {
    if (password.reveal() !== 'open sesame') throw new InvalidAuthError()
    if (challenge === undefined) return { challenge: 'otp' }
    if (challenge.values.code.reveal() !== '123456') throw new InvalidAuthError()
    return { client: {}, uniqueId: user, title: `${user} ${port} ${secure} ${plan}` }
  },
})
