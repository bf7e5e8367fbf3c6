import { KeyRotationError } from '../../errors.ts'
import type { LeaseName } from '../../ports/lease.ts'
import type { Core } from '../kernel/core.ts'
import { ignore } from '../lib/ignore.ts'

/** The duration of a lease in milliseconds. */
const TERM = 15_000

/** The leases of one rotation. They last while it renews them after each batch. */
export class HeldLeases {
  readonly #core: Core
  readonly #holder: string

  constructor(core: Core, holder: string) {
    this.#core = core
    this.#holder = holder
  }

  /** Claims a lease. Returns false if another process holds it. */
  async claim(name: LeaseName): Promise<boolean> {
    return (await this.#core.store.leases.claim(name, this.#term)) !== null
  }

  /** Renews all leases. @throws KeyRotationError if they have lapsed, because this process was suspended */
  async renew(): Promise<void> {
    const held = await this.#core.store.leases.renew(this.#term)
    if (held.some(({ kind }) => kind === 'task')) return
    throw new KeyRotationError('This process was suspended for too long. Start the rotation again.')
  }

  /** Releases a lease. If that fails, it lapses. */
  async release(name: LeaseName): Promise<void> {
    await this.#core.store.leases.release(this.#holder, [name]).catch(ignore)
  }

  async releaseAll(): Promise<void> {
    await this.#core.store.leases.release(this.#holder).catch(ignore)
  }

  get #term() {
    return { holder: this.#holder, ms: TERM, now: this.#core.clock.now() }
  }
}
