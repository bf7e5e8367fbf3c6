import { isTitle, textFrom } from '../../authoring/title.ts'
import {
  AttemptsExhaustedError,
  EntryStateError,
  InvalidInputError,
  StaleRevisionError,
  StoppedError,
} from '../../errors.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { View } from '../../view.ts'
import type { EntryView, ReloadOptions, RequestReauthOptions } from '../api/entries.ts'
import type { By, Expected } from '../api/latchkey.ts'
import type { Endings } from '../flow-state/entry-endings.ts'
import { reloadRunning } from '../flow-work/entry-host.ts'
import { type Core, integrationOf } from '../kernel/core.ts'
import { HOST } from '../lib/principals.ts'
import { Attempts } from '../login-budget/attempts.ts'
import { audit } from '../records/audit.ts'
import { subentriesOf, subentryIn, withSubentries } from '../records/subentries.ts'
import { changeEntry, type EntryChange, removeEntry } from './change-entry.ts'
import type { Entries } from './entries.ts'
import type { EntryRun } from './entry-run.ts'

/** The maximum length of the reason of a requested reauthentication. */
const MAX_REASON = 300

/** The API calls on entries. In a process, setup, unload, reload and remove of an entry run one after the other. */
export class EntryActions {
  readonly #core: Core
  readonly #entries: Entries

  constructor(core: Core, entries: Entries) {
    this.#core = core
    this.#entries = entries
  }

  /** Loads an entry. @throws UnknownEntryError, EntryStateError if it is disabled, loaded, or could not be unloaded */
  setup(scope: string, entryId: string): Promise<EntryView> {
    return this.#serially(scope, entryId, (run) => this.#step(run, { type: 'setup' }))
  }

  /**
   * Unloads an entry. `force` does not wait for an unload in progress, and accepts one that fails.
   *
   * @throws EntryStateError
   */
  async unload(scope: string, entryId: string, { force = false } = {}): Promise<EntryView> {
    if (force && this.#entries.running(scope, entryId)?.send({ type: 'forceUnload' }) === true)
      return this.#entries.get(scope, entryId)
    this.#stopConnecting(scope, entryId)
    return this.#serially(scope, entryId, async (run) => {
      if (run.state !== 'disabled') await this.#step(run, { type: 'unload' })
      if (force) run.send({ type: 'forceUnload' })
    })
  }

  /**
   * Reloads an entry.
   *
   * @throws EntryStateError if it is disabled or could not be unloaded
   * @throws AttemptsExhaustedError with `retryRejected`, after too many failed attempts
   */
  async reload(scope: string, entryId: string, options: ReloadOptions = {}): Promise<EntryView> {
    const { retryRejected = false, principal = HOST } = options
    if (retryRejected) await this.#assertRetryAllowed(scope, entryId, principal)
    this.#stopConnecting(scope, entryId)
    return this.#serially(scope, entryId, async (run) => {
      // An earlier call may have used up the attempts.
      if (retryRejected) await this.#assertRetryAllowed(scope, entryId, principal)
      run.work.retriedBy = principal
      await this.#step(run, { type: 'unload' })
      await this.#step(run, { type: 'setup', retryRejected })
    })
  }

  /** Disables an entry: unloads it and ends its open edit flow. */
  async disable(scope: string, entryId: string, who = HOST): Promise<EntryView> {
    this.#stopConnecting(scope, entryId)
    const change = { scope, entryId, who, kind: 'entry_disabled' } as const
    const next = (entry: EntryRecord) =>
      entry.disabled ? entry : { ...entry, disabled: true, disabledAt: this.#core.clock.now() }
    await this.#ending(scope, entryId, 'entryDisabled', (endings) =>
      changeEntry(this.#core, this.#entries, { ...change, endings, next }),
    )
    return this.#serially(scope, entryId, async (run) => {
      if (run.send({ type: 'unload' })) {
        await run.settled()
        // A client that does not close does not keep its entry from being disabled.
        run.send({ type: 'forceUnload' })
      }
      run.send({ type: 'disable' })
    })
  }

  /** Enables an entry and loads it. */
  async enable(scope: string, entryId: string, who = HOST): Promise<EntryView> {
    await this.#change({
      scope,
      entryId,
      who,
      kind: 'entry_enabled',
      next: (entry) => {
        if (entry.ignored === true) throw new EntryStateError(entryId, 'ignored', 'enable')
        return entry.disabled ? { ...entry, disabled: false } : entry
      },
    })
    return this.#serially(scope, entryId, async (run) => {
      run.send({ type: 'enable' })
      if (run.send({ type: 'setup' })) await run.settled()
    })
  }

  /**
   * Removes an entry, even if it cannot be unloaded, and ends its open edit flow. Then its service is informed, in the
   * background. Its history remains.
   */
  async remove(scope: string, entryId: string, who = HOST): Promise<void> {
    this.#entries.flows.interrupt(scope, entryId, 'entryRemoved')
    this.#stopConnecting(scope, entryId)
    await this.#entries.serially(scope, entryId, async () => {
      const run = this.#entries.running(scope, entryId)
      if (run?.send({ type: 'unload' }) === true) await run.settled()
      const row = await this.#ending(scope, entryId, 'entryRemoved', (endings) =>
        removeEntry(this.#core, this.#entries, { scope, entryId, who, endings }),
      )
      const { domain, discoveryKeys = [] } = row
      this.#entries.drop(scope, entryId)
      this.#core.events.emit('entry_removed', { scope, entryId, domain })
      this.#core.events.emit('rediscover', { scope, domain, discoveryKeys })
    })
  }

  /** Renames an entry. @throws InvalidInputError if the title is invalid, StaleRevisionError with the current view */
  async update(
    scope: string,
    entryId: string,
    change: { readonly title: string },
    { principal: who = HOST, revision }: By & Expected = {},
  ): Promise<EntryView> {
    const { title } = change
    if (!isTitle(title)) {
      throw new InvalidInputError('Invalid title. Use 1 to 200 characters without control characters.', [
        '/title',
      ])
    }
    const kind = 'entry_renamed'
    const next = (before: EntryRecord) => {
      if (revision !== undefined && revision !== before.revision)
        throw new StaleRevisionError(this.#entries.view(before))
      return before.title === title ? before : { ...before, title, titleFromService: false }
    }
    const detail = (before: EntryRecord) => ({ field: 'title', before: before.title, after: title })
    return this.#entries.view(await this.#change({ scope, entryId, who, kind, detail, next }))
  }

  /** Requests a new credential. Returns the reauthentication flow. */
  async requestReauth(
    scope: string,
    entryId: string,
    { principal: who = HOST, reason }: By & RequestReauthOptions = {},
  ): Promise<View> {
    const { flows } = this.#entries
    if (reason !== undefined && typeof reason !== 'string')
      throw new InvalidInputError('Invalid reason. Use a text.', ['/reason'])
    const message = textFrom(reason, MAX_REASON)
    const entry = await this.#entries.read(scope, entryId)
    if (entry.disabled) throw new EntryStateError(entryId, 'disabled', 'requestReauth')
    const need = { reason: 'requested', rejected: false, ...(message !== null && { message }) } as const
    const flow = await flows.starting.require(entry, need, who)
    return flow === null || flow === 'held'
      ? flows.start(scope, { source: 'reauth', entryId }, { principal: who })
      : flows.view(flow)
  }

  /** Withdraws a requested reauthentication and ends its flow. @throws EntryStateError after a refusal */
  async withdrawReauth(scope: string, entryId: string, who = HOST): Promise<EntryView> {
    const isRequested = ({ reauth, rejectedRevision, credentialRevision }: EntryRecord) => {
      if (reauth?.reason === 'invalid_auth' || rejectedRevision === credentialRevision)
        throw new EntryStateError(entryId, 'reauth_required', 'withdrawReauth')
      return reauth !== null
    }
    const entry = await this.#entries.read(scope, entryId)
    if (!isRequested(entry)) return this.#entries.view(entry)
    const changed = await changeEntry(this.#core, this.#entries, {
      scope,
      entryId,
      who,
      kind: 'reauth_withdrawn',
      endings: () => this.#entries.flows.endingsOfReauth(scope, entryId, who),
      next: (before) => (isRequested(before) ? { ...before, reauth: null } : before),
    })
    return this.#entries.view(changed)
  }

  /** Dismisses the proposed address. The same address is not proposed again. */
  async dismissProposal(scope: string, entryId: string, who = HOST): Promise<EntryView> {
    const entry = await this.#entries.read(scope, entryId)
    if (entry.proposal?.dismissed !== false) return this.#entries.view(entry)
    const next = (before: EntryRecord) =>
      before.proposal?.dismissed !== false
        ? before
        : { ...before, proposal: { ...before.proposal, dismissed: true } }
    return this.#entries.view(await this.#change({ scope, entryId, who, kind: 'proposal_dismissed', next }))
  }

  /** Revokes the repair links of an entry, and the sessions that they have started. */
  async revokeLinks(scope: string, entryId: string, who = HOST): Promise<void> {
    const next = (entry: EntryRecord) => ({ ...entry, linkGeneration: (entry.linkGeneration ?? 0) + 1 })
    await this.#change({ scope, entryId, who, kind: 'links_revoked', next })
  }

  /** Clears the failed attempts of an entry, or of the new links of an integration. */
  async resetAttempts(scope: string, of: string | { readonly domain: string }, who = HOST): Promise<void> {
    if (typeof of === 'object') return this.#resetDomain(scope, of.domain, who)
    const entryId = of
    const { domain, revision } = await this.#entries.read(scope, entryId)
    const key = { scope, domain, entryId, principal: who }
    const ofSubentries = await Attempts.read(this.#core, { ...key, ofSubentries: true })
    await ofSubentries.apply((current) => current.clear())
    const attempts = await Attempts.read(this.#core, key)
    const at = this.#core.clock.now()
    const row = audit({ scope, at, who, entryId, kind: 'attempts_reset', revision })
    await attempts.apply((current) => [...current.clear(), row])
  }

  async #resetDomain(scope: string, name: string, who: string): Promise<void> {
    const { domain } = integrationOf(this.#core, name)
    const attempts = await Attempts.read(this.#core, { scope, domain, entryId: null, principal: who })
    const at = this.#core.clock.now()
    const row = audit({ scope, at, who, entryId: null, kind: 'attempts_reset', code: domain, revision: 0 })
    await attempts.apply((current) => [...current.clear(), row])
  }

  async #assertRetryAllowed(scope: string, entryId: string, principal: string): Promise<void> {
    const { domain } = await this.#entries.read(scope, entryId)
    const { blockedUntil } = await Attempts.read(this.#core, { scope, domain, entryId, principal })
    if (blockedUntil === null) return
    throw new AttemptsExhaustedError(Math.ceil((blockedUntil - this.#core.clock.now()) / 1000))
  }

  /** Cancels a setup or a probe in progress, because `connect` may not respond. */
  #stopConnecting(scope: string, entryId: string): void {
    const run = this.#entries.running(scope, entryId)
    if (run === undefined) return
    // A listener may call this during the step, before the work begins.
    const isSettingUp = run.state === 'setup_in_progress' || run.state === 'migrating'
    if (isSettingUp || run.working) run.send({ type: 'unload' })
  }

  #serially(scope: string, entryId: string, work: (run: EntryRun) => Promise<void>): Promise<EntryView> {
    return this.#entries.serially(scope, entryId, async () => {
      const run = this.#entries.runOf(await this.#entries.read(scope, entryId))
      // A flow may reload the entry as soon as it has settled.
      while (run.working) await run.settled()
      await work(run)
      return this.#entries.get(scope, entryId)
    })
  }

  async #step(run: EntryRun, event: Parameters<EntryRun['send']>[0]): Promise<void> {
    if (!run.send(event)) {
      if (this.#core.lifetime.ended) throw new StoppedError()
      throw new EntryStateError(run.entryId, run.state, event.type)
    }
    await run.settled()
  }

  #change(change: Omit<EntryChange, 'endings'>): Promise<EntryRecord> {
    return changeEntry(this.#core, this.#entries, change)
  }

  /** Makes a change that ends the flows of an entry. */
  async #ending<Result>(
    scope: string,
    entryId: string,
    event: 'entryRemoved' | 'entryDisabled',
    change: (endings: () => Promise<Endings>) => Promise<Result>,
  ): Promise<Result> {
    const { flows } = this.#entries
    flows.interrupt(scope, entryId, event)
    const result = await change(() => flows.endingsOf(scope, entryId, event))
    // A flow may have begun to work since it was interrupted.
    flows.interrupt(scope, entryId, event)
    return result
  }
}

/** The sub-entry to remove. */
interface Removal {
  readonly scope: string
  readonly entryId: string
  readonly subentryId: string
  readonly who: string
}

/**
 * Removes a sub-entry, ends its open flow, and reloads the entry.
 *
 * @throws UnknownEntryError, UnknownSubentryError, StoreError
 */
export async function removeSubentry(
  core: Core,
  entries: Entries,
  { scope, entryId, subentryId, who }: Removal,
): Promise<EntryView> {
  const { type } = subentryIn(await entries.read(scope, entryId), subentryId)
  const changed = await changeEntry(core, entries, {
    scope,
    entryId,
    who,
    kind: 'subentry_removed',
    code: `${type}/${subentryId}`,
    endings: (entry) => entries.flows.endingsOfSubentry(entry, subentryId),
    next: (entry) => {
      const removed = subentryIn(entry, subentryId)
      return withSubentries(
        entry,
        subentriesOf(entry).filter((subentry) => subentry !== removed),
      )
    },
  })
  await entries.serially(scope, entryId, () => reloadRunning(entries, changed))
  return entries.get(scope, entryId)
}
