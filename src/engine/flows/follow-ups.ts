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

/** Opens follow-up flows. The end of the first flow names its follow-up, which the first process opens once. */
export class FollowUps {
  readonly #core: Core
  readonly #starting: FlowStart

  constructor(core: Core, starting: FlowStart) {
    this.#core = core
    this.#starting = starting
  }

  /**
   * The end of a flow, once what follows it is open. It is the end that counts: what cannot be opened is logged, and what
   * cannot be written is done by the next sweep.
   */
  async open(ended: CheckedFlow): Promise<CheckedFlow> {
    if (ended.open || ended.context.following === undefined) return ended
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
      // Where another process was quicker it has opened the same flow, and written the same.
      if (!isConflict(error, 'flow')) {
        const fields = { scope, flowId, domain, error: loggedError(error) }
        this.#core.log.warn('It could not be written which flow follows.', fields)
      }
    }
    return record
  }

  /** Returns the follow-up flow; null if it cannot be opened, `undefined` if the next sweep must retry. */
  async #start(
    { scope, flowId }: CheckedFlow,
    following: FollowUpRecord,
  ): Promise<NextFlowView | null | undefined> {
    const { source, domain, entryId, type, who } = following
    const request = {
      ...{ source, domain },
      ...(entryId !== null && { entryId }),
      ...(type !== undefined && { type }),
    }
    const told = { scope, flowId, domain }
    try {
      const by = { principal: who, asked: { principal: ENGINE, key: followUpKey(following, flowId) } }
      const next = await this.#starting.once(scope, request, by)
      if (next.open) return { flowId: next.flowId, domain: next.domain, source }
      this.#core.log.warn('The flow that follows has ended at once.', {
        ...told,
        code: String(next.context.reason),
      })
      return null
    } catch (error) {
      this.#core.log.warn('The flow that follows could not be opened.', {
        ...told,
        error: loggedError(error),
      })
      return error instanceof StoreError ? undefined : null
    }
  }
}
