import { InvalidInputError } from '../../errors.ts'
import type { Asked } from '../../ports/store.ts'
import type { CheckedFlow } from '../flow-state/flow-record.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { slots } from '../records/flow-slots.ts'
import type { FlowOpening } from './open-flow.ts'
import { openParallelFlow } from './open-parallel-flow.ts'

/** Whose options are to be changed, and who asks. */
interface OptionsRequest {
  readonly scope: string
  readonly domain: string | undefined
  readonly entryId: string
  readonly who: string
  readonly asked: Asked | null
}

/**
 * Opens the flow that changes an entry's options; the open one where there is one. Options are no credential: it goes on
 * beside a flow that edits the entry, and there is one of its kind at a time.
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
