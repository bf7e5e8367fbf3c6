import type { webhookDeliveryMachine } from '../../../machines/webhook-delivery.ts'
import type { AttemptResult } from '../../../machines/webhook-delivery-setup.ts'
import type { WebhookReceiverEvent } from '../../../machines/webhook-receiver.ts'
import { UnreadableRecordError } from '../../errors.ts'
import type { Write } from '../../ports/store.ts'
import type { Core } from '../kernel/core.ts'
import type { HeldLease } from '../kernel/leases.ts'
import { isConflict } from '../lib/conflicts.ts'
import { ENGINE } from '../lib/principals.ts'
import { loggedError } from '../lib/redact.ts'
import { audit } from '../records/audit.ts'
import { type ActorsOf, performWith } from '../statecharts/actors.ts'
import type { Step } from '../statecharts/driver.ts'
import { Run } from '../statecharts/runner.ts'
import {
  checkDelivery,
  type Delivery,
  deliveryAfter,
  deliveryDriver,
  deliveryRow,
  INTERRUPTED,
  isEnded,
  resumeDelivery,
} from './delivery-record.ts'
import { checkReceiver, type Receiver, receiverAfter, receiverRow } from './receiver-record.ts'
import { type AttemptAnswer, sendAttempt } from './send-attempt.ts'
import { signedHeaders } from './signing.ts'

/** The code of an attempt whose secret could not be decrypted. */
const NOT_SIGNED = 'not_signed'

type Taken = Step<typeof webhookDeliveryMachine>

/** An attempt in progress: the delivery as it was claimed, and its receiver. */
interface Attempt {
  readonly delivery: Delivery
  readonly receiver: Receiver
  readonly body: string
  answer: AttemptAnswer
}

/** Drives the statecharts of deliveries and of their receivers. A process holds a lease during an attempt. */
export class Deliveries {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  /**
   * Sends a delivery if it is due, and purges it if it has ended. With `defers`, it is due again later.
   *
   * @returns whether the receiver accepted it; null if nothing was sent
   */
  async settle(scope: string, id: string, defers: () => boolean): Promise<boolean | null> {
    const { store, clock } = this.#core
    const record = await store.webhooks.get(scope, id)
    if (record === undefined) return null
    const delivery = checkDelivery(record)
    const { content } = delivery
    if (isEnded(content.step)) {
      await this.remove(delivery)
      return null
    }
    const receiver = await this.#receiverOf(scope, content.webhookId)
    const now = clock.now()
    if (receiver === null || receiver.content.step === 'off') await this.#take(delivery, { type: 'drop' })
    else if (defers()) await this.#take(delivery, { type: 'defer', until: now + this.#deferral })
    else {
      const after = await this.send(delivery, receiver)
      return after === delivery ? null : after.content.step === 'delivered'
    }
    return null
  }

  /** Removes the row of a delivery, unless another process has changed it. */
  async remove({ scope, id, revision }: Pick<Delivery, 'scope' | 'id' | 'revision'>): Promise<void> {
    await this.#write(scope, [{ remove: 'webhook', id, ifRevision: revision }], id)
  }

  /**
   * Claims an attempt of a delivery and sends it, unless it is not due or another process sends it.
   *
   * @returns the delivery after the attempt; the same one if nothing was sent
   */
  async send(delivery: Delivery, receiver: Receiver): Promise<Delivery> {
    const { scope, id } = delivery
    const lease = await this.#core.leases.claim({ scope, kind: 'delivery', id })
    if (lease === null) return delivery
    try {
      return await this.#attempt(delivery, receiver, lease)
    } finally {
      await lease.release()
    }
  }

  /** Sends a delivery while this process holds its lease. The last write ends the lease. */
  async #attempt(delivery: Delivery, receiver: Receiver, lease: HeldLease): Promise<Delivery> {
    const { body } = delivery.content
    const claimed = await this.#take(delivery, { type: 'due', now: this.#core.clock.now() })
    if (claimed === null || body === null || claimed.taken.work === null) return claimed?.delivery ?? delivery
    const answer = { status: null, code: INTERRUPTED, until: null }
    const attempt: Attempt = { delivery: claimed.delivery, receiver, body, answer }
    const run = new Run(deliveryDriver, claimed.taken, {
      clock: this.#core.clock,
      perform: (invocation) => performWith(actors, { core: this.#core, attempt }, invocation),
      stepped: () => {},
    })
    await run.settled()
    const now = this.#core.clock.now()
    const { status, code } = attempt.answer
    const next = deliveryAfter(claimed.delivery, run.snapshot, { at: now, result: { status, code } })
    if (await this.#save(claimed.delivery, next, { event: eventOf(next, now), writes: [lease.end] }))
      lease.forget()
    return next
  }

  /** Takes a step that needs no result. Returns null if the state refuses it, or if another process was faster. */
  async #take(
    delivery: Delivery,
    event: Parameters<typeof deliveryDriver.send>[1],
  ): Promise<{ readonly taken: Taken; readonly delivery: Delivery } | null> {
    const now = this.#core.clock.now()
    const taken = deliveryDriver.send(resumeDelivery(delivery.content, now), event)
    if (taken === null) return null
    const next = deliveryAfter(delivery, taken.snapshot, { at: now })
    const lost = isEnded(next.content.step) && event.type === 'due' ? eventOf(next, now) : null
    return (await this.#save(delivery, next, { event: lost })) ? { taken, delivery: next } : null
  }

  /** Writes a delivery, and the receiver if its state changes. Returns false if another process has written it. */
  async #save(
    before: Delivery,
    next: Delivery,
    {
      event,
      writes = [],
    }: { readonly event: WebhookReceiverEvent | null; readonly writes?: readonly Write[] },
  ): Promise<boolean> {
    const { clock } = this.#core
    const { scope } = next
    for (;;) {
      const put = {
        put: 'webhook',
        record: deliveryRow(next, clock.now()),
        ifRevision: before.revision,
      } as const
      const receiver = event === null ? null : await this.#receiverOf(scope, next.content.webhookId)
      const changed = receiver === null || event === null ? null : this.#changed(receiver, event)
      const written = await this.#write(scope, [put, ...writes, ...(changed?.writes ?? [])], next.id)
      if (written === 'conflict') return false
      if (written === 'receiver') continue
      changed?.announce()
      return true
    }
  }

  /** Returns the writes for a receiver whose state an event changes; null if it changes nothing. */
  #changed(receiver: Receiver, event: WebhookReceiverEvent) {
    const { events, log } = this.#core
    const { scope, id, revision } = receiver
    const content = receiverAfter(receiver.content, event)
    if (content === receiver.content) return null
    const record = receiverRow(receiver, content)
    const writes: Write[] = [{ put: 'webhook', record, ifRevision: revision }]
    if (content.step === 'off') {
      const row = { scope, at: event.now, who: ENGINE, entryId: null, kind: 'webhook_off' } as const
      writes.push(audit({ ...row, code: id, revision: record.revision }))
    }
    const announce = () => {
      if (content.step !== 'off') return
      log.warn({ scope, webhookId: id, code: String(content.reason) }, 'A webhook was turned off.')
      events.emit('webhook_changed', { scope, webhookId: id })
    }
    return { writes, announce }
  }

  async #write(
    scope: string,
    writes: readonly Write[],
    id: string,
  ): Promise<'written' | 'conflict' | 'receiver'> {
    try {
      await this.#core.store.apply(scope, writes)
      return 'written'
    } catch (error) {
      if (!isConflict(error, 'webhook')) throw error
      return (error as { readonly id?: unknown }).id === id ? 'conflict' : 'receiver'
    }
  }

  /** Returns a receiver; null if it was removed or cannot be read. */
  async #receiverOf(scope: string, id: string): Promise<Receiver | null> {
    try {
      const record = await this.#core.store.webhooks.get(scope, id)
      return record === undefined ? null : checkReceiver(record)
    } catch (error) {
      if (error instanceof UnreadableRecordError) return null
      throw error
    }
  }

  /** The time until a deferred delivery is due again, from 30 to 60 seconds. */
  get #deferral(): number {
    return Math.round(30_000 * (1 + this.#core.random()))
  }
}

const actors = {
  async sendAttempt({ core, attempt }) {
    const { receiver, delivery, body } = attempt
    const now = core.clock.now()
    let headers: Record<string, string>
    try {
      headers = await signedHeaders(core, receiver, { deliveryId: delivery.id, body, now })
    } catch (error) {
      const { scope, id: webhookId } = receiver
      core.log.error({ scope, webhookId, error: loggedError(error) }, 'A webhook could not be signed.')
      attempt.answer = { status: null, code: NOT_SIGNED, until: null }
      return resultOf(core, attempt.answer)
    }
    attempt.answer = await sendAttempt(core, { url: receiver.content.url, headers, body })
    return resultOf(core, attempt.answer)
  },
} satisfies ActorsOf<typeof webhookDeliveryMachine, { readonly core: Core; readonly attempt: Attempt }>

function resultOf({ clock, random }: Core, { status, until }: AttemptAnswer): AttemptResult {
  if (status !== null && status >= 200 && status < 300) return { type: 'accepted' }
  return status === 410 ? { type: 'gone' } : { type: 'failed', now: clock.now(), random: random(), until }
}

/** Returns the event of the receiver after an attempt. A failed test says nothing about it. */
function eventOf({ content }: Delivery, now: number): WebhookReceiverEvent | null {
  if (content.step === 'delivered') return { type: 'accepted', now }
  if (content.type === 'webhook.test') return null
  if (content.step === 'waiting') return { type: 'failed', now }
  return { type: content.reason === 'gone' ? 'gone' : 'gaveUp', now }
}
