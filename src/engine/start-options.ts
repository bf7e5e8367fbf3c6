import { InvalidInputError } from '../errors.ts'
import type { Asked } from '../ports/store.ts'
import { isTaken } from './conflict.ts'
import { type Core, integrationOf } from './core.ts'
import type { FlowOpening } from './flow-opening.ts'
import { type CheckedFlow, checkFlow } from './flow-record.ts'
import { held } from './held.ts'

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
export async function startOptions(
  core: Core,
  opening: FlowOpening,
  { scope, domain, entryId, who, asked }: OptionsRequest,
): Promise<CheckedFlow> {
  const holds = held.options(entryId)
  for (;;) {
    const entry = await opening.entryOf({ scope, entryId, domain, source: 'options' })
    if (!integrationOf(core, entry.domain).steps.has('init')) {
      throw new InvalidInputError(`The integration ${entry.domain} has no options.`, ['/source'])
    }
    const open = await core.store.getFlowHolding(scope, entry.domain, holds)
    if (open !== undefined) return checkFlow(open)
    await opening.expectRoom(scope)
    try {
      const about = { entry, domain: entry.domain, source: 'options', holds } as const
      return await opening.open({ ...about, scope, who, need: null, superseded: null, asked })
    } catch (error) {
      if (!isTaken(error, 'held')) throw error
    }
  }
}
