import type { EntryRecord } from '../../src/index.ts'
import { mend, tokenOf } from './scene.ts'
import type { World } from './world.ts'

/** The versions of a story: 3 is current, 2 can be migrated, 1 cannot. */
export const versions = { version: 3, migrate: { 2: <Values>(values: Values): Values => values } }
const rowVersions: Readonly<Record<string, number>> = { current: 3, outdated: 2, failed: 1 }

/** Other processes that write an entry, and direct writes to its row. */
export class EntryRivals {
  readonly #world: World
  readonly #scope: string
  readonly #entryId: string
  /** The removed row, until it is restored. */
  removed: EntryRecord | null = null

  constructor(world: World, scope: string, entryId: string) {
    this.#world = world
    this.#scope = scope
    this.#entryId = entryId
  }

  /** The write of another process before the work reads the row. */
  async meet(what: string): Promise<void> {
    const id = this.#entryId
    if (what === 'gone') {
      await this.#world.rival(this.#scope, async (rival, service) => {
        service.accounts.set(this.#token('new'), 'me')
        await mend(rival, id, this.#token('new'))
      })
    } else if (what === 'rejected') {
      // The service of the other process has no accounts.
      await this.#world.rival(this.#scope, (rival) => rival.entries.setup(id))
    } else if (what in rowVersions) {
      await this.#bring(what)
    } else if (what === 'refused') {
      await this.#write(({ previous: _, ...record }) => {
        const { data, sealed, options } = record
        return { ...record, previous: { why: 'migrated', version: 2, data, sealed, options } }
      })
    } else if (what === 'proven') {
      await this.#write(({ previous: _, ...record }) => record)
    } else if (what === 'disabled') {
      await this.#write((record) => ({ ...record, disabled: true }))
    } else {
      this.removed = (await this.#stored()) ?? null
      const ifRevision = this.removed?.revision ?? 0
      await this.#world.write((store) => store.apply(this.#scope, [{ remove: 'entry', id, ifRevision }]))
    }
  }

  /** Prepares the stored records for a step. */
  async settle(facts: { readonly version?: 'current' | 'failed'; readonly rejected?: false }): Promise<void> {
    const { version } = facts
    if (version !== undefined) await this.#bring(version)
    if (facts.rejected === undefined || !isRejected(await this.#stored())) return
    await this.#bring('current')
    await this.#world.rival(this.#scope, async ({ entries }, service) => {
      service.accounts.set(this.#token('old'), 'me').set(this.#token('new'), 'me')
      await entries.reload(this.#entryId, { retryRejected: true })
    })
    if (version !== undefined) await this.#bring(version)
  }

  /** A row that is set to a version has no migration error and no previous values. */
  async #bring(to: string): Promise<void> {
    const version = rowVersions[to] ?? 0
    const stored = await this.#stored()
    if (stored?.version === version && stored.previous === undefined && stored.migrationError === null) return
    await this.#write(({ previous: _, ...record }) => ({ ...record, version, migrationError: null }))
  }

  async #write(change: (record: EntryRecord) => EntryRecord): Promise<void> {
    const record = await this.#stored()
    if (record === undefined) throw new Error('There is no entry.')
    const next = { ...change(record), revision: record.revision + 1 }
    await this.#world.write((store) =>
      store.apply(this.#scope, [{ put: 'entry', record: next, ifRevision: record.revision }]),
    )
  }

  /** Puts back the row that was removed. */
  async putBack(): Promise<void> {
    const record = this.removed
    if (record === null) return
    this.removed = null
    const again = { ...record, revision: 1 }
    await this.#world.write((store) =>
      store.apply(this.#scope, [{ put: 'entry', record: again, ifRevision: 0 }]),
    )
  }

  #stored(): Promise<EntryRecord | undefined> {
    return this.#world.row(this.#scope, this.#entryId)
  }

  #token(kind: string): string {
    return tokenOf(this.#scope, kind)
  }
}

/** Whether the service has refused the credential that is stored. */
export const isRejected = (entry: EntryRecord | undefined): boolean =>
  entry !== undefined && entry.rejectedRevision === entry.credentialRevision
