import type { EntryRecord } from '../ports/store.ts'
import { expectNew } from './expected-view.ts'
import type { IntegrationPlayer } from './integration-player.ts'
import type { EnteredValues, StandingService } from './integration-world.ts'

/** A way through the flows of an integration, with all that is to be true on it. @throws AssertionError where it is not */
export type IntegrationPath = (player: IntegrationPlayer, service: StandingService) => Promise<void>

/** How a person begins who links an account. */
export const NEW = { source: 'user' } as const

/** Sets an entry up with good values. */
export async function setUp(player: IntegrationPlayer, values: EnteredValues = {}): Promise<EntryRecord> {
  const end = expectNew(player, await player.walk(await player.start(NEW), values))
  return player.entry(end.entryId)
}

/** Opens the flow that mends or changes an entry, and fills it in. */
export async function edit(
  player: IntegrationPlayer,
  source: 'reauth' | 'reconfigure',
  { entryId, values }: { readonly entryId: string; readonly values: EnteredValues },
) {
  return player.walk(await player.start({ source, entryId }), values)
}
