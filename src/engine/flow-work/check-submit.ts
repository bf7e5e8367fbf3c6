import { Draft, type DraftContent } from '../../../machines/draft.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { ConnectOutcome, ConnectRequest } from '../connections/connector.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { secretsOf } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'

/** The result of checking a submit. `kept` has the values to store, if they differ from the submitted ones. */
interface FlowCheck {
  readonly outcome: ConnectOutcome
  readonly kept?: Draft
}

/**
 * Exchanges the submitted values for the values to store, if the integration has `exchange`, and connects with them.
 */
export async function checkSubmit(
  { connector }: Core,
  compiled: Compiled,
  { values, submitted: input = values, challenge, revokeGrant }: DraftContent,
  options: Pick<ConnectRequest, 'call' | 'failed' | 'options' | 'subentries' | 'initial'>,
): Promise<FlowCheck> {
  const submitted: ConnectRequest = {
    values: values as JsonObject,
    ...(challenge?.values !== undefined && {
      challenge: {
        name: challenge.name,
        values: challenge.values as JsonObject,
        state: challenge.state as Json,
      },
    }),
    ...options,
  }
  // Values that a sign-in granted are the values to store.
  if (compiled.integration.exchange === undefined || revokeGrant !== undefined)
    return { outcome: await connector.connect(compiled, submitted) }
  const exchanged = await connector.exchange(compiled, submitted)
  if (exchanged.type !== 'exchanged') return { outcome: exchanged }
  const request = { ...options, values: exchanged.values, secrets: secretsOf(compiled, submitted) }
  const outcome = await connector.connect(compiled, request)
  // The user continues with the input if the exchanged values cannot be saved.
  return { outcome, kept: new Draft({ values: exchanged.values, submitted: input }) }
}
