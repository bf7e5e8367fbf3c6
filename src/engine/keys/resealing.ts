import { StoppedError } from '../../errors.ts'
import type { CipherKeys } from '../../ports/cipher.ts'
import type { EntryRecord } from '../../ports/store.ts'
import type { RotateOptions, RotationProgress } from '../api/keys.ts'
import type { Core } from '../kernel/core.ts'
import { isConflict, isTaken } from '../lib/conflicts.ts'
import { Timeout } from '../lib/deadline.ts'
import { checkEntry, isLeased, ownEntry } from '../records/entry-record.ts'
import { withRenewedMatchKeys } from '../records/match-keys.ts'
import {
  type Replace,
  replaceInEntry,
  replaceInFlow,
  replaceInRemoval,
  replaceInToken,
  replaceInWebhook,
} from '../secrets/sealed-values.ts'
import type { HeldLeases } from './held-leases.ts'
import { pendingToken, type SealedRecord, sealedRecords } from './sealed-records.ts'

/** The number of records that are written at the same time. */
const PARALLEL = 8

/** The pause before records of other processes are read again in milliseconds, and how many times. */
const PAUSE = 1_000
const TRIES = 20

type Result = 'current' | 'changed' | 'busy'

interface Parts {
  /** The id of the key that encrypts. */
  readonly keyId: string
  readonly keys: CipherKeys
  readonly leases: HeldLeases
}

/** Encrypts all stored values with the first key, record by record. Each record is replaced whole or not at all. */
export class Resealing {
  readonly #core: Core
  readonly #parts: Parts
  #progress: RotationProgress = { checked: 0, changed: 0 }
  #failed = 0

  constructor(core: Core, parts: Parts) {
    this.#core = core
    this.#parts = parts
  }

  async run({ onProgress, signal }: RotateOptions) {
    const busy: SealedRecord[] = []
    for await (const { records, unreadable } of sealedRecords(this.#core)) {
      this.#failed += unreadable
      busy.push(...(await this.#batch(records)))
      onProgress?.(this.#progress)
      if (signal?.aborted === true) break
    }
    const waiting = signal?.aborted === true ? busy : await this.#again(busy)
    onProgress?.(this.#progress)
    return { ...this.#progress, waiting: waiting.length, failed: this.#failed }
  }

  /** Tries the records that another process was working on. Returns those that it still works on. */
  async #again(busy: readonly SealedRecord[]): Promise<readonly SealedRecord[]> {
    let left = busy
    for (let tries = 0; left.length > 0 && tries < TRIES; tries++) {
      await new Timeout(this.#core.clock, PAUSE).elapsed
      const { checked } = this.#progress
      left = await this.#batch(left)
      this.#progress = { ...this.#progress, checked }
    }
    return left
  }

  /** Encrypts records. Returns those that another process works on. */
  async #batch(records: readonly SealedRecord[]): Promise<SealedRecord[]> {
    const busy: SealedRecord[] = []
    for (let from = 0; from < records.length; from += PARALLEL) {
      if (this.#core.lifetime.ended) throw new StoppedError()
      await this.#parts.leases.renew()
      const some = records.slice(from, from + PARALLEL)
      const results = await Promise.all(some.map((record) => this.#reseal(record)))
      busy.push(...some.filter((_, place) => results[place] === 'busy'))
      const { checked, changed } = this.#progress
      const more = results.filter((result) => result === 'changed').length
      this.#progress = { checked: checked + some.length, changed: changed + more }
    }
    return busy
  }

  async #reseal(record: SealedRecord): Promise<Result> {
    const { keys, keyId } = this.#parts
    const ids = [...(await record.keyIds(keys)), ...record.codeKeyIds]
    if (ids.every((id) => id === keyId)) return 'current'
    try {
      if (record.kind === 'entry') return await this.#entry(record)
      if (record.kind === 'removal') return await this.#removal(record)
      return await (record.kind === 'flow' ? this.#flow(record) : this.#webhook(record))
    } catch (error) {
      // Another process has changed it since it was read. It is read again.
      if (isConflict(error, record.kind)) return 'busy'
      throw error
    }
  }

  async #entry({ scope, id }: SealedRecord): Promise<Result> {
    const { leases } = this.#parts
    const right = { scope, kind: 'token', id } as const
    // A refresh compares the encrypted values with those that it has replaced.
    if (!(await leases.claim(right))) return 'busy'
    try {
      const { store, events } = this.#core
      const stored = await store.getEntry(scope, id)
      if (stored === undefined) return 'current'
      const entry = checkEntry(stored)
      if (isLeased(this.#core, entry.lease)) return 'busy'
      const token = await pendingToken(this.#core, entry)
      const revision = entry.revision + 1
      const replacing = this.#replacing()
      const renewed = await withRenewedMatchKeys(this.#core, entry)
      const next = ownEntry({ ...(await replaceInEntry(renewed, replacing.replace)), revision })
      const pending = token && (await replaceInToken(entry, token, replacing.replace))
      if (!replacing.hasChanged() && renewed === entry) return 'current'
      if (pending !== null) {
        // Before the entry, and with both of its values: a process that dies between the two writes loses no token.
        await store.journal?.put({ ...pending, replaces: entry.sealed, resealed: next.sealed })
      }
      await this.#put(next, entry.revision)
      events.emit('entry_updated', { scope, entryId: id, domain: entry.domain, revision })
      return 'changed'
    } finally {
      await leases.release(right)
    }
  }

  /** Writes an entry. If another one has its match key, both remain, and the other one keeps the key. */
  async #put(record: EntryRecord, ifRevision: number): Promise<void> {
    const { store } = this.#core
    try {
      await store.apply(record.scope, [{ put: 'entry', record, ifRevision }])
    } catch (error) {
      if (!isTaken(error, 'exclusive')) throw error
      const { matchKey: _, ...rest } = record
      await store.apply(record.scope, [{ put: 'entry', record: ownEntry(rest), ifRevision }])
    }
  }

  async #flow({ scope, id }: SealedRecord): Promise<Result> {
    const { store, events, clock } = this.#core
    const flow = await store.getFlow(scope, id)
    if (flow === undefined || !flow.open) return 'current'
    const revision = flow.revision + 1
    const replacing = this.#replacing()
    const next = { ...(await replaceInFlow(flow, replacing.replace)), revision }
    if (!replacing.hasChanged()) return 'current'
    await store.apply(scope, [
      { put: 'flow', record: next, ifRevision: flow.revision },
      { check: 'unclaimed', flowId: id, now: clock.now() },
    ])
    const { domain, step } = flow
    events.emit('flow_progressed', { scope, flowId: id, domain, step, revision })
    return 'changed'
  }

  async #webhook({ scope, id }: SealedRecord): Promise<Result> {
    const { store } = this.#core
    const webhook = await store.webhooks.get(scope, id)
    if (webhook === undefined) return 'current'
    const { revision } = webhook
    const replacing = this.#replacing()
    const record = { ...(await replaceInWebhook(webhook, replacing.replace)), revision: revision + 1 }
    if (!replacing.hasChanged()) return 'current'
    await store.apply(scope, [{ put: 'webhook', record, ifRevision: revision }])
    return 'changed'
  }

  async #removal({ scope, id }: SealedRecord): Promise<Result> {
    const { store } = this.#core
    const removal = await store.removals.get(scope, id)
    if (removal === undefined) return 'current'
    const { revision } = removal
    const replacing = this.#replacing()
    const record = { ...(await replaceInRemoval(removal, replacing.replace)), revision: revision + 1 }
    if (!replacing.hasChanged()) return 'current'
    await store.apply(scope, [{ put: 'removal', record, ifRevision: revision }])
    return 'changed'
  }

  /** Encrypts values with the first key. A value that no key decrypts stays as it is. */
  #replacing(): { readonly replace: Replace; hasChanged(): boolean } {
    const { keys, keyId } = this.#parts
    const { cipher } = this.#core
    let changed = 0
    const replace: Replace = async (sealed, context) => {
      if (keys.of(sealed) === keyId) return sealed
      let plain: string
      try {
        plain = await cipher.open(sealed, context)
      } catch {
        this.#failed++
        return sealed
      }
      changed++
      return cipher.seal(plain, context)
    }
    return { replace, hasChanged: () => changed > 0 }
  }
}
