import assert from 'node:assert/strict'
import type { AnyIntegration } from '../authoring/integration.ts'
import { checkTexts } from './check-texts.ts'
import { editPaths } from './edit-paths.ts'
import { setUp } from './integration-path.ts'
import { integrationPaths } from './integration-paths.ts'
import { IntegrationPlayer } from './integration-player.ts'
import type { IntegrationWorld, StandingService, TestFrame } from './integration-world.ts'
import { methodPaths } from './method-paths.ts'
import { unaskedPaths } from './unasked-paths.ts'

/**
 * Registers the paths of an integration's flows as tests: each is played through the public API with its real `connect`,
 * against a service that the world starts. Home Assistant: "full test coverage for the config flow".
 */
export function describeIntegration(
  integration: AnyIntegration,
  world: IntegrationWorld,
  { describe, it }: TestFrame,
): void {
  const { domain } = integration
  describe(`the integration ${domain}`, () => {
    const paths = { ...integrationPaths, ...methodPaths(integration), ...editPaths(integration) }
    for (const [title, path] of Object.entries({ ...paths, ...unaskedPaths(integration) })) {
      it(title, () =>
        withService(world, (service) => withPlayer(integration, service, (player) => path(player, service))),
      )
    }
    it('reports the same identity each time', () =>
      withService(world, async (service) => {
        const identity = (values = {}) =>
          withPlayer(integration, service, async (player) => (await setUp(player, values)).uniqueId)
        const first = await identity()
        for (const values of [service.good, service.fresh ?? {}]) {
          const again = await identity(values)
          const mistake = `${domain}: connect reports another uniqueId for the same account. It has to be one that never changes.`
          assert.ok(again === first, mistake)
        }
      }))
    it('says everything in each of its languages', async () => {
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
