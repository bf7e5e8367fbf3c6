import { AttemptsExhaustedError, InvalidInputError } from '../../errors.ts'
import { pointerTo } from '../../form.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { CheckedFlow, OpenFlow } from '../flow-state/flow-record.ts'
import type { FlowRepository } from '../flow-state/flow-repository.ts'
import type { AccountClaims } from '../flow-work/account-claims.ts'
import { serviceKeyOf } from '../integrations/values.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { isTaken } from '../lib/conflicts.ts'
import type { AttemptsGate } from '../login-budget/attempts-gate.ts'
import { findByKey, matchKeysOf } from '../records/match-keys.ts'
import type { Announced, Imported } from './discovery-request.ts'
import type { FlowOpening, Opening } from './open-flow.ts'

/** Opens the flows that start without a user: discoveries and imports. */
export class UnattendedStart {
  readonly #core: Core
  readonly #opening: FlowOpening
  readonly #repository: FlowRepository
  readonly #claims: AccountClaims
  readonly #gate: AttemptsGate

  constructor(
    core: Core,
    parts: { opening: FlowOpening; repository: FlowRepository; claims: AccountClaims; gate: AttemptsGate },
  ) {
    this.#core = core
    this.#opening = parts.opening
    this.#repository = parts.repository
    this.#claims = parts.claims
    this.#gate = parts.gate
  }

  /** Opens the flow of a discovery, or updates the linked entry. */
  async discover(opening: Opening, announced: Announced): Promise<CheckedFlow> {
    for (;;) {
      try {
        const flow = await this.#opening.open({ ...opening, announced })
        return flow.open ? await this.#endIfLinked(flow, announced) : flow
      } catch (error) {
        // Another discovery of the account was opened first. Check again.
        if (!isTaken(error, 'held')) throw error
      }
    }
  }

  /** Ends the new discovery if another flow has created the entry of the account in the meantime. */
  async #endIfLinked(flow: OpenFlow, { found: { uniqueId }, values }: Announced): Promise<CheckedFlow> {
    const core = this.#core
    const { scope, domain } = flow
    const [byId] = (await core.store.findEntries(scope, { domain, uniqueId, limit: 1 })).items
    const keys = await matchKeysOf({ core, scope, compiled: integrationOf(core, domain) }, values)
    const linked = byId ?? (await findByKey(core, { scope, domain }, keys))
    if (linked === undefined) return flow
    await this.#claims.settle(linked)
    return this.#repository.load(scope, flow.flowId)
  }

  /** Verifies and saves an import. Stores nothing if that fails. */
  async import(opening: Opening, { draft, initial }: Imported): Promise<CheckedFlow> {
    const { scope, domain, who: principal } = opening
    const compiled = integrationOf(this.#core, domain)
    const service = await serviceKeyOf(compiled, draft.reveal().values as JsonObject, undefined)
    const about = { scope, domain, entryId: null, principal, ...(service !== undefined && { service }) }
    const attempts = await this.#gate.enter(about, null)
    try {
      const { blockedUntil } = attempts
      if (blockedUntil !== null) {
        throw new AttemptsExhaustedError(Math.ceil((blockedUntil - this.#core.clock.now()) / 1000))
      }
      const imported: NonNullable<Opening['imported']> = { draft, attempts, initial }
      const flow = await this.#opening.open({ ...opening, imported })
      const { unlisted } = imported
      if (unlisted === undefined) return flow
      throw new InvalidInputError(
        `The service does not offer the value of "${unlisted}". Use one of its choices.`,
        [pointerTo(['input', unlisted])],
      )
    } finally {
      await this.#gate.leave(about, attempts)
    }
  }
}
