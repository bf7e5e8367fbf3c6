import { Draft } from '../../../machines/draft.ts'
import type { GrantResult, SignInFailed } from '../../../machines/grant-result.ts'
import type { Authorizer, Granted, Reach } from '../../ports/authorizer.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { FlowRecord } from '../../ports/store.ts'
import type { Explained } from '../connections/explained.ts'
import type { CallFailed } from '../connections/service-calls.ts'
import type { OpenFlow } from '../flow-state/flow-record.ts'
import type { Compiled } from '../integrations/compiled.ts'
import {
  grantedValues,
  knownFields,
  preparedSecrets,
  returnedSecrets,
  secretTexts,
} from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import type { Call } from '../lib/call.ts'
import { jsonEqual, pickFields } from '../lib/json.ts'
import { checkEntry } from '../records/entry-record.ts'
import { grantDraft, revocationOf } from '../records/revoke-grant.ts'
import { openDraft, openSecrets } from '../secrets/vault.ts'

/** The options of {@link SignInActors}. */
export interface SignInOptions<Method extends Authorizer> {
  readonly core: Core
  readonly compiled: Compiled
  readonly flow: FlowRecord
  readonly authorizer: Method
  /** The stored values of the entry, and the input before the sign-in, with unencrypted secrets. */
  readonly known: JsonObject
}

/** Calls the authorizer of a sign-in method: with a timeout, cancellable, and with a result for every error. */
export class SignInActors<Method extends Authorizer> {
  readonly #options: SignInOptions<Method>
  /** The fields that the authorizer receives. */
  readonly #fields: Readonly<Record<string, unknown>>
  /** The secrets to redact from logs, including granted ones: the integration's schema can quote them in its errors. */
  readonly #secrets: string[]

  constructor(options: SignInOptions<Method>) {
    const { compiled, known } = options
    this.#options = options
    this.#fields = knownFields(compiled, known)
    this.#secrets = [...returnedSecrets(compiled, known), ...secretTexts(compiled.fullForm, known)]
  }

  /** Redacts the secrets among prepared values from the log messages of the calls. */
  conceal(prepared: JsonObject): void {
    this.#secrets.push(...preparedSecrets(this.#options.compiled, prepared))
  }

  /**
   * Returns the values that the authorizer prepares. Revokes them if they arrive after the timeout or the cancellation.
   * `earlier` are those of an earlier sign-in, which it may return.
   */
  async prepared(
    call: Call,
    earlier: JsonObject | undefined,
    preparing: Promise<JsonObject> | undefined,
  ): Promise<JsonObject | undefined> {
    const values = await preparing
    this.conceal(values ?? {})
    if (!call.aborted || values === undefined || jsonEqual(values, earlier)) return values
    const { core, compiled, flow } = this.#options
    revocationOf(core, { scope: flow.scope, compiled, values })(null)
    throw call.signal.reason
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
      attempt: () => attempt(authorizer, Object.assign(connector.reach(call), { fields: this.#fields })),
      late: revokeLate,
    })
  }

  /**
   * Converts a grant to the result for the machine: a draft with the values, checked, and a function to revoke them. The
   * input before the sign-in is part of the values.
   *
   * @throws SetupError if the values do not match the stored fields
   */
  granted(granted: Granted): Exclude<GrantResult, { type: 'failed' }> {
    if (granted.type !== 'granted') return granted
    const { core, compiled, flow, known } = this.#options
    const { fullForm, integration } = compiled
    this.#secrets.push(...returnedSecrets(compiled, granted.values))
    const values = { ...pickFields(known, fullForm.order), ...granted.values }
    return {
      type: 'granted',
      draft: grantDraft(core, {
        scope: flow.scope,
        compiled,
        values: grantedValues(compiled, values, 'The sign-in', Object.keys(integration.select ?? {})),
      }),
    }
  }
}

/**
 * Returns the values that a sign-in knows: the stored ones of its entry, unless another account replaces it, and the input
 * before the sign-in.
 */
export async function knownBefore(core: Core, compiled: Compiled, flow: OpenFlow): Promise<JsonObject> {
  const { scope, entryId, source } = flow
  const asks = compiled.fullForm.order.length > 0
  const entry =
    entryId === null || source === 'replace' || !asks ? undefined : await core.store.getEntry(scope, entryId)
  const stored = entry === undefined ? {} : { ...entry.data, ...(await openSecrets(core, checkEntry(entry))) }
  const input = flow.sealedDraft === null ? {} : (await openDraft(core, flow)).values
  return { ...stored, ...pickFields(input, compiled.fullForm.order) }
}

/** Revokes a grant that arrives after the timeout or the cancellation. */
function revokeLate(answer: unknown): void {
  const isGrant = typeof answer === 'object' && answer !== null && 'draft' in answer
  if (isGrant && answer.draft instanceof Draft) answer.draft.reveal().revokeGrant?.(null)
}

/**
 * Returns the failure with the error code to show: that of the integration, or `authorize_failed` if only a new sign-in can
 * help.
 */
export function failedSignIn({ error, until, explained }: CallFailed): SignInFailed {
  if (explained !== undefined && explained.code !== 'setup_error') return explainedFailure(explained)
  const needsNewSignIn = error === 'setup_error' || error === 'invalid_auth' || error === 'client_refused'
  const code = needsNewSignIn ? 'authorize_failed' : error
  return { type: 'failed', error: code, ...(until !== undefined && { until }) }
}

/** Returns a failure that the integration explains. Another account is shown like an error: the user can sign in again. */
function explainedFailure({ type, code, params, advice, docs }: Explained): SignInFailed {
  const refusal = {
    ...(params !== undefined && { params }),
    ...(advice !== undefined && { advice }),
    ...(docs !== undefined && { docs }),
    ...(type === 'aborts' && { ends: true as const }),
  }
  return { type: 'failed', error: code, refusal }
}
