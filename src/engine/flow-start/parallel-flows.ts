import { InvalidInputError } from '../../errors.ts'
import type { Asked } from '../../ports/store.ts'
import type { StartedFlow } from '../flow-state/flow-record.ts'
import { heldByUnreadable, isUnreadable } from '../flow-state/unreadable-flow.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { isConflict, isTaken } from '../lib/conflicts.ts'
import { slots } from '../records/flow-slots.ts'
import { subentryIn } from '../records/subentries.ts'
import type { FlowOpening, Opening } from './open-flow.ts'

/** Opens a flow in parallel with the edit flow of its entry. */
type ParallelFlow = Omit<Opening, 'need' | 'superseded'>

/**
 * Opens a flow in parallel with the edit flow of its entry. Returns the open flow if it holds the same slot.
 * `prepare` returns the flow to open, from the current entry.
 *
 * @throws TooManyFlowsError, and any error of `prepare`
 */
async function openParallelFlow(
  opening: FlowOpening,
  prepare: () => Promise<ParallelFlow>,
): Promise<StartedFlow> {
  for (;;) {
    const prepared = await prepare()
    const { scope, domain, slot } = prepared
    const open = slot === undefined ? null : await opening.repository.holding(scope, domain, slot)
    if (open !== null && !isUnreadable(open)) return { ...open, joined: true }
    const superseded = open === null ? null : opening.repository.yielding(open)
    if (open !== null && superseded === null) throw heldByUnreadable(open)
    await opening.assertBelowLimit(scope)
    try {
      return await opening.open({ ...prepared, need: null, superseded })
    } catch (error) {
      if (!isTaken(error, 'held') && !isConflict(error, 'entry') && !isConflict(error, 'flow')) throw error
    }
  }
}

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
 * @throws UnknownEntryError, WrongIntegrationError, InvalidInputError if the integration has no options, TooManyFlowsError
 */
export function startOptions(
  core: Core,
  opening: FlowOpening,
  { scope, domain, entryId, who, asked }: OptionsRequest,
): Promise<StartedFlow> {
  return openParallelFlow(opening, async () => {
    const entry = await opening.entryOf({ scope, entryId, domain, source: 'options' })
    if (!integrationOf(core, entry.domain).steps.has('init')) {
      throw new InvalidInputError(`The integration "${entry.domain}" has no options.`, ['/source'])
    }
    const about = { entry, domain: entry.domain, source: 'options' } as const
    return { ...about, scope, who, asked, slot: slots.options(entryId) }
  })
}

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
  { scope, domain, entryId, type: requested, subentryId, who, asked }: SubentryRequest,
): Promise<StartedFlow> {
  return openParallelFlow(opening, async () => {
    const entry = await opening.entryOf({ scope, entryId, domain, source: 'subentry' })
    const type = subentryId === undefined ? requested : subentryIn(entry, subentryId).type
    if (
      type === undefined ||
      type !== (requested ?? type) ||
      !integrationOf(core, entry.domain).subentries.has(type)
    ) {
      throw new InvalidInputError(`The integration "${entry.domain}" does not have this type of sub-entry.`, [
        '/type',
      ])
    }
    return {
      entry,
      domain: entry.domain,
      source: 'subentry',
      scope,
      who,
      asked,
      subentry: { type, subentryId: subentryId ?? null },
      ...(subentryId !== undefined && { slot: slots.subentry(entryId, subentryId) }),
    }
  })
}
