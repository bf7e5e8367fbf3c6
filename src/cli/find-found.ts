import type { ScopedLatchkey } from '../engine/api/latchkey.ts'
import { UnknownFlowError } from '../errors.ts'
import type { View } from '../view.ts'
import { allPages } from './all-pages.ts'
import { onlyCalled } from './only-called.ts'

/** What was found and waits for somebody to confirm it. */
export async function allFound({ flows }: ScopedLatchkey): Promise<readonly View[]> {
  const { items } = await allPages((query) => flows.list(query))
  return items.filter(({ source }) => source === 'discovery')
}

/**
 * What somebody means of what was found: by the id of its flow, or by its name where only one has it.
 * @throws UnknownFlowError, UsageError
 */
export async function findFound(scoped: ScopedLatchkey, named: string): Promise<View> {
  const found = await allFound(scoped)
  const byId = found.find(({ flowId }) => flowId === named)
  const called = found.filter(({ placeholders }) => placeholders.name === named)
  const only = byId ?? onlyCalled(called, 'things that were found', ({ flowId }) => flowId)
  if (only === undefined) throw new UnknownFlowError(named)
  return only
}
