import { expect } from '@jest/globals'
import type { ScopedLatchkey } from '../../src/index.ts'
import type { World } from './world.ts'

/** A token that is valid in one scope only. */
export const tokenOf = (scope: string, kind: string): string => `${kind}-${scope}`

/** Adds an entry. @returns its id */
export async function addEntry({ flows }: ScopedLatchkey, token: string, host = 'hub'): Promise<string> {
  const { flowId, revision } = await flows.start({ domain: 'scripted', source: 'user' })
  const view = await flows.submit(flowId, { host, token }, { revision })
  expect(view).toMatchObject({ type: 'create_entry' })
  return view.entryId ?? ''
}

/** The service forgets a token, and a call notices. */
export async function refuse(world: World, scope: string, entryId: string, token: string): Promise<void> {
  world.service.accounts.delete(token)
  const call = world.scope(scope).entries.use(world.integration, entryId, (client) => client.ping())
  await expect(call).rejects.toMatchObject({ code: 'REAUTH_REQUIRED' })
}

/** Reauthenticates an entry with a valid token. */
export async function mend({ flows }: ScopedLatchkey, entryId: string, token: string): Promise<void> {
  const { flowId, revision } = await flows.start({ source: 'reauth', entryId })
  const view = await flows.submit(flowId, { token }, { revision })
  expect(view).toMatchObject({ type: 'abort', reason: 'reauth_successful' })
}
