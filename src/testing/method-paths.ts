import type { AnyIntegration } from '../authoring/integration.ts'
import { expectEnd } from './expected-view.ts'
import { edit, type IntegrationPath, setUp } from './integration-path.ts'

/** Returns a test for each sign-in method, by title. The other tests play a sign-in in a browser that has no alternative. */
export const methodPaths = ({ methods = {} }: AnyIntegration): Readonly<Record<string, IntegrationPath>> =>
  Object.fromEntries(
    Object.entries(methods)
      .filter(([, { fields }], _, all) => fields !== undefined || all.length > 1)
      .map(([name, { title }]) => [
        `sets up and reauthenticates an entry with the method: ${title}`,
        async (player, { good, methods = {} }) => {
          const values = { ...methods[name], choices: { ...good.choices, pick_method: name } }
          const { entryId } = await setUp(player, values)
          expectEnd(player, await edit(player, 'reauth', { entryId, values }), 'reauth_successful')
          await player.expectRunning(entryId, `after a reauthentication with ${title}`)
        },
      ]),
  )
