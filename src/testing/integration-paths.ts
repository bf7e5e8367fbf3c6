import assert from 'node:assert/strict'
import type { EntryRecord } from '../ports/store.ts'
import type { View } from '../view.ts'
import type { IntegrationPlayer } from './integration-player.ts'
import type { EnteredValues, StandingService } from './integration-world.ts'
import { leaks } from './leaks.ts'

type Path = (player: IntegrationPlayer, service: StandingService) => Promise<void>

const NEW = { source: 'user' } as const

/** The paths of any integration, by what they prove. */
export const integrationPaths: Readonly<Record<string, Path>> = {
  'sets an entry up': async (player) => {
    const entry = await setUp(player)
    assert.equal(
      await player.stateOf(entry.entryId),
      'loaded',
      `${entry.domain}: the entry does not run after it was set up.`,
    )
  },
  'refuses a wrong credential as invalid_auth, and recovers': async (player, { bad }) => {
    const refused = await player.walk(await player.start(NEW), bad)
    expectError(player, refused, 'invalid_auth', 'throw InvalidAuthError where the service refuses')
    expectNew(player, await player.recover(refused))
  },
  'says cannot_connect where the service is away, and recovers': async (player, service) => {
    const form = await player.start(NEW)
    await service.unreachable()
    const failed = await player.walk(form)
    expectError(player, failed, 'cannot_connect', 'throw CannotConnectError where the service is away')
    await service.back()
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
    expectEnd(player, await reauthenticate(player, entryId, fresh ?? {}), 'reauth_successful')
    const mended = await player.entry(entryId)
    assert.ok(
      mended.credentialRevision > credentialRevision,
      `${mended.domain}: the reauthentication kept no new credential.`,
    )
    assert.equal(await player.stateOf(entryId), 'loaded', `${mended.domain}: the mended entry does not run.`)
  },
  'leaves the entry byte for byte as it was where the account is another': async (player, { other }) => {
    if (other === null) return
    const before = await setUp(player)
    const refused = await reauthenticate(player, before.entryId, other)
    if (player.watched.integration.onAccountMismatch === 'retry')
      expectError(player, refused, 'wrong_account', 'report the identity of the account as uniqueId')
    else expectEnd(player, refused, 'wrong_account')
    assert.deepEqual(
      await player.entry(before.entryId),
      before,
      `${before.domain}: another account changed the entry.`,
    )
  },
  'goes on after a restart between any two steps': async (player) => {
    const { entryId, domain } = expectNew(player, await player.walk(await player.start(NEW), {}, true))
    await player.restart()
    const state = await player.stateOf(entryId)
    assert.equal(state, 'loaded', `${domain}: the entry does not run after a restart.`)
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

/** Sets an entry up with good values. */
export async function setUp(player: IntegrationPlayer, values: EnteredValues = {}): Promise<EntryRecord> {
  const end = expectNew(player, await player.walk(await player.start(NEW), values))
  return player.entry(end.entryId)
}

async function reauthenticate(player: IntegrationPlayer, entryId: string, values: EnteredValues) {
  return player.walk(await player.start({ source: 'reauth', entryId }), values)
}

/** A bit of each path: refused, away, set up, and mended by another account and by its own. */
async function everything(player: IntegrationPlayer, service: StandingService): Promise<void> {
  const refused = await player.walk(await player.start(NEW), service.bad)
  await service.unreachable()
  const failed = await player.recover(refused)
  await service.back()
  const { entryId } = await player.recover(failed)
  if (entryId === null) return
  if (service.other !== null) await reauthenticate(player, entryId, service.other)
  await player.entry(entryId)
}

function expectNew(player: IntegrationPlayer, view: View) {
  if (view.type === 'create_entry') return view
  return player.fail(view, `good values make no entry: ${told(view)}`)
}

function expectEnd(player: IntegrationPlayer, view: View, reason: string): void {
  if (view.type === 'abort' && view.reason === reason) return
  player.fail(view, `the flow is to end with ${reason}: ${told(view)}`)
}

function expectError(player: IntegrationPlayer, view: View, code: string, wayOut: string): void {
  const codes = 'errors' in view ? Object.values(view.errors).map((error) => error.code) : []
  if (codes.includes(code)) return
  player.fail(view, `it is to show ${code}: ${told(view)}; let connect ${wayOut}`)
}

function told(view: View): string {
  if (view.type === 'create_entry') return 'it made an entry'
  if (view.type === 'abort') return `it ended with ${view.reason}`
  const errors = 'errors' in view ? Object.entries(view.errors) : []
  return `it shows ${errors.map(([place, { code }]) => `${code} at ${place}`).join(', ') || 'no error'}`
}
