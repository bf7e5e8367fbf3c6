import { Draft } from '../../../machines/draft.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { knownFields, returnedSecrets } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import { Call } from '../lib/call.ts'
import { ignore } from '../lib/ignore.ts'
import { loggedError } from '../lib/redact.ts'

/** The deadline of a revocation, in milliseconds. */
const DEADLINE = 10_000

/** A grant that no entry uses. */
interface UnusedGrant {
  readonly scope: string
  readonly compiled: Compiled
  /** The granted values, with unencrypted secrets. */
  readonly values: JsonObject
  /** The account of the grant; null if unknown. */
  readonly uniqueId: string | null
}

/** Granted values, which may not be saved. */
type Grant = Omit<UnusedGrant, 'uniqueId'>

/** Returns the function that revokes granted values which are not saved. */
export const revocationOf =
  (core: Core, grant: Grant) =>
  (uniqueId: string | null): void =>
    void revokeGrant(core, { ...grant, uniqueId })

/** Returns granted values as a draft, which revokes them if they are not saved. */
export const grantDraft = (core: Core, grant: Grant): Draft =>
  new Draft({ values: grant.values, revokeGrant: revocationOf(core, grant) })

/**
 * Returns the draft of a stored grant for the work on its flow. Its revocation waits for `saved`, because the write of the
 * flow can fail, and the flow then still has the grant.
 */
export function untilSaved(draft: Draft): { readonly draft: Draft; saved(): void } {
  const { revokeGrant, ...content } = draft.reveal()
  if (revokeGrant === undefined) return { draft, saved: ignore }
  const asked: (string | null)[] = []
  let isSaved = false
  const delayed = (uniqueId: string | null): void => {
    if (isSaved) revokeGrant(uniqueId)
    else asked.push(uniqueId)
  }
  const saved = () => {
    isSaved = true
    for (const uniqueId of asked) revokeGrant(uniqueId)
  }
  return { draft: new Draft({ ...content, revokeGrant: delayed }), saved }
}

/**
 * Revokes a grant at the service. Some services then revoke all grants of the account. So nothing is revoked while an
 * entry of the account exists in any scope, or, if the account is unknown, while the integration has any entry. Never
 * throws: a failure is logged.
 */
async function revokeGrant(core: Core, grant: UnusedGrant): Promise<void> {
  const { scope, compiled, values, uniqueId } = grant
  const { domain, integration } = compiled
  const { authorize } = integration
  const revoke = authorize?.revoke?.bind(authorize)
  if (revoke === undefined) return
  const secrets = [...returnedSecrets(compiled, values)]
  const failed = (fields: object) =>
    core.log.warn({ scope, domain, ...fields }, 'An unused grant could not be revoked.')
  try {
    if (authorize?.revokes !== 'token' && (await isLinked(core, domain, uniqueId))) return
    const call = new Call()
    const timer = core.clock.setTimeout(() => call.abort(), DEADLINE)
    const { connector } = core
    const attempt = async () => {
      const fields = knownFields(compiled, values)
      await revoke(values, Object.assign(connector.reach(call), { fields }))
      return { type: 'revoked' } as const
    }
    const outcome = await connector.calls.run({ compiled, call, secrets, attempt })
    core.clock.clearTimeout(timer)
    if (outcome.type === 'failed') failed({ code: outcome.error })
  } catch (error) {
    failed({ error: loggedError(error, secrets) })
  }
}

/** Whether an entry of the account exists in any scope; if the account is unknown, any entry of the integration. */
export async function isLinked({ store }: Core, domain: string, uniqueId: string | null): Promise<boolean> {
  const of = uniqueId === null ? { domain } : { domain, uniqueId }
  return (await store.anyEntry(of)) !== undefined
}
