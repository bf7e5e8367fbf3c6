import assert from 'node:assert/strict'
import type { AnyIntegration } from '../authoring/integration.ts'
import { addressPaths } from './address-paths.ts'
import { checkTexts } from './check-texts.ts'
import { editPaths } from './edit-paths.ts'
import { CHANGES_ID, SHARES_ID } from './expected-view.ts'
import { setUp } from './integration-path.ts'
import { integrationPaths } from './integration-paths.ts'
import { IntegrationPlayer } from './integration-player.ts'
import type { EnteredValues, IntegrationWorld, StandingService, TestFrame } from './integration-world.ts'
import { lifePaths } from './life-paths.ts'
import { methodPaths } from './method-paths.ts'
import { requestPaths } from './request-paths.ts'
import { unattendedPaths } from './unattended-paths.ts'
import { clearCredentials } from './watched-integration.ts'

/**
 * Registers tests for all flows of an integration. They use the public API with the real `connect`, against a service
 * that the world starts. The secrets are those of the fields and all that `connect` receives: a test fails if one of them
 * is shown or stored unencrypted. A field that is not a secret, but decides whether the service accepts the login,
 * causes a warning. Home Assistant: "full test coverage for the config flow".
 *
 * @example
 * ```ts
 * import { describe, it } from '@jest/globals'
 * import { describeIntegration } from 'latchkey/testing'
 * import { myHub } from './my-hub.ts'
 * import { MyService } from './service.ts'
 *
 * const world = {
 *   async start() {
 *     const hub = await MyService.start()
 *     hub.tokens.set('token-1', { id: 'a', name: 'Anna' }).set('token-2', { id: 'b', name: 'Ben' })
 *     return {
 *       good: { host: hub.host, apiToken: 'token-1' },
 *       fresh: null,
 *       other: { apiToken: 'token-2' },
 *       bad: { apiToken: 'not-a-token' },
 *       unreachable: async () => void (hub.down = true),
 *       back: async () => void (hub.down = false),
 *       stop: () => hub.stop(),
 *     }
 *   },
 * }
 * describeIntegration(myHub, world, { describe, it })
 * ```
 */
export function describeIntegration(
  integration: AnyIntegration,
  world: IntegrationWorld,
  { describe, it }: TestFrame,
): void {
  const { domain } = integration
  describe(`the integration ${domain}`, () => {
    const paths = {
      ...integrationPaths,
      ...methodPaths(integration),
      ...editPaths(integration),
      ...addressPaths(integration),
      ...unattendedPaths(integration),
      ...lifePaths(integration),
      ...requestPaths(integration),
    }
    for (const [title, path] of Object.entries(paths)) {
      it(title, () =>
        withService(world, (service) => withPlayer(integration, service, (player) => path(player, service))),
      )
    }
    it('returns the same unique id each time', () =>
      withService(world, async (service) => {
        const identity = (values: EnteredValues) =>
          withPlayer(integration, service, async (player) => (await setUp(player, values)).uniqueId)
        const first = await identity({})
        for (const values of [service.good, service.fresh ?? {}]) {
          const again = await identity(values)
          assert.ok(again === first, `${domain}: ${CHANGES_ID}.`)
        }
        if (first === null || service.other === null) return
        assert.ok((await identity(service.other)) !== first, `${domain}: ${SHARES_ID}.`)
      }))
    it('encrypts the credential', () =>
      withService(world, async (service) => {
        // Only a warning: the service can also reject a user name or an address.
        for (const field of clearCredentials(integration, service)) {
          console.warn(
            `${domain}: the service rejects a wrong "${field}", but the field is not a secret. Use secret() if it is a credential.`,
          )
        }
      }))
    it('has all texts in all of its languages', async () => {
      const problems = checkTexts(integration).map(({ message }) => message)
      assert.deepEqual(problems, [], problems.join('\n'))
    })
  })
}

async function withService(
  world: IntegrationWorld,
  work: (service: StandingService) => Promise<void>,
): Promise<void> {
  const service = await world.start()
  try {
    await work(service)
  } finally {
    await service.stop()
  }
}

async function withPlayer<Result>(
  integration: AnyIntegration,
  service: StandingService,
  work: (player: IntegrationPlayer) => Promise<Result>,
): Promise<Result> {
  const player = new IntegrationPlayer(integration, service)
  try {
    await player.restart()
    return await work(player)
  } finally {
    await player.stop()
  }
}
