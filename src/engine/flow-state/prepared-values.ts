import { StaleRevisionError } from '../../errors.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { FlowRecord } from '../../ports/store.ts'
import type { Core } from '../kernel/core.ts'
import { jsonEqual } from '../lib/json.ts'
import { revocationOf } from '../records/revoke-grant.ts'
import { openRequest, sealRequest } from '../secrets/vault.ts'
import { codeContextOf, codeDriver } from './authorization-record.ts'
import type { CheckedFlow, OpenFlow } from './flow-record.ts'
import { compiledOf } from './granted-draft.ts'
import type { Refusal } from './outside-events.ts'
import type { PlannedStep } from './planned-step.ts'

/** The values that the authorizer of a flow has prepared for its sign-ins, such as a registered client. */
export interface PreparedValues {
  readonly prepared: JsonObject
  /** The redirect URI that they are for. Absent for device codes. */
  readonly redirectUri?: string
}

/** Returns the values that the authorizer has prepared for the last sign-in of a flow; null without it, or if the key is lost. */
export async function preparedIn(core: Core, flow: OpenFlow): Promise<PreparedValues | null> {
  const { authorization, prepared: kept } = flow.context
  const request = kept ?? authorization
  if (request === undefined) return null
  const found = await openRequest<Partial<PreparedValues>>(core, flow, request.sealed).catch(() => null)
  const { prepared, redirectUri } = found ?? {}
  return prepared === undefined ? null : { prepared, ...(redirectUri !== undefined && { redirectUri }) }
}

/** Whether the next sign-in of a flow can use the values that were prepared for the last one. */
export function areReusable({ flowId, context: { authorization } }: OpenFlow): boolean {
  if (authorization?.machine !== 'authorization-code@1') return true
  return codeDriver.resume(authorization.step, codeContextOf(flowId, authorization)).hasTag('reusable')
}

/**
 * Returns the record of a flow after a sign-in that was refused, with the prepared values for the next one, unless they
 * are spent.
 */
export async function keepPrepared(
  core: Core,
  next: FlowRecord,
  before: OpenFlow,
  { isSpent }: Refusal,
): Promise<FlowRecord> {
  const values = isSpent ? null : await preparedIn(core, before)
  if (values === null) return next
  const sealed = await sealRequest(core, before, { ...values })
  return { ...next, context: { ...next.context, prepared: { sealed } } }
}

/** The prepared values before a sign-in and after it, and how its flow continues. */
interface PreparedSignIn {
  readonly earlier: PreparedValues | null
  readonly now: PreparedValues | null
  /** Returns the next step of the flow. */
  readonly next: (flow: OpenFlow) => Promise<PlannedStep>
  readonly save: (step: PlannedStep) => Promise<CheckedFlow>
}

/**
 * Writes a flow after a sign-in, with the values that were prepared for it, so that the next one uses them even if this one
 * has failed. Revokes the earlier ones, or the new ones if another process has changed the flow.
 */
export async function writePrepared(
  core: Core,
  flow: OpenFlow,
  { earlier, now, next, save }: PreparedSignIn,
): Promise<CheckedFlow> {
  if (now === null || jsonEqual(now.prepared, earlier?.prepared)) return save(await next(flow))
  const sealed = await sealRequest(core, flow, { ...now })
  const prepared: OpenFlow = { ...flow, context: Object.assign({}, flow.context, { prepared: { sealed } }) }
  let isWritten = false
  try {
    const step = await next(prepared)
    const written = () => {
      isWritten = true
      step.written?.()
    }
    const saved = await save({ ...step, written })
    void revokePrepared(core, isWritten ? flow : prepared)
    return saved
  } catch (error) {
    // After another error, the values may be stored.
    if (error instanceof StaleRevisionError) void revokePrepared(core, prepared)
    throw error
  }
}

/** Revokes the prepared values of the sign-ins of a flow, after its record was written without it. Never throws. */
export async function revokePrepared(core: Core, flow: OpenFlow): Promise<void> {
  const values = await preparedIn(core, flow)
  const compiled = compiledOf(core, flow)
  if (values === null || compiled === null) return
  revocationOf(core, { scope: flow.scope, compiled, values: values.prepared })(null)
}
