import type { AnyIntegration } from '../../src/index.ts'
import { describeIntegration, type IntegrationWorld } from '../../src/testing/index.ts'
import { myHubWorld } from './my-hub-world.ts'

/** Runs the registered tests. @returns the message of each failure by title, or null */
export async function outcomes(
  integration: AnyIntegration,
  where: IntegrationWorld = myHubWorld,
): Promise<Readonly<Record<string, string | null>>> {
  const tests = new Map<string, () => Promise<void>>()
  describeIntegration(integration, where, {
    describe: (_, body) => body(),
    it: (title, body) => tests.set(title, body),
  })
  const found: Record<string, string | null> = {}
  for (const [title, body] of tests) {
    found[title] = await body().then(
      () => null,
      (error: Error) => error.message,
    )
  }
  return found
}

/** The titles of the failed tests. */
export const failing = (found: Readonly<Record<string, string | null>>) =>
  Object.keys(found).filter((title) => found[title] !== null)
