import { setTimeout } from 'node:timers/promises'
import * as z from 'zod'
import { defineIntegration, InvalidAuthError, secret } from '../../src/index.ts'

const WRONG = 'wrong'

/** The refusals while the database is away. No entry shows its outage as a failure of the service. */
export const AWAY: readonly string[] = ['STORE']

/** A login of an account. The address and the token belong together, so that a mix of two logins is noticed. */
export const loginFor = (account: string, serial: string) => ({
  host: `host-${serial}`,
  token: `${account}#${serial}`,
})

/** A login that the service rejects. */
export const wrongLogin = (serial: string) => loginFor(WRONG, serial)

/** Returns the serial of a stored login, or undefined if it is not one that the service accepts for this account. */
export function serialOf(login: unknown, account: string): string | undefined {
  const { host, token } = login as { readonly host: string; readonly token: string }
  const serial = token.slice(account.length + 1)
  return token === loginFor(account, serial).token && host === loginFor(account, serial).host
    ? serial
    : undefined
}

/**
 * An integration for load in many processes. Its service needs no state, because each token names its account.
 * `connect` takes up to 5 ms, so that processes end while they wait for it.
 */
export function loadIntegration(random: () => number) {
  return defineIntegration({
    domain: 'load',
    title: 'Load',
    fields: z.object({ host: z.string().min(1).max(100), token: secret() }),
    reauth: ['host', 'token'],
    async connect({ host, token }) {
      await setTimeout(random() * 5)
      const [account = '', serial] = token.reveal().split('#')
      if (account === WRONG || host !== `host-${serial}`) throw new InvalidAuthError()
      return { client: { call: () => 'done' }, uniqueId: account, title: account, dispose: () => {} }
    },
  })
}
