import type { AnyIntegration } from '../authoring/integration.ts'
import { expectEnd, expectNew } from './expected-view.ts'
import type { IntegrationPath } from './integration-path.ts'
import { asksForAnother } from './integration-player.ts'

/** Returns the tests of discoveries and imports that the integration supports, by title. */
export function unattendedPaths(integration: AnyIntegration): Readonly<Record<string, IntegrationPath>> {
  const { challenges, fields, methods = {} } = integration
  const paths: Record<string, IntegrationPath> = {
    'links a discovery after a confirmation': async (player, { discovery }) => {
      if (discovery === undefined) return
      const found = await player.start({ source: 'discovery', discovery })
      const end = await player.walk(found)
      if (asksForAnother(end))
        player.fail(end, 'the unique id of the discovery differs from the one that connect returns')
      const { entryId } = expectNew(player, end)
      await player.expectRunning(entryId, 'after its discovery')
      expectEnd(player, await player.start({ source: 'discovery', discovery }), 'already_configured')
    },
  }
  const imported = fields ?? Object.values(methods)[0]?.fields
  if (imported === undefined) return paths
  paths['imports valid values, and rejects values that the service rejects'] = async (player, { bad }) => {
    if (bad !== null) expectEnd(player, await player.import(imported, bad), 'invalid_auth')
    const end = await player.import(imported, {})
    // No user can answer the challenge.
    if (challenges !== undefined && end.type === 'abort') return expectEnd(player, end, 'challenge_required')
    const { entryId } = expectNew(player, end)
    await player.expectRunning(entryId, 'after its import')
  }
  return paths
}
