import * as z from 'zod'
import { defineIntegration, InvalidAuthError, secret } from '../../src/index.ts'

export const privateKey = '-----BEGIN KEY-----\nMIIEvQIB\n  hkiG9w0B\n-----END KEY-----\n'

/** A service that accepts one private key. */
export const keyHub = defineIntegration({
  domain: 'key_hub',
  title: 'Key Hub',
  fields: z.object({ key: secret().meta({ title: 'Private key', multiline: true }) }),
  async connect({ key }) {
    if (key.reveal() !== privateKey) throw new InvalidAuthError()
    return { client: {}, uniqueId: 'key', title: 'Key account' }
  },
})
