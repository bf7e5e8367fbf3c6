import assert from 'node:assert/strict'
import type { AnyIntegration } from '../authoring/integration.ts'
import { expectEnd, expectNew } from './expected-view.ts'
import { edit, type IntegrationPath, NEW, setUp } from './integration-path.ts'

const CHANGES_SUBENTRY_ID =
  'name or check returned another uniqueId for the same values. Return an id of the item'

/** Returns the tests of changes to an entry that the integration supports, by title. */
export function editPaths(integration: AnyIntegration): Readonly<Record<string, IntegrationPath>> {
  const { domain, options, subentries = {}, version = 1, migrate = {} } = integration
  const paths: Record<string, IntegrationPath> = {
    'changes the entry with a reconfiguration': async (player, { fresh, moved }) => {
      const { entryId, credentialRevision } = await setUp(player)
      const end = await edit(player, 'reconfigure', { entryId, values: { ...fresh, ...moved } })
      expectEnd(player, end, 'reconfigure_successful')
      const changed = await player.entry(entryId)
      const mistake = `${domain}: the reconfiguration saved no new values.`
      assert.ok(changed.credentialRevision > credentialRevision, mistake)
      await player.expectRunning(entryId, 'after its reconfiguration')
    },
  }
  if (options !== undefined) {
    paths['loads with other options'] = async (player, service) => {
      assert.ok(service.options !== undefined, `${domain}: the world has no \`options\` to set.`)
      const { entryId } = await setUp(player)
      const end = await player.walk(await player.start({ source: 'options', entryId }), service.options)
      expectEnd(player, end, 'options_successful')
      await player.expectRunning(entryId, 'with other options')
    }
  }
  for (const [type, { title }] of Object.entries(subentries)) {
    paths[`adds and changes a sub-entry: ${title}`] = async (player, service) => {
      const values = service.subentries?.[type]
      assert.ok(values !== undefined, `${domain}: the world has no \`subentries.${type}\`.`)
      const { entryId } = await setUp(player)
      const add = async () => player.walk(await player.start({ source: 'subentry', entryId, type }), values)
      expectNew(player, await add())
      const { subentries: under } = await player.expectRunning(
        entryId,
        `with a sub-entry of the type ${type}`,
      )
      const error = await player.use(entryId)
      assert.ok(error === null, `${domain}: the client failed with a sub-entry of the type ${type}.`)
      const { subentryId = '', uniqueId = null } = under[0] ?? {}
      if (uniqueId !== null) expectEnd(player, await add(), 'already_configured', CHANGES_SUBENTRY_ID)
      const change = await player.start({ source: 'subentry', entryId, subentryId })
      expectEnd(player, await player.walk(change, values), 'reconfigure_successful')
      await player.expectRunning(entryId, `after its ${type} was changed`)
    }
  }
  if (integration.next !== undefined) {
    paths['completes the follow-up flow'] = async (player, { next }) => {
      assert.ok(next !== undefined, `${domain}: the world has no \`next\` for the follow-up flow.`)
      const follow = await player.next(expectNew(player, await player.walk(await player.start(NEW))))
      const last = await player.walk(follow, next)
      if (follow.source === 'options') expectEnd(player, last, 'options_successful')
      else expectNew(player, last)
    }
  }
  const oldest = Math.min(version, ...Object.keys(migrate).map(Number))
  for (let older = oldest; older < version; older++) {
    paths[`migrates an entry of version ${older} to this one`] = async (player) => {
      const { entryId } = await player.replaceByOlder(await setUp(player), older)
      await player.expectRunning(entryId, `after its migration from version ${older}`)
    }
  }
  return paths
}
