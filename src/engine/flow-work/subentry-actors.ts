import type { Draft } from '../../../machines/draft.ts'
import type {
  CheckSubentryResult,
  FindSubentryResult,
  FlowSubentry,
  SaveSubentryResult,
  SubentryCommit,
} from '../../../machines/subentry-result.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { SubentryRecord } from '../../ports/subentry-record.ts'
import type { CompiledSubentry } from '../integrations/compile-subentries.ts'
import { collectSecrets } from '../integrations/secret-values.ts'
import type { Call } from '../lib/call.ts'
import { pickFields } from '../lib/pick-fields.ts'
import { subentriesOf } from '../records/subentries.ts'
import type { FlowCommit, FlowRunOptions } from './commit.ts'
import { namedSubentry, subentryFailure } from './named-subentry.ts'
import { saveSubentry } from './save-subentry.ts'

/** The submitted sub-entry and its entry. */
export interface SubmittedSubentry {
  readonly entryId: string
  readonly subentry: FlowSubentry
  readonly draft: Draft
}

/** The sub-entry to save and its entry. */
export type SavingUnder = SubentryCommit & { readonly entryId: string }

/** The actors of a sub-entry flow. */
export class SubentryActors {
  readonly #options: FlowRunOptions

  constructor(options: FlowRunOptions) {
    this.#options = options
  }

  /** Returns the sub-entry to edit; for a new one, whether the limit allows it. */
  find(entry: EntryRecord, { type, subentryId }: FlowSubentry): FindSubentryResult {
    if (entry.disabled) return { type: 'disabled' }
    const { uniqueId, credentialRevision, title } = entry
    const items = subentriesOf(entry)
    if (subentryId === null) {
      if (items.length >= this.#options.core.limits.subentries) return { type: 'full' }
      const subentry = { type, subentryId, revision: null }
      return { type: 'found', entry: { uniqueId, credentialRevision, title, values: {} }, subentry }
    }
    // The flow was opened with this record, so it contains the sub-entry.
    const stored = items.find((item) => item.subentryId === subentryId) as SubentryRecord
    const values = pickFields(stored.data, this.#kindOf(type).editForm.order)
    // The title of the flow is that of the sub-entry.
    const about = { uniqueId, credentialRevision, title: stored.title, values }
    return { type: 'found', entry: about, subentry: { type, subentryId, revision: stored.revision } }
  }

  /** Validates the input: with `name`, or with `check` and the connection of the entry. */
  async check({ entryId, subentry, draft }: SubmittedSubentry, call: Call): Promise<CheckSubentryResult> {
    const { core, host, compiled, flow } = this.#options
    const kind = this.#kindOf(subentry.type)
    const parsed = kind.schema.parse(draft.reveal().values)
    const secrets: string[] = this.secretsOf(subentry, draft)
    collectSecrets(parsed, secrets)
    const result = await core.connector.calls.run<CheckSubentryResult>({
      ...{ compiled, call, secrets },
      attempt: async () => {
        const { name, check } = kind.definition
        if (name !== undefined) return namedSubentry(kind, name.call(kind.definition, parsed as never))
        const work = async (client: unknown) =>
          namedSubentry(
            kind,
            await check?.call(kind.definition, parsed as never, { client, signal: call.signal } as never),
          )
        try {
          return await host.use({ ...flow, entryId }, work, call.signal)
        } catch (error) {
          const failure = subentryFailure(error, core.clock.now())
          if (failure === null) throw error
          return failure
        }
      },
    })
    if (result.type !== 'failed') return result
    const { error, until } = result
    const shown = error === 'setup_error' ? 'unknown' : error
    return { type: 'failed', error: shown, ...(until !== undefined && { until }) }
  }

  /** Saves the sub-entry. @throws StoreError */
  save(commit: FlowCommit, saving: SavingUnder): Promise<SaveSubentryResult> {
    return saveSubentry(commit, this.#kindOf(saving.subentry.type), saving)
  }

  /** Returns the submitted secrets. */
  secretsOf({ type }: FlowSubentry, draft: Draft): string[] {
    const values = draft.reveal().values as JsonObject
    const { secrets } = this.#kindOf(type).fullForm
    return [...secrets].map((field) => values[field]).filter((value) => typeof value === 'string')
  }

  #kindOf(type: string): CompiledSubentry {
    return this.#options.compiled.subentries.get(type) as CompiledSubentry
  }
}
