import type { Draft } from '../../../machines/draft.ts'
import type {
  CheckSubentryResult,
  FindSubentryResult,
  FlowSubentry,
  SaveSubentryResult,
  SubentryCommit,
} from '../../../machines/subentry-result.ts'
import type { SubentryName, SubentryRefused } from '../../authoring/subentry.ts'
import { isUniqueId } from '../../authoring/unique-id.ts'
import type { Form } from '../../form.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { SubentryRecord } from '../../ports/subentry-record.ts'
import { type Explained, ShownTexts } from '../connections/explained.ts'
import { type CompiledSubentry, checksSecrets } from '../integrations/compile-subentries.ts'
import { collectSecrets, secretTexts } from '../integrations/values.ts'
import type { Call } from '../lib/call.ts'
import { pickFields } from '../lib/json.ts'
import { subentriesOf } from '../records/subentries.ts'
import { openSubentry } from '../secrets/vault.ts'
import type { FlowCommit } from './commit.ts'
import type { FlowRunOptions } from './flow-run-options.ts'
import { chosenOf, namesOf } from './prefill.ts'
import { saveSubentry } from './save-subentry.ts'
import { shownTo } from './shown-failure.ts'
import { addSecretsOf, useEntry } from './use-entry.ts'

/** A submitted sub-entry. */
export interface SubmittedSubentry {
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
  async find(entry: EntryRecord, { type, subentryId }: FlowSubentry): Promise<FindSubentryResult> {
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
    const { editForm } = this.#kindOf(type)
    const values = pickFields(stored.data, editForm.order)
    // The title of the flow is that of the sub-entry.
    const secrets = await namesOf(() => openSubentry(this.#options.core, entry, stored))
    const chosen = editForm.choices.size > 0 && { chosen: chosenOf(editForm, values) }
    const about = { uniqueId, credentialRevision, title: stored.title, values, secrets, ...chosen }
    return { type: 'found', entry: about, subentry: { type, subentryId, revision: stored.revision } }
  }

  /** Validates the input: with `name`, or with `check` and the connection of the entry. */
  async check({ subentry, draft }: SubmittedSubentry, call: Call): Promise<CheckSubentryResult> {
    const { core, compiled, entry } = this.#options
    const kind = this.#kindOf(subentry.type)
    const parsed = kind.schema.parse(draft.reveal().values)
    const secrets = [...this.secretsOf(subentry, draft)]
    collectSecrets(parsed, secrets)
    const result = await core.connector.calls.run<CheckSubentryResult>({
      compiled,
      call,
      secrets,
      attempt: async () => {
        const { name, check } = kind.definition
        if (name !== undefined)
          return namedSubentry(kind, name.call(kind.definition, parsed as never), secrets)
        const own = entry as EntryRecord
        const work = async (client: unknown) => {
          const context = { client, signal: call.signal }
          const answer = await check?.call(kind.definition, parsed as never, context as never)
          // The client knows the secrets of the entry, and the title can contain them.
          const mayName = await addSecretsOf(core, own, secrets)
          return namedSubentry(kind, answer, mayName ? secrets : null)
        }
        return useEntry(this.#options, { entry: own, call, secrets, work })
      },
    })
    if (result.type !== 'failed') return result
    if ('explained' in result && result.explained !== undefined) {
      const form = subentry.revision === null ? kind.fullForm : kind.editForm
      return refusedBy(result.explained, form)
    }
    const { error, until } = result
    const shown = error === 'client_refused' ? 'unknown' : error
    return { type: 'failed', error: shown, ...(until !== undefined && { until }) }
  }

  /** Whether the service has refused the secrets of a sub-entry. */
  refuses({ type }: FlowSubentry, result: CheckSubentryResult): boolean {
    const isRefused =
      result.type === 'refused' ||
      result.type === 'aborted' ||
      (result.type === 'failed' && result.error === 'invalid_auth')
    return isRefused && checksSecrets(this.#kindOf(type))
  }

  /** Saves the sub-entry. @throws StoreError */
  save(commit: FlowCommit, saving: SavingUnder): Promise<SaveSubentryResult> {
    return saveSubentry(commit, this.#kindOf(saving.subentry.type), saving)
  }

  /** Returns the submitted secrets. */
  secretsOf({ type }: FlowSubentry, draft: Draft): readonly string[] {
    return secretTexts(this.#kindOf(type).fullForm, draft.reveal().values as JsonObject)
  }

  #kindOf(type: string): CompiledSubentry {
    return this.#options.compiled.subentries.get(type) as CompiledSubentry
  }
}

/** Returns an error that `check` has thrown on purpose: a refusal at its field, a failure, or the end of the flow. */
function refusedBy(explained: Explained, form: Form): CheckSubentryResult {
  const shown = shownTo(form, explained, undefined)
  if (shown.type === 'aborted' || !explained.refuses || explained.type === 'account') return shown
  const { type: _, at = 'base', error: code, ...error } = shown
  return { type: 'refused', errors: { [at]: { code, ...error } } }
}

type NamedOrRefused = Extract<CheckSubentryResult, { type: 'named' | 'refused' }>

/**
 * Validates the return value of `name` or `check` of a sub-entry type. `secrets`: those to remove from the title; null if
 * they could not be read, and it has the title of its type.
 *
 * @throws Error if the integration violates the contract
 */
function namedSubentry(
  { type, title, fullForm }: CompiledSubentry,
  answer: SubentryName | SubentryRefused | undefined,
  secrets: readonly string[] | null,
): NamedOrRefused {
  if (typeof answer !== 'object' || answer === null)
    throw new Error(`name or check of the sub-entry type "${type}" did not return an object.`)
  if ('error' in answer) {
    const code = /^[a-z][a-z_]{0,63}$/.test(answer.error) ? answer.error : 'invalid'
    const { field = '' } = answer
    return { type: 'refused', errors: { [fullForm.order.includes(field) ? `/${field}` : 'base']: { code } } }
  }
  const { uniqueId = null } = answer
  if (uniqueId !== null && !isUniqueId(uniqueId)) {
    throw new Error(
      `name or check of the sub-entry type "${type}" returned an invalid uniqueId. Return a non-empty string, or null.`,
    )
  }
  const shown = secrets === null ? title : new ShownTexts(secrets).title(answer.title, title)
  return { type: 'named', named: { title: shown, uniqueId } }
}
