import assert from 'node:assert/strict'
import type { AnyIntegration } from '../authoring/integration.ts'
import { callsOf, codesOf, describeView, expectEnd, expectNew } from './expected-view.ts'
import { edit, type IntegrationPath, NEW, setUp } from './integration-path.ts'

/** The codes of errors that do not name a wrong answer. */
const OTHER_CODES: ReadonlySet<string> = new Set(['unknown', 'cannot_connect', 'timeout', 'setup_error'])

/** Returns the tests of the life of an entry that the world supports, by title. */
export function lifePaths(integration: AnyIntegration): Readonly<Record<string, IntegrationPath>> {
  const { domain, challenges, onRemove, methods = {} } = integration
  const renews = [integration, ...Object.values(methods)].some(({ refresh }) => refresh !== undefined)
  const paths: Record<string, IntegrationPath> = {
    'makes calls with the client': async (player, { use }) => {
      if (use === undefined) return
      const { entryId } = await setUp(player)
      const error = await player.use(entryId)
      assert.ok(error === null, `${domain}: the client failed${because(error)}.`)
      const at = player.watched.expiresAt()
      const seconds = `${domain}: expiresAt returned a time in the past for a new token. Return milliseconds since the epoch, not seconds.`
      assert.ok(at === null || at > Date.now(), seconds)
      if (!player.expireToken()) return
      const { connects } = player.watched
      const refreshed = await player.use(entryId)
      // After a refused call, Latchkey connects again. Each expiration then takes several requests.
      const isCurrent = refreshed === null && player.watched.connects === connects
      const mistake = `${domain}: the service refused a call of the client after its token was refreshed. Call \`stored()\` before each request, because refresh replaces the token.`
      assert.ok(isCurrent, mistake)
    },
    'asks the user if the service has revoked the credential': async (player, { kill, fresh }) => {
      if (kill === undefined) return
      const { entryId } = await setUp(player)
      await kill()
      const { state } = await player.reload(entryId)
      const mistake = `${domain}: the credential was revoked, and the entry is ${state} instead of reauth_required. ${renews ? 'refresh and connect' : 'connect'} must throw InvalidAuthError if the service rejects the credential.`
      assert.equal(state, 'reauth_required', mistake)
      expectEnd(player, await edit(player, 'reauth', { entryId, values: fresh ?? {} }), 'reauth_successful')
      await player.expectRunning(entryId, 'after its credential was revoked and replaced')
    },
    'asks the user if the service rejects a call of the client': async (player, { kill, use }) => {
      if (kill === undefined || use === undefined) return
      const { entryId } = await setUp(player)
      await kill()
      const error = await player.use(entryId)
      assert.ok(error !== null, `${domain}: the client succeeded with a revoked credential.`)
      const { state } = await player.view(entryId)
      const mistake = `${domain}: the credential was revoked, and the client failed${because(error)}: the entry is ${state} instead of reauth_required. The client must throw InvalidAuthError if the service rejects the credential.`
      assert.equal(state, 'reauth_required', mistake)
    },
    'connects again if the connection drops': async (player, { drop }) => {
      if (drop === undefined) return
      const { entryId } = await setUp(player)
      await drop()
      const state = await player.leftLoaded(entryId)
      const mistake = `${domain}: the connection dropped, and the entry is still loaded. Call \`lost()\` when the connection closes.`
      assert.notEqual(state, 'loaded', mistake)
      await player.reload(entryId)
      await player.expectRunning(entryId, 'after its connection dropped')
    },
  }
  if (challenges !== undefined) {
    paths['rejects a wrong answer to a challenge, and recovers'] = async (player, { badChallenge }) => {
      if (badChallenge === undefined) return
      player.answerWrong(true)
      const refused = await player.walk(await player.start(NEW))
      player.answerWrong(false)
      const [code] = codesOf(refused)
      if (code === undefined || OTHER_CODES.has(code)) {
        player.fail(
          refused,
          `a wrong answer must show invalid_auth or a code of the integration: ${describeView(player, refused)}; ${callsOf(integration)} must throw InvalidAuthError or FormError, or return the challenge with an \`error\``,
        )
      }
      expectNew(player, await player.walk(refused))
    }
  }
  if (
    onRemove !== undefined ||
    Object.values(methods).some(({ authorize }) => authorize?.revoke !== undefined)
  ) {
    paths['informs the service that an entry was removed'] = async (player, { removed }) => {
      const { entryId } = await setUp(player)
      await player.remove(entryId)
      // It waits for the calls of the removal.
      await player.stop()
      const { informed, removalErrors } = player.watched
      const [error] = removalErrors
      const when = informed > 1 ? ' when it was called again' : ''
      const mistake = `${domain}: onRemove failed${when}${because(error ?? null)}. It can be called several times, so an account that is already signed out is a success.`
      assert.ok(removalErrors.every(isRefused), mistake)
      const left = `${domain}: the entry was removed, but the service was not informed. Revoke the credential in onRemove.`
      assert.ok(removed?.() !== false, left)
    }
  }
  return paths
}

/** A rejected credential is already signed out. */
const isRefused = (error: unknown): boolean => codeOf(error) === 'invalid_auth'

/** Returns the kind of an error, without its message, which may have a secret. */
const because = (error: unknown): string => ` with ${codeOf(error) ?? nameOf(error)}`

const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'no error')
