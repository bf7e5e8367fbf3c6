import { ScriptedService } from '../../src/testing/scripted-service.ts'

/** The old and the new login of the account: address and token belong together. */
export const logins = {
  old: { host: 'old.example', token: 'old token' },
  fresh: { host: 'fresh.example', token: 'fresh token' },
  wrong: { host: 'fresh.example', token: 'wrong token' },
} as const

/** The service of one account whose login changes; a reauthentication asks for all of it. */
export function mendedService(token: string = logins.old.token): ScriptedService {
  const service = new ScriptedService({ reauth: ['host', 'token'] })
  service.accounts.set(token, 'account')
  return service
}

/** From now on the service takes this token and no other. */
export function rotate(service: ScriptedService, token: string): void {
  service.accounts.clear()
  service.accounts.set(token, 'account')
}
