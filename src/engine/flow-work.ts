import type { SnapshotFrom } from 'xstate'
import type { CheckResult } from '../../machines/check-result.ts'
import type { configFlowMachine } from '../../machines/config-flow.ts'
import type {
  ConfigFlowContext,
  CreateEntryResult,
  FindEntryResult,
  Proven,
  UpdateEntryResult,
} from '../../machines/config-flow-setup.ts'
import { Connection, Draft, type DraftContent } from '../../machines/draft.ts'
import { RevisionConflictError, SlotTakenError } from '../errors.ts'
import type { Json, JsonObject } from '../ports/json.ts'
import type { EntryRecord, FlowRecord } from '../ports/store.ts'
import type { Attempts } from './attempts.ts'
import { type AuditKind, audit } from './audit.ts'
import type { Compiled } from './compile.ts'
import { LiveConnection } from './connection.ts'
import type { Core } from './core.ts'
import type { Driver, Step } from './driver.ts'
import type { EntryHost } from './entry-host.ts'
import { checkEntry } from './entry-record.ts'
import { tombstoneOf } from './flow-record.ts'
import { Run, type Turn } from './run.ts'
import { loggedError } from './scrub.ts'
import { stateName } from './state-name.ts'
import { sealSecrets } from './vault.ts'

type FlowMachine = typeof configFlowMachine

export interface FlowWorkOptions {
  readonly core: Core
  readonly host: EntryHost
  readonly driver: Driver<FlowMachine>
  readonly compiled: Compiled
  /** The flow's record, as it is stored. */
  readonly flow: FlowRecord
  /** The entry as it was read when the work began; null for a new one. */
  readonly entry: EntryRecord | null
  readonly attempts: Attempts | null
  readonly principal: string
}

/** One flow at work: it does what the machine asks for, and commits what was proven. */
export class FlowWork {
  readonly run: Run<FlowMachine>
  readonly #options: FlowWorkOptions
  /** The entry as it was last read or written. */
  #entry: EntryRecord | null
  /** The tombstone, once the commit of a proven connection has written it. */
  committed: FlowRecord | null = null
  /** The failure to be counted against the budget. */
  failure: { readonly code: string; readonly until: number | undefined } | null = null
  /** Set when somebody else has moved the flow's record. */
  superseded = false

  constructor(options: FlowWorkOptions, from: Step<FlowMachine> | Step<FlowMachine>['snapshot']) {
    this.#options = options
    this.#entry = options.entry
    this.run = new Run(options.driver, from, {
      perform: (turn) => this.#perform(turn),
      stepped: (step, before) => this.#publish(step, before),
      late: (_work, output) => this.#discard(output),
    })
  }

  async #perform(turn: Turn): Promise<unknown> {
    const { src, input } = turn.work
    try {
      switch (src) {
        case 'findEntry':
          return this.#findEntry()
        case 'checkConnection':
          return await this.#checkConnection((input as { draft: Draft }).draft.reveal(), turn)
        case 'createEntry':
          return await this.#createEntry(input as Proven)
        case 'updateEntry':
          return await this.#updateEntry(input as Proven & { entry: ConfigFlowContext['entry'] })
        default:
          return await this.#reloadEntry(liveOf((input as { connection: Connection }).connection))
      }
    } catch (error) {
      const { core, flow } = this.#options
      core.log.error('A flow met an unexpected error.', {
        scope: flow.scope,
        flowId: flow.flowId,
        domain: flow.domain,
        code: src,
        error: loggedError(error),
      })
      throw error
    }
  }

  #findEntry(): FindEntryResult {
    const { compiled, flow } = this.#options
    const entry = this.#entry
    if (entry === null) return { type: 'missing' }
    if (entry.disabled) return { type: 'disabled' }
    const shown = compiled.steps.get(flow.source === 'reauth' ? 'reauth_confirm' : 'reconfigure')
    const values: Record<string, Json> = {}
    for (const field of shown?.order ?? []) {
      const value = entry.data[field]
      if (value !== undefined) values[field] = value
    }
    const { uniqueId, credentialRevision, title } = entry
    return { type: 'found', entry: { uniqueId, credentialRevision, title, values } }
  }

  async #checkConnection({ values, challenge }: DraftContent, turn: Turn): Promise<CheckResult> {
    const { core, compiled } = this.#options
    const outcome = await core.connector.connect(compiled, {
      values: values as JsonObject,
      ...(challenge?.values !== undefined && {
        challenge: {
          name: challenge.name,
          values: challenge.values as JsonObject,
          state: challenge.state as Json,
        },
      }),
      signal: turn.signal,
    })
    if (outcome.type === 'connected') {
      return { type: 'connected', uniqueId: outcome.live.uniqueId, connection: new Connection(outcome.live) }
    }
    if (outcome.type === 'challenged') {
      const draft = new Draft({ values, challenge: { name: outcome.challenge, state: outcome.state } })
      return { type: 'challenged', challenge: outcome.challenge, draft }
    }
    const error = outcome.error === 'setup_error' ? 'unknown' : outcome.error
    this.failure = { code: error, until: outcome.until }
    return { type: 'failed', error, ...(outcome.until !== undefined && { until: outcome.until }) }
  }

  async #createEntry(proven: Proven): Promise<CreateEntryResult> {
    const { core, compiled, flow } = this.#options
    const live = liveOf(proven.connection)
    const now = core.clock.now()
    const { data, secrets } = this.#split(proven.draft)
    const bound = {
      scope: flow.scope,
      entryId: crypto.randomUUID(),
      domain: flow.domain,
      uniqueId: proven.uniqueId,
      data,
    }
    const entry: EntryRecord = {
      ...bound,
      title: live.title ?? compiled.integration.title,
      sealed: await sealSecrets(core, bound, secrets),
      options: {},
      version: compiled.version,
      revision: 1,
      credentialRevision: 1,
      rejectedRevision: null,
      reauth: null,
      disabled: false,
      migrationError: null,
      createdBy: flow.flowId,
      createdAt: now,
      updatedAt: now,
    }
    try {
      await this.#commit(entry, 0, proven.end, 'entry_created')
    } catch (error) {
      if (isFlowConflict(error)) return this.#supersede()
      if (!(error instanceof SlotTakenError) || error.slot !== 'identity') throw error
      // A commit whose answer was lost has already made this flow's own entry.
      const holder = await core.store.getEntry(flow.scope, error.holder)
      return holder?.createdBy === flow.flowId
        ? { type: 'created', entryId: holder.entryId }
        : { type: 'taken' }
    }
    core.events.emit('entry_added', { scope: entry.scope, entryId: entry.entryId, domain: entry.domain })
    await this.#takeOver(entry, live)
    return { type: 'created', entryId: entry.entryId }
  }

  async #updateEntry(proven: Proven & { entry: ConfigFlowContext['entry'] }): Promise<UpdateEntryResult> {
    const { core, flow, compiled } = this.#options
    const stored = await core.store.getEntry(flow.scope, flow.entryId ?? '')
    if (stored === undefined) return { type: 'missing' }
    const before = checkEntry(stored)
    if (before.disabled) return { type: 'disabled' }
    if (before.credentialRevision !== proven.entry?.credentialRevision) return { type: 'changed' }
    const { data, secrets } = this.#split(proven.draft)
    const entry: EntryRecord = {
      ...before,
      data,
      sealed: await sealSecrets(core, { ...before, data }, secrets),
      version: compiled.version,
      revision: before.revision + 1,
      credentialRevision: before.credentialRevision + 1,
      rejectedRevision: null,
      reauth: null,
      updatedAt: core.clock.now(),
    }
    try {
      await this.#commit(entry, before.revision, proven.end, 'credential_updated')
    } catch (error) {
      if (isFlowConflict(error)) return this.#supersede()
      if (error instanceof RevisionConflictError) return { type: 'outdated' }
      throw error
    }
    const { scope, entryId, domain, revision } = entry
    this.#entry = entry
    core.events.emit('entry_updated', { scope, entryId, domain, revision })
    core.events.emit('attention_changed', { scope, entryId })
    return { type: 'updated' }
  }

  async #reloadEntry(live: LiveConnection): Promise<void> {
    if (this.#entry !== null) await this.#takeOver(this.#entry, live)
  }

  /** The proven connection becomes the entry's running one, or the entry connects anew. */
  async #takeOver(entry: EntryRecord, live: LiveConnection): Promise<void> {
    const { core, host, compiled } = this.#options
    if (compiled.integration.adopt !== false) return host.adopt(entry, live)
    await core.connector.close(live, entry.domain)
    await host.reloadStored(entry)
  }

  /** The entry, the flow's end, the history and the forgiven attempts: one transaction. */
  async #commit(entry: EntryRecord, ifRevision: number, end: Proven['end'], kind: AuditKind): Promise<void> {
    const { core, flow, principal } = this.#options
    const { scope, entryId, revision } = entry
    const now = core.clock.now()
    const times = { now, expiresAt: now + core.limits.tombstone }
    const tombstone = tombstoneOf(flow, { ...end, entryId }, times)
    const row = audit({ scope, at: now, who: principal, entryId, flowId: flow.flowId, kind, revision })
    let attempts = this.#options.attempts
    for (;;) {
      try {
        await core.store.apply(scope, [
          { put: 'entry', record: entry, ifRevision },
          { put: 'flow', record: tombstone, ifRevision: flow.revision },
          row,
          ...(attempts?.clear() ?? []),
        ])
        this.committed = tombstone
        return
      } catch (error) {
        if (attempts === null || !isConflict(error, 'attempts')) throw error
        attempts = await attempts.reread()
      }
    }
  }

  #supersede(): { readonly type: 'ended' } {
    this.superseded = true
    return { type: 'ended' }
  }

  #split(draft: Draft): { data: JsonObject; secrets: JsonObject } {
    const { secrets: names } = this.#options.compiled.whole
    const data: Record<string, Json> = {}
    const secrets: Record<string, Json> = {}
    for (const [field, value] of Object.entries(draft.reveal().values as JsonObject)) {
      if (names.has(field)) secrets[field] = value
      else data[field] = value
    }
    return { data, secrets }
  }

  #publish({ snapshot }: Step<FlowMachine>, before: SnapshotFrom<FlowMachine> | null): void {
    const { core, flow } = this.#options
    core.events.emit('transition', {
      scope: flow.scope,
      machine: 'configFlow',
      id: flow.flowId,
      from: before === null ? null : stateName(before.value),
      to: stateName(snapshot.value),
    })
  }

  /** A connection that was proven after the flow had moved on belongs to nobody. */
  #discard(output: unknown): void {
    const result = output as CheckResult | undefined
    if (result?.type !== 'connected') return
    const { core, flow } = this.#options
    void core.connector.close(liveOf(result.connection), flow.domain)
  }
}

/** What a machine's opaque connection holds here. */
export function liveOf(connection: Connection): LiveConnection {
  const live = connection.reveal()
  if (!(live instanceof LiveConnection)) throw new TypeError('The connection was not made by this engine.')
  return live
}

/** Whether a write failed because somebody else had written this kind of record. */
export function isConflict(error: unknown, kind: RevisionConflictError['kind']): boolean {
  return error instanceof RevisionConflictError && error.kind === kind
}

const isFlowConflict = (error: unknown): boolean => isConflict(error, 'flow')
