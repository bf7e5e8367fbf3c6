import type { FlowRecord } from '../../ports/store.ts'
import { checksSecrets } from '../integrations/compile-subentries.ts'
import { type Compiled, methodOf } from '../integrations/compiled.ts'
import type { Core } from '../kernel/core.ts'
import { attemptsKey } from '../login-budget/attempts.ts'
import { chartOf } from './flow-charts.ts'
import { needsConnection } from './flow-pages.ts'
import type { OpenFlow } from './flow-record.ts'

/** Whether an answer is sent to the service with a credential. */
export function signsIn(compiled: Compiled, flow: OpenFlow): boolean {
  const { subentry } = flow.context
  if (subentry !== undefined) return checksSecrets(compiled.subentries.get(subentry.type))
  return chartOf(flow).connects && needsConnection(compiled, flow)
}

/** Returns the key of the attempts that the next answer counts for; undefined if it makes no login. */
export function budgetOf({ integrations }: Core, record: FlowRecord): string | undefined {
  const flow = record as OpenFlow
  const integration = integrations.get(flow.domain)
  if (integration === undefined || !signsIn(methodOf(integration, flow.context.method), flow))
    return undefined
  const { entryId, domain, context } = flow
  return attemptsKey({ entryId, domain, ofSubentries: context.subentry !== undefined })
}
