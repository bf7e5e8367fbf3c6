import type * as z from 'zod'
import { isAddressField } from '../authoring/field.ts'
import type { AnyIntegration } from '../authoring/integration.ts'
import { expectNew } from './expected-view.ts'
import { type IntegrationPath, NEW } from './integration-path.ts'

/** An address that is reserved for documentation. Requests to it go to the service of the test. */
const IPV6 = '2001:db8::7'

/** Returns the tests of the spellings of an address that users paste, by title, for each `address()` field. */
export function addressPaths(integration: AnyIntegration): Readonly<Record<string, IntegrationPath>> {
  const { fields, methods = {} } = integration
  const shapes = [fields, ...Object.values(methods).map((method) => method.fields)]
  const types = Object.assign({}, ...shapes.map((form) => form?.shape)) as Record<string, z.ZodType>
  const paths: Record<string, IntegrationPath> = {}
  for (const [field, type] of Object.entries(types)) {
    if (!isAddressField(type)) continue
    paths[`links an address with a slash at its end: ${field}`] = async (player, { good }) => {
      const value = good[field]
      if (typeof value === 'string')
        expectNew(player, await player.walk(await player.start(NEW), { [field]: `${value}/` }))
    }
    paths[`links a bare IPv6 address: ${field}`] = async (player, { good }) => {
      const value = type.safeParse(good[field]).data
      if (typeof value !== 'string') return
      const url = URL.parse(value.includes('://') ? value : `http://${value}`)
      const end = await player.walk(await player.start(NEW))
      const asked = player.network.requests.find(({ hostname }) => hostname === url?.hostname)
      // The service is not asked over fetch, so its requests cannot be redirected.
      if (asked === undefined) return
      const { entryId } = expectNew(player, end)
      await player.remove(entryId)
      player.network.redirect(`[${IPV6}]`, asked)
      const linked = await player.walk(await player.start(NEW), { [field]: IPV6 })
      if (linked.type !== 'create_entry')
        player.fail(
          linked,
          `connect must reach the IPv6 address "${IPV6}" of the field ${field}. In a URL it is in brackets`,
        )
    }
  }
  return paths
}
