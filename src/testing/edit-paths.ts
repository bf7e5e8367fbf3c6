import assert from 'node:assert/strict'
import type { AnyIntegration } from '../integration.ts'
import { expectEnd } from './expected-view.ts'
import { edit, type IntegrationPath, setUp } from './integration-path.ts'

/** How an entry is changed, by what that proves: as far as an integration lets it be. */
export function editPaths(integration: AnyIntegration): Readonly<Record<string, IntegrationPath>> {
  const { domain, options, version = 1, migrate, migrateOptions } = integration
  const paths: Record<string, IntegrationPath> = {
    'changes the entry by a reconfiguration': async (player, { fresh, moved }) => {
      const { entryId, credentialRevision } = await setUp(player)
      const end = await edit(player, 'reconfigure', { entryId, values: { ...fresh, ...moved } })
      expectEnd(player, end, 'reconfigure_successful')
      const changed = await player.entry(entryId)
      const mistake = `${domain}: the reconfiguration kept nothing new.`
      assert.ok(changed.credentialRevision > credentialRevision, mistake)
      await player.expectRunning(entryId, 'after its reconfiguration')
    },
  }
  if (options !== undefined) {
    paths['runs with other options'] = async (player, service) => {
      assert.ok(service.options !== undefined, `${domain}: the world gives no \`options\` to set.`)
      const { entryId } = await setUp(player)
      const end = await player.walk(await player.start({ source: 'options', entryId }))
      expectEnd(player, end, 'options_successful')
      await player.expectRunning(entryId, 'with other options')
    }
  }
  const oldest = Math.min(version, ...Object.keys({ ...migrate, ...migrateOptions }).map(Number))
  for (let older = oldest; older < version; older++) {
    paths[`brings an entry of version ${older} to this one`] = async (player) => {
      const { entryId } = await player.replaceByOlder(await setUp(player), older)
      await player.expectRunning(entryId, `after it was migrated from version ${older}`)
    }
  }
  return paths
}
