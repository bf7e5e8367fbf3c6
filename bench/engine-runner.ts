import { type Cipher, createLatchkey, type Limits, type ScopedLatchkey, type Store } from '../src/index.ts'
import { expectEnd, type FlowRunner } from './flow-runner.ts'
import { badToken, freshToken, host, integration } from './service.ts'

export interface EngineRunnerOptions {
  readonly store: Store
  readonly cipher?: Cipher
  readonly limits?: Partial<Limits>
}

let accounts = 0

/** Adds an entry with a user flow. @returns its id */
export async function addEntry({ flows }: ScopedLatchkey, account: string): Promise<string> {
  const form = await flows.start({ domain: integration.domain, source: 'user' })
  const input = { host, token: freshToken(account) }
  const end = await flows.submit(form.flowId, input, { revision: form.revision })
  expectEnd(end.type, 'create_entry')
  return end.entryId ?? ''
}

/** Repairs an entry with a reauthentication and a token of this account. @returns the reason of the result */
export async function reauthenticate({ flows }: ScopedLatchkey, entryId: string, account: string) {
  const form = await flows.start({ source: 'reauth', entryId })
  const input = { token: freshToken(account) }
  const end = await flows.submit(form.flowId, input, { revision: form.revision })
  return end.type === 'abort' ? end.reason : end.type
}

/** Latchkey through its public API, like a host. */
export async function engineRunner(options: EngineRunnerOptions): Promise<FlowRunner> {
  const latchkey = await createLatchkey({ integrations: [integration], ...options })
  const entryId = await addEntry(latchkey, 'mine')
  return {
    async reauth() {
      expectEnd(await reauthenticate(latchkey, entryId, 'mine'), 'reauth_successful')
    },
    async wrongAccount() {
      expectEnd(await reauthenticate(latchkey, entryId, 'other'), 'wrong_account')
    },
    async user() {
      const { flows } = latchkey
      const first = await flows.start({ domain: integration.domain, source: 'user' })
      const bad = { host, token: badToken }
      const again = await flows.submit(first.flowId, bad, { revision: first.revision })
      expectEnd(again.type === 'form' ? again.errors.base?.code : again.type, 'invalid_auth')
      const good = { host, token: freshToken(`account-${++accounts}`) }
      const end = await flows.submit(again.flowId, good, { revision: again.revision })
      expectEnd(end.type, 'create_entry')
    },
    stop: () => latchkey.stop(),
  }
}
