import { type EntryRecord, type JsonObject, StoreError } from '../../src/index.ts'
import { fullDisk } from '../../src/testing/index.ts'
import type { World } from './world.ts'

/** The record that is being saved, and its place. */
export interface Saving {
  readonly scope: string
  readonly entryId: string
  readonly flowId: string
  /** The options that are being saved, if any. */
  readonly options?: JsonObject
  /** The account that is being saved, if it is not the account of the entry. */
  readonly account?: string
  /** Writes of other processes to the row of the entry, by their name in a story. */
  readonly rows?: Readonly<Record<string, (record: EntryRecord) => Partial<EntryRecord>>>
  /** The number of reads of the entry before the commit reads it. Absent if it was read with the claim of the flow. */
  readonly reads?: number
  /** The number of writes before that of the commit. Defaults to none. */
  readonly writes?: number
}

/** The interference that a commit meets, before it reads the entry or before it writes. */
export class CommitRivals {
  readonly #world: World
  readonly #saving: Saving
  /** The events so far: the names of a story, and `renamed`. */
  readonly met: string[] = []
  /** The entry after another process has saved a credential. */
  changed: EntryRecord | null = null

  constructor(world: World, saving: Saving, comes: readonly string[]) {
    this.#world = world
    this.#saving = saving
    const { store } = world
    let applies = saving.writes ?? 0
    comes.forEach((result, index) => {
      if (comes[index - 1] === 'unanswered') return
      if (result === 'unanswered') this.#loseAnswer(++applies, comes[index + 1] ?? '')
      else if (result === 'throws') store.before('apply', ++applies, fullDisk)
      else if (this.#isWritten(result)) {
        if (comes[index - 1] === 'outdated') return
        // An entry that was read with the claim is read again after its write has failed.
        if (saving.reads === undefined) store.before('apply', ++applies, () => this.writeRow(result))
        else store.before('getEntry', saving.reads + 1, () => this.writeRow(result))
      } else if (result === 'ended' || result === 'taken') {
        store.before('apply', ++applies, () => this.#meet(result))
      } else if (result === 'outdated') {
        const next = comes[index + 1] ?? ''
        store.before('apply', ++applies, () => this.#meet(this.#isWritten(next) ? next : 'renamed'))
      }
    })
  }

  /** The store does not answer a write. `found`: the result of reading whether it was made. */
  #loseAnswer(nth: number, found: string): void {
    const { store } = this.#world
    const lose = () => {
      throw new StoreError('The connection was lost.', { outcome: 'unknown' })
    }
    const isMade = found === 'created' || found === 'updated' || found === 'saved'
    if (isMade) store.after('apply', nth, lose)
    else
      store.before('apply', nth, async () => {
        if (found === 'ended') await this.#meet(found)
        if (found === 'throws') store.before('getFlow', 1, fullDisk)
        lose()
      })
  }

  async #meet(result: string): Promise<void> {
    const isRow = result === 'changed' || result === 'unchanged' || this.#rowOf(result) !== undefined
    if (isRow) return this.writeRow(result)
    this.met.push(result)
    const { scope, entryId, flowId, account = 'me' } = this.#saving
    await this.#world.rival(scope, async ({ flows, entries }, service) => {
      if (result === 'renamed') {
        // The same title is not written again.
        const { title } = await entries.get(entryId)
        return entries.update(entryId, { title: `${title}, renamed` })
      }
      if (result === 'missing') return entries.remove(entryId)
      if (result === 'disabled') return entries.disable(entryId)
      if (result === 'ended') return flows.cancel(flowId)
      service.accounts.set('rival', account)
      const form = await flows.start({ domain: 'scripted', source: 'user' })
      return flows.submit(form.flowId, { host: 'hub', token: 'rival' }, { revision: form.revision })
    })
  }

  /** Another process writes only the row, and leaves the flow. */
  async writeRow(result: string): Promise<void> {
    this.met.push(result)
    const { scope, entryId } = this.#saving
    await this.#world.write(async (store) => {
      const record = await store.getEntry(scope, entryId)
      if (record === undefined) throw new Error('There is no entry.')
      const { revision, credentialRevision } = record
      if (result === 'missing') {
        return store.apply(scope, [{ remove: 'entry', id: entryId, ifRevision: revision }])
      }
      const changes = this.#rowOf(result)?.(record) ?? {
        ...(result === 'disabled' && { disabled: true }),
        ...(result === 'changed' && { credentialRevision: credentialRevision + 1 }),
        ...(result === 'unchanged' && { options: this.#saving.options ?? {} }),
      }
      const next = { ...record, ...changes, revision: revision + 1 }
      await store.apply(scope, [{ put: 'entry', record: next, ifRevision: revision }])
      if (result === 'changed') this.changed = next
    })
  }

  /** Whether a result follows from the write of another process to the row of the entry. */
  #isWritten(result: string): boolean {
    return entryChanges.has(result) || this.#rowOf(result) !== undefined
  }

  #rowOf(result: string) {
    return this.#saving.rows?.[result]
  }
}

/** The writes of another process to an entry during a commit. */
const entryChanges = new Set(['missing', 'disabled', 'changed', 'unchanged'])
