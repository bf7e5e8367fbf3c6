import type { SnapshotFrom } from 'xstate'
import * as z from 'zod'
import { webhookDeliveryMachine } from '../../../machines/webhook-delivery.ts'
import { LONGEST_WAIT, MOST_ATTEMPTS } from '../../../machines/webhook-delivery-setup.ts'
import { UnreadableRecordError } from '../../errors.ts'
import type { WebhookRecord } from '../../ports/webhooks.ts'
import { WEBHOOK_EVENTS, type WebhookAttempt, type WebhookDelivery } from '../api/webhooks.ts'
import { isBelievable } from '../lib/stored-time.ts'
import { Driver } from '../statecharts/driver.ts'

/** The time that an ended delivery stays in the log, in milliseconds: seven days. */
export const LOG_RETENTION = 7 * 24 * 3_600_000

/** The code of an attempt whose result is not known. */
export const INTERRUPTED = 'interrupted'

/** The longest time until an attempt, in milliseconds: the longest wait with its jitter. */
const LONGEST_DUE = LONGEST_WAIT * 2

const content = z.object({
  machine: z.literal('webhook-delivery@1'),
  step: z.enum(['waiting', 'sendingAttempt', 'delivered', 'given_up']),
  webhookId: z.string(),
  type: z.enum([...WEBHOOK_EVENTS, 'webhook.test']),
  /** The JSON to send; null after the delivery has ended. */
  body: z.string().nullable(),
  createdAt: z.number(),
  /** The number of attempts that were started, and their maximum. */
  started: z.int(),
  most: z.int(),
  nextAt: z.number(),
  reason: z.string().nullable(),
  attempts: z.array(z.object({ at: z.number(), status: z.number().nullable(), code: z.string().nullable() })),
})

/** The content of the row of a delivery. */
export type DeliveryContent = z.infer<typeof content>

/** A delivery whose row has been read. */
export interface Delivery extends Pick<WebhookRecord, 'scope' | 'id' | 'revision'> {
  readonly content: DeliveryContent
}

export type DeliverySnapshot = SnapshotFrom<typeof webhookDeliveryMachine>

export const deliveryDriver = new Driver(webhookDeliveryMachine, { at: 0, most: 1 })

/** Validates a row. @throws UnreadableRecordError */
export function checkDelivery({ scope, id, list, revision, content: stored }: WebhookRecord): Delivery {
  const read = content.safeParse(stored)
  if (!read.success || list !== read.data.webhookId) throw new UnreadableRecordError('webhook', id)
  return { scope, id, revision, content: read.data }
}

/** Restores the machine of a delivery. A time that cannot be true is now. */
export function resumeDelivery(delivery: DeliveryContent, now: number): DeliverySnapshot {
  const { step, started: attempts, most, reason } = delivery
  const nextAt = isBelievable(delivery.nextAt, now, LONGEST_DUE) ? delivery.nextAt : now
  return deliveryDriver.resume(step, { attempts, most, nextAt, reason })
}

/** Returns a new delivery. */
export function newDelivery(
  delivery: Pick<Delivery, 'scope' | 'id'> &
    Pick<DeliveryContent, 'webhookId' | 'type' | 'createdAt'> & { readonly body: string },
  now: number,
): Delivery {
  const { scope, id, webhookId, type, createdAt, body } = delivery
  const most = type === 'webhook.test' ? 1 : MOST_ATTEMPTS
  const { context } = deliveryDriver.start({ at: now, most }).snapshot
  const { attempts: started, nextAt, reason } = context
  return {
    scope,
    id,
    revision: 0,
    content: {
      machine: 'webhook-delivery@1',
      step: 'waiting',
      ...{ webhookId, type, body, createdAt, started, most, nextAt, reason, attempts: [] },
    },
  }
}

/**
 * Returns the delivery after a step. An attempt that has started is part of the log, as interrupted until its result is
 * known.
 */
export function deliveryAfter(
  delivery: Delivery,
  { value, context }: DeliverySnapshot,
  { at, result }: { readonly at: number; readonly result?: Omit<WebhookAttempt, 'at'> },
): Delivery {
  const { attempts: started, nextAt, reason } = context
  const { step } = content.pick({ step: true }).parse({ step: value })
  const { attempts, body } = delivery.content
  const begun = step === 'sendingAttempt' ? [{ at, status: null, code: INTERRUPTED }] : []
  const last = attempts.at(-1)
  const ended = result === undefined || last === undefined ? null : { ...last, ...result }
  const next: DeliveryContent = {
    ...delivery.content,
    ...{ step, started, nextAt, reason },
    body: isEnded(step) ? null : body,
    attempts: ended === null ? [...attempts, ...begun] : [...attempts.slice(0, -1), ended],
  }
  return { ...delivery, revision: delivery.revision + 1, content: next }
}

/** Whether a delivery in this step has ended. */
export const isEnded = (step: DeliveryContent['step']): boolean => step === 'delivered' || step === 'given_up'

/** Returns the row of a delivery. An ended one is due when the log no longer needs it. */
export function deliveryRow(
  { scope, id, revision, content: delivery }: Delivery,
  now: number,
): WebhookRecord {
  const dueAt = isEnded(delivery.step) ? now + LOG_RETENTION : delivery.nextAt
  return { scope, id, list: delivery.webhookId, content: delivery, dueAt, revision }
}

const states = {
  waiting: 'waiting',
  sendingAttempt: 'sending',
  delivered: 'delivered',
  given_up: 'given_up',
} as const

/** Returns the view of a delivery, without its body. */
export function deliveryView({ id, content: delivery }: Delivery): WebhookDelivery {
  const { type, step, reason, createdAt, nextAt, attempts } = delivery
  return {
    deliveryId: id,
    type,
    state: states[step],
    reason,
    createdAt,
    nextAt: step === 'waiting' ? nextAt : null,
    attempts: step === 'sendingAttempt' ? attempts.slice(0, -1) : attempts,
  }
}

/** Returns an id. The order of ids is that of the log: the newest first. */
export function newDeliveryId(at: number, random: string): string {
  return `msg_${(LAST_TIME - at).toString(36).padStart(LENGTH, '0')}_${random.replaceAll('-', '')}`
}

/** The last time that JavaScript can express. */
const LAST_TIME = 8.64e15
const LENGTH = LAST_TIME.toString(36).length
