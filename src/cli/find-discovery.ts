import type { ScopedLatchkey } from '../engine/api/latchkey.ts'
import { UnknownFlowError } from '../errors.ts'
import type { View } from '../view.ts'
import { allPages } from './all-pages.ts'
import { onlyMatch } from './only-match.ts'

/** Returns the open flows of discoveries. */
export async function allDiscoveries({ flows }: ScopedLatchkey): Promise<readonly View[]> {
  const { items } = await allPages((query) => flows.list(query))
  return items.filter(({ source }) => source === 'discovery')
}

/**
 * Finds a discovery by the id of its flow, or by its name if only one discovery has it.
 *
 * @throws UnknownFlowError if none matches, UsageError if several have the name
 */
export async function findDiscovery(scoped: ScopedLatchkey, idOrName: string): Promise<View> {
  const found = await allDiscoveries(scoped)
  const byId = found.find(({ flowId }) => flowId === idOrName)
  const matches = found.filter(({ placeholders }) => placeholders.name === idOrName)
  const only = byId ?? onlyMatch(matches, 'discoveries', ({ flowId }) => flowId)
  if (only === undefined) throw new UnknownFlowError(idOrName)
  return only
}
