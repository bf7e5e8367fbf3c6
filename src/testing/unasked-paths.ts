import type { AnyIntegration } from '../authoring/integration.ts'
import { expectEnd, expectNew } from './expected-view.ts'
import type { IntegrationPath } from './integration-path.ts'

/** How entries come about that no person has asked for, by what that proves: as far as an integration lets them. */
export function unaskedPaths(integration: AnyIntegration): Readonly<Record<string, IntegrationPath>> {
  const { challenges, fields, methods = {} } = integration
  const paths: Record<string, IntegrationPath> = {
    'links what was found once a person has confirmed it': async (player, { discovery }) => {
      if (discovery === undefined) return
      const found = await player.start({ source: 'discovery', discovery })
      const end = await player.walk(found)
      if (end.type === 'abort' && end.reason === 'wrong_account')
        player.fail(end, 'it is announced under another identity than the one that connect reports')
      const { entryId } = expectNew(player, end)
      await player.expectRunning(entryId, 'after it was found')
      expectEnd(player, await player.start({ source: 'discovery', discovery }), 'already_configured')
    },
  }
  const imported = fields ?? Object.values(methods)[0]?.fields
  if (imported === undefined) return paths
  paths['imports what it is given, and nothing that the service refuses'] = async (player, { bad }) => {
    expectEnd(player, await player.import(imported, bad), 'invalid_auth')
    const end = await player.import(imported, {})
    // Nobody is there who could answer.
    if (challenges !== undefined && end.type === 'abort') return expectEnd(player, end, 'challenge_required')
    const { entryId } = expectNew(player, end)
    await player.expectRunning(entryId, 'after it was imported')
  }
  return paths
}
