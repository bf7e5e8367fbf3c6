import { SimulatedClock } from 'xstate'
import { memoryStore } from '../../src/adapters/memory/memory-store.ts'
import { StoreError } from '../../src/errors.ts'
import type { Cipher } from '../../src/ports/cipher.ts'
import type { Telemetry } from '../../src/ports/telemetry.ts'
import type { TokenJournal } from '../../src/ports/token-journal.ts'
import { FailingStore } from '../../src/testing/failing-store.ts'
import { makeHost, openForm } from './host.ts'
import { tokenRival } from './token-rival.ts'
import { TokenService } from './token-service.ts'

/** A store that cannot write. */
export const fail = (): never => {
  throw new StoreError('The disk is full.')
}

interface LinkedOptions {
  readonly journal?: TokenJournal
  readonly cipher?: Cipher
  readonly clock?: SimulatedClock
  readonly telemetry?: Telemetry
}

/** An entry of a token service, and a process that runs it. */
export async function linked({ journal, clock = new SimulatedClock(), ...options }: LinkedOptions = {}) {
  clock.set(1_000_000)
  const service = new TokenService(clock)
  const inner = memoryStore()
  const store = new FailingStore(journal === undefined ? inner : Object.assign(inner, { journal }))
  const host = await makeHost({ integrations: [service.integration], clock, store, ...options })
  const form = await openForm(host.latchkey, 'tokens')
  const { entryId } = await host.latchkey.flows.submit(form.flowId, { password: 'typed' }, form)
  const id = entryId ?? ''
  const entry = async () => {
    const record = await store.getEntry('default', id)
    if (record === undefined) throw new Error('The entry was removed.')
    return record
  }
  const use = (of = host) =>
    of.latchkey.entries
      .use(service.integration, id, (client) => client.call())
      .then(
        (access) => access,
        (error: { code: string; reason?: string; retryAfter?: number }) =>
          [error.code, error.reason, error.retryAfter].filter((part) => part != null).join(' '),
      )
  const rival = tokenRival(store, () => clock.now(), id)
  /** Whether a process has the right to refresh the token. */
  const isLeased = async () => {
    const claimed = await rival.claim()
    if (claimed) await rival.release()
    return !claimed
  }
  const flows = async () => (await host.latchkey.flows.list()).items
  return { ...host, host, service, store, entryId: id, entry, use, flows, rival, isLeased }
}
