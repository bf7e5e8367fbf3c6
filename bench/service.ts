import * as z from 'zod'
import { defineIntegration, InvalidAuthError, type Secret, secret } from '../src/index.ts'

export const fields = z.object({ host: z.string().min(1).max(100), token: secret() })

/** The client of the fake service. Its calls fail after its account was revoked. */
interface Client {
  ping(): string
}

const REFUSED = 'refused'
/** A token with a typing error. */
export const badToken = REFUSED
export const host = 'hub.example'
let serial = 0
/** Returns a token of the account that was not submitted before. */
export const freshToken = (account: string): string => `${account}@${++serial}`

/** The revoked accounts, by the part before the first dash. */
export const revoked = new Set<string>()
const isRevoked = (account: string): boolean => revoked.has(account.slice(0, account.indexOf('-')))

/** The service responds immediately. All contenders connect with this function, so its cost is the same for all. */
export async function connect({ token }: { readonly token: Secret }) {
  const text = token.reveal()
  const uniqueId = text.slice(0, text.indexOf('@'))
  if (text === REFUSED || (revoked.size > 0 && isRevoked(uniqueId))) throw new InvalidAuthError()
  const client: Client = {
    ping() {
      if (isRevoked(uniqueId)) throw new InvalidAuthError()
      return 'pong'
    },
  }
  return { client, uniqueId, title: 'Hub', dispose: () => {} }
}

export const integration = defineIntegration({ domain: 'bench', title: 'Bench', fields, connect })
