import { InvalidInputError } from '../../errors.ts'
import type { Asked } from '../../ports/store.ts'
import type { CheckedFlow } from '../flow-state/flow-record.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { slots } from '../records/flow-slots.ts'
import { subentryIn } from '../records/subentries.ts'
import type { FlowOpening } from './open-flow.ts'
import { openParallelFlow } from './open-parallel-flow.ts'

/** What is to be added under which entry, or changed, and who asks. */
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
 * Opens the flow that adds something under an entry, or changes it; the open one where it is being changed. It goes on
 * beside a flow that edits the entry, and beside others that add something.
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
