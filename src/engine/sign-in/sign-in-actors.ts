import type { BeginResult } from '../../../machines/authorization-code-setup.ts'
import { Draft } from '../../../machines/draft.ts'
import type { GrantResult } from '../../../machines/grant-result.ts'
import type { Authorizer, Granted, Reach } from '../../ports/authorizer.ts'
import type { FlowRecord } from '../../ports/store.ts'
import type { CallFailed } from '../connections/service-calls.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { returnedSecrets, storedValues } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import type { Call } from '../lib/call.ts'
import { revokeGrant } from '../records/revoke-grant.ts'

/** The options of {@link SignInActors}. */
export interface SignInOptions<Method extends Authorizer> {
  readonly core: Core
  readonly compiled: Compiled
  readonly flow: FlowRecord
  readonly authorizer: Method
}

/** Calls the authorizer of a sign-in method: with a timeout, cancellable, and with a result for every error. */
export class SignInActors<Method extends Authorizer> {
  readonly #options: SignInOptions<Method>
  /** The secrets to redact from logs, including granted ones: the integration's schema can quote them in its errors. */
  readonly #secrets: string[] = []

  constructor(options: SignInOptions<Method>) {
    this.#options = options
  }

  /** Runs a call of the authorizer. `secrets` are redacted from its log messages. */
  call<Answer>(
    call: Call,
    secrets: readonly string[],
    attempt: (authorizer: Method, reach: Reach) => Promise<Answer>,
  ): Promise<Answer | CallFailed> {
    const { core, compiled, authorizer } = this.#options
    const { connector } = core
    this.#secrets.push(...secrets)
    return connector.calls.run<Answer>({
      compiled,
      call,
      secrets: this.#secrets,
      attempt: () => attempt(authorizer, connector.reach(call)),
      late: revokeLate,
    })
  }

  /**
   * Converts a grant to the result for the machine: a draft with the values, checked, and a function to revoke them.
   */
  granted(granted: Granted): Exclude<GrantResult, { type: 'failed' }> {
    if (granted.type !== 'granted') return granted
    this.#secrets.push(...returnedSecrets(this.#options.compiled, granted.values))
    const values = storedValues(this.#options.compiled, granted.values, 'the sign-in')
    const { core, compiled, flow } = this.#options
    const { scope } = flow
    const revoke = (uniqueId: string | null) => void revokeGrant(core, { scope, compiled, values, uniqueId })
    return { type: 'granted', draft: new Draft({ values, revokeGrant: revoke }) }
  }
}

/** Revokes a grant that arrives after the timeout or the cancellation. */
function revokeLate(answer: unknown): void {
  const isGrant = typeof answer === 'object' && answer !== null && 'draft' in answer
  if (isGrant && answer.draft instanceof Draft) answer.draft.reveal().revokeGrant?.(null)
}

/**
 * Returns the failure with the error code to show. Errors that only a new sign-in can repair become
 * `authorize_failed`.
 */
export function failedSignIn({ error, until }: CallFailed): Extract<BeginResult, { type: 'failed' }> {
  const needsNewSignIn = error === 'setup_error' || error === 'invalid_auth' || error === 'client_refused'
  const code = needsNewSignIn ? 'authorize_failed' : error
  return { type: 'failed', error: code, ...(until !== undefined && { until }) }
}
