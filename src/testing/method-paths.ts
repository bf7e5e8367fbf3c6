import type { AnyIntegration } from '../authoring/integration.ts'
import { expectEnd } from './expected-view.ts'
import { edit, type IntegrationPath, setUp } from './integration-path.ts'

/** Each way in that asks for fields, and how its entries are mended by the same. */
export const methodPaths = ({ methods = {} }: AnyIntegration): Readonly<Record<string, IntegrationPath>> =>
  Object.fromEntries(
    Object.entries(methods)
      .filter(([, { fields }]) => fields !== undefined)
      .map(([name, { title }]) => [
        `sets an entry up and mends it by: ${title}`,
        async (player, { good, methods = {} }) => {
          const values = { ...methods[name], choices: { ...good.choices, pick_method: name } }
          const { entryId } = await setUp(player, values)
          expectEnd(player, await edit(player, 'reauth', { entryId, values }), 'reauth_successful')
          await player.expectRunning(entryId, `after it was mended by ${title}`)
        },
      ]),
  )
