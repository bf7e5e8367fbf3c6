import type { LeaseName } from '../../ports/lease.ts'
import type { Write } from '../../ports/store.ts'
import type { Core } from '../kernel/core.ts'
import type { HeldLease } from '../kernel/leases.ts'
import { isAhead } from '../lib/stored-time.ts'

/** The exclusive right to refresh the token of an entry. One process holds it for a limited time. */
export class TokenLease {
  readonly #core: Core
  readonly #name: LeaseName
  #held: HeldLease | null = null
  #releasing: Promise<void> = Promise.resolve()

  constructor(core: Core, { scope, entryId }: { readonly scope: string; readonly entryId: string }) {
    this.#core = core
    this.#name = { scope, kind: 'token', id: entryId }
  }

  /** Whether the lease lasts, by the clock of this process. A process that was suspended may have lost it. */
  get isHeld(): boolean {
    const { clock, limits } = this.#core
    const { isLost = true, until = 0 } = this.#held ?? {}
    return !isLost && isAhead(until, clock.now(), limits.refreshLease)
  }

  /** The end of the lease as part of a transaction; empty without a lease. Call {@link forget} after it. */
  get end(): readonly Write[] {
    return this.#held === null || this.#held.isLost ? [] : [this.#held.end]
  }

  /** Claims the lease for a transaction. One whose time is up is still good, unless another process has taken it. */
  async claimToWrite(): Promise<boolean> {
    return this.end.length > 0 || (await this.claim())
  }

  /** Claims the lease, after the end of an earlier one. Returns whether this process has it. @throws StoreError */
  async claim(): Promise<boolean> {
    await this.release()
    this.#held = await this.#core.leases.claim(this.#name)
    return this.#held !== null
  }

  /** Stops renewing the lease, because a transaction has ended it. */
  forget(): void {
    this.#held?.forget()
    this.#held = null
  }

  /** Records that another process has the lease. */
  lose(): void {
    this.#held?.lose()
  }

  /** Ends the lease, so that other processes need not wait for its end. */
  release(): Promise<void> {
    const held = this.#held
    this.#held = null
    if (held !== null) this.#releasing = this.#releasing.then(() => held.release())
    return this.#releasing
  }
}
