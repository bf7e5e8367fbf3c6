import type { BeginResult } from '../../../machines/authorization-code-setup.ts'
import { Draft } from '../../../machines/draft.ts'
import type { GrantResult } from '../../../machines/grant-result.ts'
import type { Authorizer, Granted, Reach } from '../../ports/authorizer.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { FlowRecord } from '../../ports/store.ts'
import type { CallFailed } from '../connections/service-calls.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { textsIn } from '../integrations/secret-values.ts'
import { storedValues } from '../integrations/stored-values.ts'
import type { Core } from '../kernel/core.ts'
import { Call } from '../lib/call.ts'
import { loggedError } from '../lib/redact.ts'

/** What one sign-in at a service is for, and by which of its ways. */
export interface SignInOptions<Way extends Authorizer> {
  readonly core: Core
  readonly compiled: Compiled
  readonly flow: FlowRecord
  readonly way: Way
}

/** Asks a service for access: each question has its time and can be called back, and its failure is a value. */
export class SignInActors<Way extends Authorizer> {
  readonly #options: SignInOptions<Way>
  /** What is struck from what is logged; what was granted too, as an integration's own rules may quote what they refuse. */
  readonly #secrets: string[] = []

  constructor(options: SignInOptions<Way>) {
    this.#options = options
  }

  /** `secrets` are struck from what is logged of it. */
  ask<Answer>(
    call: Call,
    secrets: readonly string[],
    attempt: (way: Way, reach: Reach) => Promise<Answer>,
  ): Promise<Answer | CallFailed> {
    const { core, compiled, way } = this.#options
    const { connector } = core
    this.#secrets.push(...secrets)
    return connector.calls.run<Answer>({
      ...{ compiled, call, secrets: this.#secrets },
      attempt: () => attempt(way, connector.reach(call)),
      late: revokeGrant,
    })
  }

  /** What was granted as the flow takes it: checked, and with the way to give it back. */
  granted(granted: Granted): Exclude<GrantResult, { type: 'failed' }> {
    if (granted.type !== 'granted') return granted
    this.#secrets.push(...textsIn(granted.values))
    const values = storedValues(this.#options.compiled, granted.values, 'the sign-in')
    const revokeGrant = (uniqueId: string | null): void => void this.#revokeGrant(values, uniqueId)
    return { type: 'granted', draft: new Draft({ values, revokeGrant }) }
  }

  /**
   * Gives back what another account granted; never where an entry holds that account, because some services then end
   * all that it ever granted.
   */
  async #revokeGrant(values: JsonObject, uniqueId: string | null): Promise<void> {
    const { core, flow, way } = this.#options
    const { scope, domain } = flow
    try {
      const query = { domain, limit: 1, ...(uniqueId !== null && { uniqueId }) }
      const { items } = await core.store.findEntries(scope, query)
      if (items.length > 0) return
      await this.ask(new Call(), textsIn(values), async (_, reach) => way.revoke?.(values, reach))
    } catch (error) {
      core.log.warn('What another account granted could not be given back.', {
        ...{ scope, domain, error: loggedError(error, textsIn(values)) },
      })
    }
  }
}

/** What was granted when nobody waited any more is given back. */
function revokeGrant(answer: unknown): void {
  const isGrant = typeof answer === 'object' && answer !== null && 'draft' in answer
  if (isGrant && answer.draft instanceof Draft) answer.draft.reveal().revokeGrant?.(null)
}

/** A failed question, by the code to show for it. What a person cannot mend but by signing in again is one code. */
export function failedSignIn({ error, until }: CallFailed): Extract<BeginResult, { type: 'failed' }> {
  const isOurs = error === 'setup_error' || error === 'invalid_auth'
  const code = isOurs ? 'authorize_failed' : error
  return { type: 'failed', error: code, ...(until !== undefined && { until }) }
}
