import assert from 'node:assert/strict'
import { expectEnd, expectError, expectNew, expectRefusal } from './expected-view.ts'
import { edit, type IntegrationPath, NEW, setUp } from './integration-path.ts'
import type { IntegrationPlayer } from './integration-player.ts'
import type { StandingService } from './integration-world.ts'
import { leaks } from './leaks.ts'

/** The paths of any integration, by what they prove. */
export const integrationPaths: Readonly<Record<string, IntegrationPath>> = {
  'sets an entry up': async (player) => {
    const entry = await setUp(player)
    await player.expectRunning(entry.entryId, 'after it was set up')
  },
  'refuses a wrong credential as invalid_auth, and recovers': async (player, { bad }) => {
    const refused = await player.walk(await player.start(NEW), bad)
    if (refused.type === 'external')
      expectError(player, refused, 'authorize_rejected', 'sign in by what is granted')
    else expectError(player, refused, 'invalid_auth', 'throw InvalidAuthError where the service refuses')
    expectNew(player, await player.recover(refused))
  },
  'says cannot_connect where the service is away, and recovers': async (player) => {
    const form = await player.start(NEW)
    await player.setAway(true)
    const failed = await player.walk(form)
    expectError(player, failed, 'cannot_connect', 'throw CannotConnectError where the service is away')
    await player.setAway(false)
    expectNew(player, await player.recover(failed))
  },
  'tells that the account is linked already': async (player, { fresh }) => {
    const { singleInstance, abortIfEntriesMatch } = player.watched.integration
    const { uniqueId } = await setUp(player)
    const end = await player.walk(await player.start(NEW), fresh ?? {})
    if (singleInstance === true) expectEnd(player, end, 'single_instance_allowed')
    else if (uniqueId !== null || abortIfEntriesMatch !== undefined)
      expectEnd(player, end, 'already_configured')
    else expectNew(player, end)
  },
  'mends the entry by a reauthentication': async (player, { fresh }) => {
    const { entryId, credentialRevision } = await setUp(player)
    const end = await edit(player, 'reauth', { entryId, values: fresh ?? {} })
    expectEnd(player, end, 'reauth_successful')
    const mended = await player.entry(entryId)
    assert.ok(
      mended.credentialRevision > credentialRevision,
      `${mended.domain}: the reauthentication kept no new credential.`,
    )
    await player.expectRunning(entryId, 'after its reauthentication')
  },
  'leaves the entry byte for byte as it was where the account is another': async (player, { other }) => {
    if (other === null) return
    const before = await setUp(player)
    for (const source of ['reauth', 'reconfigure'] as const) {
      expectRefusal(player, await edit(player, source, { entryId: before.entryId, values: other }))
      const mistake = `${before.domain}: another account changed the entry.`
      assert.deepEqual(await player.entry(before.entryId), before, mistake)
    }
  },
  'goes on after a restart between any two steps': async (player) => {
    const { entryId } = expectNew(player, await player.walk(await player.start(NEW), {}, true))
    await player.restart()
    await player.expectRunning(entryId, 'after a restart')
  },
  'closes every connection': async (player, service) => {
    await everything(player, service)
    await player.stop()
    const { open, integration } = player.watched
    assert.equal(open, 0, `${integration.domain}: ${open} connections were not disposed.`)
    const left = service.open?.() ?? 0
    assert.equal(
      left,
      0,
      `${integration.domain}: the service still has ${left} connections. Close them in dispose, and where connect throws.`,
    )
  },
  'shows no secret in any view, event, log or entry': async (player, service) => {
    await everything(player, service)
    await player.stop()
    const places = leaks(player.shown, player.watched.secrets)
    const { domain } = player.watched.integration
    assert.deepEqual(places, [], `${domain}: a secret can be read in ${places.join(', ')}.`)
  },
}

/** A bit of each path: refused, away, set up, and mended by another account and by its own. */
async function everything(player: IntegrationPlayer, service: StandingService): Promise<void> {
  const refused = await player.walk(await player.start(NEW), service.bad)
  await player.setAway(true)
  const failed = await player.recover(refused)
  await player.setAway(false)
  const { entryId } = await player.recover(failed)
  if (entryId === null) return
  if (service.other !== null) await edit(player, 'reauth', { entryId, values: service.other })
  await player.entry(entryId)
}
