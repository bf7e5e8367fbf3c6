import type { EntryRecord } from '../ports/store.ts'
import { expectNew } from './expected-view.ts'
import type { IntegrationPlayer } from './integration-player.ts'
import type { EnteredValues, StandingService } from './integration-world.ts'

/** A test of an integration's flows. @throws AssertionError if the integration does not behave as expected */
export type IntegrationPath = (player: IntegrationPlayer, service: StandingService) => Promise<void>

/** The start request of a new entry. */
export const NEW = { source: 'user' } as const

/** Creates an entry with valid values. */
export async function setUp(player: IntegrationPlayer, values: EnteredValues = {}): Promise<EntryRecord> {
  const end = expectNew(player, await player.walk(await player.start(NEW), values))
  return player.entry(end.entryId)
}

/** Opens a reauthentication or reconfiguration and submits its forms. */
export async function edit(
  player: IntegrationPlayer,
  source: 'reauth' | 'reconfigure',
  { entryId, values }: { readonly entryId: string; readonly values: EnteredValues },
) {
  return player.walk(await player.start({ source, entryId }), values)
}
