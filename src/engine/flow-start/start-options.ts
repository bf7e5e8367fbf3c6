import { InvalidInputError } from '../../errors.ts'
import type { Asked } from '../../ports/store.ts'
import type { CheckedFlow } from '../flow-state/flow-record.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { slots } from '../records/flow-slots.ts'
import type { FlowOpening } from './open-flow.ts'
import { openParallelFlow } from './open-parallel-flow.ts'

/** The entry whose options change, and the principal. */
interface OptionsRequest {
  readonly scope: string
  readonly domain: string | undefined
  readonly entryId: string
  readonly who: string
  readonly asked: Asked | null
}

/**
 * Opens the options flow of an entry, or returns the open one. Options are not a credential: the flow runs in
 * parallel with the edit flow, and there is one options flow at a time.
 *
 * @throws UnknownEntryError, WrongIntegrationError, InvalidInputError where the integration has no options, TooManyFlowsError
 */
export function startOptions(
  core: Core,
  opening: FlowOpening,
  { scope, domain, entryId, who, asked }: OptionsRequest,
): Promise<CheckedFlow> {
  return openParallelFlow(core, opening, async () => {
    const entry = await opening.entryOf({ scope, entryId, domain, source: 'options' })
    if (!integrationOf(core, entry.domain).steps.has('init')) {
      throw new InvalidInputError(`The integration ${entry.domain} has no options.`, ['/source'])
    }
    const about = { entry, domain: entry.domain, source: 'options' } as const
    return { ...about, scope, who, asked, slot: slots.options(entryId) }
  })
}
