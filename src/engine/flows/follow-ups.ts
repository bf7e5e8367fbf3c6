import { StoreError } from '../../errors.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { NextFlowView } from '../../view.ts'
import type { FlowStart } from '../flow-start/flow-start.ts'
import { type CheckedFlow, checkFlow } from '../flow-state/flow-record.ts'
import { type FollowUpRecord, followUpKey } from '../flow-state/follow-up.ts'
import type { Core } from '../kernel/core.ts'
import { isConflict } from '../lib/conflicts.ts'
import { ENGINE } from '../lib/principals.ts'
import { loggedError } from '../lib/redact.ts'

/** Opens pending follow-up flows. Any process may call it for the same flow; only one follow-up is opened. */
export class FollowUps {
  readonly #core: Core
  readonly #starting: FlowStart

  constructor(core: Core, starting: FlowStart) {
    this.#core = core
    this.#starting = starting
  }

  /**
   * Opens the follow-up of an ended flow, if one is pending, and returns the updated record with its `nextFlow`.
   *
   * Never throws, because the flow itself has succeeded: an error while opening is logged, and a failed write is
   * retried by the task `settle_due`.
   */
  async open(ended: CheckedFlow): Promise<CheckedFlow> {
    if (ended.open || ended.context.following === undefined) return ended
    // A stopping engine opens no flow. The task `settle_due` opens it.
    if (this.#core.lifetime.ended) return ended
    const { following, ...end } = ended.context
    const { scope, flowId, domain } = ended
    const opened = await this.#start(ended, following)
    if (opened === undefined) return ended
    const record = checkFlow({
      ...ended,
      context: { ...end, ...(opened !== null && { nextFlow: { ...opened } }) } as JsonObject,
      revision: ended.revision + 1,
      dueAt: ended.expiresAt,
    })
    try {
      await this.#core.store.apply(scope, [{ put: 'flow', record, ifRevision: ended.revision }])
    } catch (error) {
      // On a conflict, another process has already opened the same flow and written the same record.
      if (!isConflict(error, 'flow')) {
        const fields = { scope, flowId, domain, error: loggedError(error) }
        this.#core.log.warn(fields, 'The follow-up flow is open but could not be recorded.')
      }
    }
    return record
  }

  /** Opens the follow-up flow. Returns `null` if that failed permanently, `undefined` if it must be retried. */
  async #start(
    { scope, flowId }: CheckedFlow,
    following: FollowUpRecord,
  ): Promise<NextFlowView | null | undefined> {
    const { source, domain, entryId, type, who } = following
    const request = {
      source,
      domain,
      ...(entryId !== null && { entryId }),
      ...(type !== undefined && { type }),
    }
    const fields = { scope, flowId, domain }
    try {
      const by = { principal: who, asked: { principal: ENGINE, key: followUpKey(following, flowId) } }
      const next = await this.#starting.once(scope, request, by)
      if (next.open) return { flowId: next.flowId, domain: next.domain, source }
      this.#core.log.warn(
        {
          ...fields,
          code: String(next.context.reason),
        },
        'The follow-up flow ended immediately.',
      )
      return null
    } catch (error) {
      this.#core.log.warn(
        {
          ...fields,
          error: loggedError(error),
        },
        'The follow-up flow could not be opened.',
      )
      return error instanceof StoreError ? undefined : null
    }
  }
}
