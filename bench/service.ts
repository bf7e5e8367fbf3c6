import * as z from 'zod'
import { defineIntegration, InvalidAuthError, type Secret, secret } from '../src/index.ts'

export const fields = z.object({ host: z.string().min(1).max(100), token: secret() })

/** The client of the fake service: a call fails once its account was revoked. */
interface Client {
  ping(): string
}

const REFUSED = 'refused'
/** Submitted by somebody who mistyped. */
export const badToken = REFUSED
export const host = 'hub.example'
let serial = 0
/** A token of an account that no submit has carried before. */
export const freshToken = (account: string): string => `${account}@${++serial}`

/** Accounts whose credential has stopped working, by the part before the first dash. */
export const revoked = new Set<string>()
const isRevoked = (account: string): boolean => revoked.has(account.slice(0, account.indexOf('-')))

/** The service answers at once: every contender connects by this one function, so its cost is the same for all. */
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
