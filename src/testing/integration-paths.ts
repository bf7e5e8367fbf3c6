import assert from 'node:assert/strict'
import type { View } from '../view.ts'
import { expectEnd, expectError, expectNew, expectRefusal } from './expected-view.ts'
import { edit, type IntegrationPath, NEW, setUp } from './integration-path.ts'
import type { IntegrationPlayer } from './integration-player.ts'
import type { EnteredValues, StandingService } from './integration-world.ts'
import { clearFields, leaks, replacedTexts } from './leaks.ts'

/** The tests of all integrations, by title. */
export const integrationPaths: Readonly<Record<string, IntegrationPath>> = {
  'sets up an entry': async (player) => {
    const entry = await setUp(player)
    await player.expectRunning(entry.entryId, 'after its setup')
  },
  'rejects a wrong credential as invalid_auth, and recovers': async (player, { bad }) => {
    if (bad === null) return expectNoSecrets(player)
    const refused = await player.walk(await player.start(NEW), bad)
    if (refused.type === 'external' || refused.type === 'progress')
      expectError(player, refused, 'authorize_rejected', 'return only the granted values')
    else
      expectError(
        player,
        refused,
        'invalid_auth',
        'throw InvalidAuthError if the service rejects the credential',
      )
    expectNew(player, await player.recover(refused))
  },
  'reports cannot_connect if the service is unreachable, and recovers': async (player) => {
    const form = await player.start(NEW)
    await player.setAway(true)
    const failed = await player.walk(form)
    expectError(player, failed, 'cannot_connect', 'throw CannotConnectError if the service is unreachable')
    await player.setAway(false)
    expectNew(player, await player.recover(failed))
  },
  'detects an account that is already linked': async (player, { fresh }) => {
    const { singleInstance, abortIfEntriesMatch } = player.watched.integration
    const { uniqueId } = await setUp(player)
    const end = await player.walk(await player.start(NEW), fresh ?? {})
    if (singleInstance === true) expectEnd(player, end, 'single_instance_allowed')
    else if (uniqueId !== null || abortIfEntriesMatch !== undefined)
      expectEnd(player, end, 'already_configured')
    else expectNew(player, end)
  },
  'repairs the entry with a reauthentication': async (player, { fresh }) => {
    const { entryId, credentialRevision } = await setUp(player)
    const end = await edit(player, 'reauth', { entryId, values: fresh ?? {} })
    expectEnd(player, end, 'reauth_successful')
    const repaired = await player.entry(entryId)
    assert.ok(
      repaired.credentialRevision > credentialRevision,
      `${repaired.domain}: the reauthentication saved no new credential.`,
    )
    await player.expectRunning(entryId, 'after its reauthentication')
  },
  'does not change the entry if the account is different': async (player, { other }) => {
    if (other === null) return
    const before = await setUp(player)
    for (const source of ['reauth', 'reconfigure'] as const) {
      const form = await player.start({ source, entryId: before.entryId })
      const asks = askedOf(form, other)
      // A device without a sign-in has a form without fields.
      if (asks === 'none') {
        await player.cancel(form)
        continue
      }
      const end = await player.walk(form, other)
      // A form that asks only for the password sends it with the stored user name, so the service refuses it.
      if (asks === 'some' && hasError(end, 'invalid_auth')) await player.cancel(end)
      else expectRefusal(player, end)
      const mistake = `${before.domain}: a different account changed the entry.`
      assert.deepEqual(await player.entry(before.entryId), before, mistake)
    }
  },
  'switches the entry to another account': async (player, { other }) => {
    if (other === null) return
    const { entryId } = await setUp(player)
    const values = { ...other, choices: { ...other.choices, replace_confirm: 'replace' } }
    const end = await player.walk(await player.start({ source: 'replace', entryId }), values)
    expectEnd(player, end, 'replace_successful')
    await player.expectRunning(entryId, 'with another account')
  },
  'continues after a restart between any two steps': async (player) => {
    const { entryId } = expectNew(player, await player.walk(await player.start(NEW), {}, true))
    await player.restart()
    await player.expectRunning(entryId, 'after a restart')
  },
  'closes every connection': async (player, service) => {
    await playAll(player, service)
    await player.stop()
    const { open, integration } = player.watched
    assert.equal(open, 0, `${integration.domain}: ${open} connections were not disposed.`)
    const left = await connectionsLeft(service)
    assert.equal(
      left,
      0,
      `${integration.domain}: the service still has ${left} connections. Close them in dispose, and if connect throws.`,
    )
  },
  'contains no secret in any view, event, log line or entry': async (player, service) => {
    await playAll(player, service)
    await player.stop()
    const { secrets, integration } = player.watched
    const places = leaks(player.shown, secrets)
    const fields = clearFields(player.shown, secrets)
    const fix = fields.length === 0 ? '' : ` Define the field ${fields.join(', ')} with secret() or token().`
    const mistake = `${integration.domain}: a secret is readable in ${places.join(', ')}.${fix}`
    assert.deepEqual(places, [], mistake)
    const [text] = replacedTexts(player.shown)
    const told = `${integration.domain}: connect returned a secret in the ${text}. Users see [secret] instead.`
    assert.equal(text, undefined, told)
  },
}

/** Returns the open connections of a service, which may notice later that they are closed. */
async function connectionsLeft({ open }: StandingService): Promise<number> {
  let left = open?.() ?? 0
  for (let waits = 0; left > 0 && waits < 200; waits++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    left = open?.() ?? 0
  }
  return left
}

/** Returns how many of these values a form asks for. A step without a form counts as asking for all. */
function askedOf(view: View, { choices: _, ...values }: EnteredValues): 'all' | 'some' | 'none' {
  if (view.type !== 'form') return 'all'
  const asked = Object.keys(values).filter((field) => view.order.includes(field))
  if (asked.length === 0) return 'none'
  return asked.length === Object.keys(values).length ? 'all' : 'some'
}

const hasError = (view: View, code: string): boolean =>
  'errors' in view && Object.values(view.errors).some((error) => error.code === code)

/** @throws AssertionError if a form of the integration asks for a secret, although the service refuses nothing */
function expectNoSecrets(player: IntegrationPlayer): void {
  const { domain } = player.watched.integration
  const [secret] = player.watched.secretFields
  const mistake = `${domain}: the world has \`bad: null\`, but the field "${secret}" is a secret. Add a value that the service refuses.`
  assert.ok(secret === undefined, mistake)
}

/** Runs a part of each path: rejected, unreachable, set up, and reauthenticated with a different account. */
async function playAll(player: IntegrationPlayer, service: StandingService): Promise<void> {
  const form = await player.start(NEW)
  const refused = service.bad === null ? form : await player.walk(form, service.bad)
  await player.setAway(true)
  const failed = await player.recover(refused)
  await player.setAway(false)
  const { entryId } = await player.recover(failed)
  if (entryId === null) return
  if (service.other !== null) await edit(player, 'reauth', { entryId, values: service.other })
  await player.entry(entryId)
}
