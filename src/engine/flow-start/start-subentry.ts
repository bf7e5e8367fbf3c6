import { InvalidInputError } from '../../errors.ts'
import type { Asked } from '../../ports/store.ts'
import type { CheckedFlow } from '../flow-state/flow-record.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { slots } from '../records/flow-slots.ts'
import { subentryIn } from '../records/subentries.ts'
import type { FlowOpening } from './open-flow.ts'
import { openParallelFlow } from './open-parallel-flow.ts'

/** The sub-entry to add or change, its entry, and the principal. */
interface SubentryRequest {
  readonly scope: string
  readonly domain: string | undefined
  readonly entryId: string
  readonly type: string | undefined
  readonly subentryId: string | undefined
  readonly who: string
  readonly asked: Asked | null
}

/**
 * Opens the flow that adds or changes a sub-entry, or returns the open one that changes it. The flow runs in
 * parallel with the edit flow, and with other flows that add sub-entries.
 *
 * @throws UnknownEntryError, UnknownSubentryError, WrongIntegrationError, InvalidInputError where the integration has
 *   nothing of this type, TooManyFlowsError
 */
export function startSubentry(
  core: Core,
  opening: FlowOpening,
  { scope, domain, entryId, type: named, subentryId, who, asked }: SubentryRequest,
): Promise<CheckedFlow> {
  return openParallelFlow(core, opening, async () => {
    const entry = await opening.entryOf({ scope, entryId, domain, source: 'subentry' })
    const type = subentryId === undefined ? named : subentryIn(entry, subentryId).type
    if (
      type === undefined ||
      type !== (named ?? type) ||
      !integrationOf(core, entry.domain).subentries.has(type)
    ) {
      throw new InvalidInputError(`Entries of the integration ${entry.domain} have nothing of this type.`, [
        '/type',
      ])
    }
    return {
      ...{ entry, domain: entry.domain, source: 'subentry', scope, who, asked },
      subentry: { type, subentryId: subentryId ?? null },
      ...(subentryId !== undefined && { slot: slots.subentry(entryId, subentryId) }),
    }
  })
}
