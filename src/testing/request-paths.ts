import assert from 'node:assert/strict'
import type { AnyIntegration } from '../authoring/integration.ts'
import { type IntegrationPath, NEW, setUp } from './integration-path.ts'
import type { IntegrationPlayer } from './integration-player.ts'

/** The answers of a service with an outage, or with a limit of requests. */
const PASSING = [503, 429]

/** Returns the tests of the requests that the integration sends with `context.fetch`, by title. */
export function requestPaths({ domain }: AnyIntegration): Readonly<Record<string, IntegrationPath>> {
  return {
    'ends its requests if the user cancels': async (player) => {
      const form = await player.start(NEW)
      const { signals, asked, release } = hold(player)
      // A cancelled flow has no further step.
      const walked = player.walk(form).catch(() => null)
      await Promise.race([asked, walked])
      await player.cancel(form)
      const isEnded = signals.every((signal) => signal?.aborted === true)
      release()
      await walked
      const mistake = `${domain}: a request goes on after the user has cancelled. Pass \`signal\` of the context to each request.`
      assert.ok(isEnded, mistake)
    },
    'tries again if the service answers with an outage': async (player) => {
      const { entryId } = await setUp(player)
      for (const status of PASSING) {
        player.network.answer = async () => new Response(null, { status })
        const { state } = await player.reload(entryId)
        player.network.answer = null
        // It is loaded if it sends no requests with `context.fetch`.
        const mistake = `${domain}: the service answered with status ${status}, and the entry is ${state} instead of setup_retry. Throw InvalidAuthError and SetupError only if trying again does not help. \`assertOk\` does.`
        assert.ok(state === 'setup_retry' || state === 'loaded', mistake)
      }
      await player.reload(entryId)
      await player.expectRunning(entryId, 'after an outage of its service')
    },
  }
}

/** Lets all requests wait until they are aborted or released. `asked` resolves with the first one. */
function hold({ network }: IntegrationPlayer) {
  const signals: (AbortSignal | null)[] = []
  const ends: (() => void)[] = []
  const asked = new Promise<void>((resolve) => {
    network.answer = (signal) =>
      new Promise((_, reject) => {
        signals.push(signal)
        ends.push(() => reject(new TypeError('fetch failed')))
        signal?.addEventListener('abort', () => reject(signal.reason))
        resolve()
      })
  })
  const release = () => {
    network.answer = null
    for (const end of ends) end()
  }
  return { signals, asked, release }
}
