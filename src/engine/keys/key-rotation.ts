import { ConfigurationError, KeyRotationError, StoppedError } from '../../errors.ts'
import type { CipherKeys } from '../../ports/cipher.ts'
import type { KeyStatus, Keys, RotateOptions, Rotation } from '../api/keys.ts'
import type { Core } from '../kernel/core.ts'
import { newId } from '../lib/new-id.ts'
import { HeldLeases } from './held-leases.ts'
import { Resealing } from './resealing.ts'
import { sealedRecords } from './sealed-records.ts'

/** The age of the newest key at which older keys can be removed. No value is on its way to the store as long as this. */
const MIN_AGE = 3_600_000

/** The name of the right to rotate. */
const RIGHT = { scope: 'default', kind: 'task', id: 'rotate_keys' } as const

/** Rotates the keys of all scopes. */
export class KeyRotation implements Keys {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  async status(): Promise<KeyStatus> {
    const keys = this.#cipherKeys
    const [current, ...others] = await idsOf(keys)
    const counts = new Map<string, number>(others.map((keyId) => [keyId, 0]))
    let unreadable = 0
    for await (const page of sealedRecords(this.#core)) {
      unreadable += page.unreadable
      for (const record of page.records) {
        for (const id of [...(await record.keyIds(keys)), ...record.codeKeyIds]) {
          const keyId = id ?? ''
          counts.set(keyId, (counts.get(keyId) ?? 0) + 1)
        }
      }
    }
    const first = { keyId: current, isCurrent: true, values: counts.get(current) ?? 0 }
    counts.delete(current)
    const rest = [...counts].map(([keyId, values]) => ({ keyId, isCurrent: false, values }))
    return { keys: [first, ...rest], unreadable }
  }

  rotate(options: RotateOptions = {}): Promise<Rotation> {
    const keys = this.#cipherKeys
    return this.#exclusively(async (leases) => {
      const resumed = await this.#isUnfinished(keys)
      if (!resumed) await this.#core.store.keys?.add()
      const [keyId] = await idsOf(keys)
      const work = new Resealing(this.#core, { keyId, keys, leases })
      return { keyId, resumed, ...(await work.run(options)) }
    })
  }

  prune(): Promise<readonly string[]> {
    const { store, clock } = this.#core
    const own = store.keys
    if (own === undefined) {
      const fix = 'Remove the keys that latchkey keys status lists without values from your cipher.'
      throw new ConfigurationError(`This store does not manage its keys. ${fix}`)
    }
    return this.#exclusively(async () => {
      if (clock.now() - own.changedAt() < MIN_AGE) {
        const fix = 'Try again an hour after the last change of the key file.'
        throw new KeyRotationError(`The newest key is too new to remove older ones. ${fix}`)
      }
      const { keys, unreadable } = await this.status()
      if (unreadable > 0) {
        const fix = 'Restore or remove them first: latchkey doctor lists them.'
        throw new KeyRotationError(`Some rows cannot be read, so their keys are unknown. ${fix}`)
      }
      const used = keys.filter(({ values }) => values > 0)
      return own.retain(new Set(used.map(({ keyId }) => keyId)))
    })
  }

  get #cipherKeys(): CipherKeys {
    const { keys } = this.#core.cipher
    if (keys !== undefined) return keys
    throw new ConfigurationError(
      'The cipher has no keys, so Latchkey cannot rotate them. Implement Cipher.keys.',
    )
  }

  /**
   * Whether a value is encrypted with another key than the first: an earlier rotation has not ended. Codes do not count,
   * because a rotation cannot compute each of them again.
   */
  async #isUnfinished(keys: CipherKeys): Promise<boolean> {
    const [, ...others] = await idsOf(keys)
    if (others.length === 0) return false
    for await (const { records } of sealedRecords(this.#core)) {
      for (const record of records) {
        if ((await record.keyIds(keys)).some((id) => others.includes(id ?? ''))) return true
      }
    }
    return false
  }

  /** Runs work while no other process rotates. @throws KeyRotationError */
  async #exclusively<Result>(work: (leases: HeldLeases) => Promise<Result>): Promise<Result> {
    if (this.#core.lifetime.ended) throw new StoppedError()
    const leases = new HeldLeases(this.#core, newId())
    if (!(await leases.claim(RIGHT)))
      throw new KeyRotationError(
        'Another process rotates the keys. Try again after it has ended, or 15 seconds after it was killed.',
      )
    try {
      return await work(leases)
    } finally {
      await leases.releaseAll()
    }
  }
}

/** Returns the ids of the keys, the current one first. @throws ConfigurationError without one */
async function idsOf(keys: CipherKeys): Promise<readonly [string, ...string[]]> {
  const [current, ...others] = await keys.ids()
  if (current !== undefined) return [current, ...others]
  throw new ConfigurationError(
    'Cipher.keys.ids() returned no id. Return the ids of all keys, the current one first.',
  )
}
