import { Draft, type DraftContent } from '../../../machines/draft.ts'
import type { Json, JsonObject } from '../../ports/json.ts'
import type { ConnectOutcome, ConnectRequest } from '../connections/connector.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { secretsOf } from '../integrations/secret-values.ts'
import type { Core } from '../kernel/core.ts'

/** What came of a submit, and what is to be saved where it is not what was submitted. */
export interface FlowCheck {
  readonly outcome: ConnectOutcome
  readonly kept?: Draft
}

/** Exchanges what was submitted for what is kept, if the integration does so, and connects with it. */
export async function checkSubmit(
  { connector }: Core,
  compiled: Compiled,
  { values, challenge, revokeGrant }: DraftContent,
  given: Pick<ConnectRequest, 'call' | 'options' | 'subentries'>,
): Promise<FlowCheck> {
  const typed: ConnectRequest = {
    values: values as JsonObject,
    ...(challenge?.values !== undefined && {
      challenge: {
        name: challenge.name,
        values: challenge.values as JsonObject,
        state: challenge.state as Json,
      },
    }),
    ...given,
  }
  // What a service granted is what is kept already.
  if (compiled.integration.exchange === undefined || revokeGrant !== undefined)
    return { outcome: await connector.connect(compiled, typed) }
  const exchanged = await connector.exchange(compiled, typed)
  if (exchanged.type !== 'exchanged') return { outcome: exchanged }
  const request = { ...given, values: exchanged.values, secrets: secretsOf(compiled, typed) }
  const outcome = await connector.connect(compiled, request)
  return { outcome, kept: new Draft({ values: exchanged.values }) }
}
