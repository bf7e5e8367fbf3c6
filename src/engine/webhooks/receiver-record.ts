import type { SnapshotFrom } from 'xstate'
import * as z from 'zod'
import { type WebhookReceiverEvent, webhookReceiverMachine } from '../../../machines/webhook-receiver.ts'
import { UnreadableRecordError } from '../../errors.ts'
import type { WebhookRecord } from '../../ports/webhooks.ts'
import { WEBHOOK_EVENTS, type WebhookView } from '../api/webhooks.ts'
import { present } from '../statecharts/actors.ts'
import { Driver } from '../statecharts/driver.ts'

/** The list of the receivers in the store. */
export const RECEIVERS = 'receivers'

/** A replaced signing secret, encrypted, and until when it is valid. */
const replaced = z.object({ sealed: z.string(), until: z.number() })

const content = z.object({
  machine: z.literal('webhook-receiver@1'),
  step: z.enum(['active', 'failing', 'off']),
  since: z.number(),
  reason: z.enum(['failed', 'gone', 'turned_off']).nullable(),
  url: z.string(),
  events: z.array(z.enum(WEBHOOK_EVENTS)),
  tags: z.record(z.string(), z.string()),
  /** The signing secret, encrypted. */
  sealed: z.string(),
  /** The signing secret before the last rotation, and until when it is valid. */
  previous: replaced.nullable(),
  /** Those before it, newest first. Absent in rows of older versions. */
  older: z.array(replaced).default([]),
  /** The request that added the receiver, until its secret is replaced; null without an idempotency key. */
  request: z.string().nullable().default(null),
  createdAt: z.number(),
  updatedAt: z.number(),
})

/** The content of the row of a receiver. */
export type ReceiverContent = z.infer<typeof content>

/** A receiver whose row has been read. */
export interface Receiver extends Pick<WebhookRecord, 'scope' | 'id' | 'revision'> {
  readonly content: ReceiverContent
}

const driver = new Driver(webhookReceiverMachine, { now: 0 })

/** Validates a row. @throws UnreadableRecordError */
export function checkReceiver({ scope, id, list, revision, content: stored }: WebhookRecord): Receiver {
  const read = content.safeParse(stored)
  if (list !== RECEIVERS || !read.success) throw new UnreadableRecordError('webhook', id)
  return { scope, id, revision, content: read.data }
}

/** Returns the state of a new receiver. */
export function initialStateOf(now: number): Pick<ReceiverContent, 'step' | 'since' | 'reason'> {
  return stateOf(driver.start({ now }).snapshot)
}

/** Returns the content of a receiver after an event. The same content if the event changes nothing. */
export function receiverAfter(
  receiver: ReceiverContent,
  { type, now }: WebhookReceiverEvent,
): ReceiverContent {
  const { step, since, reason } = receiver
  const taken = present(driver.send(driver.resume(step, { since, reason }), { type, now }))
  const next = { ...receiver, ...stateOf(taken.snapshot) }
  const isSame = next.step === step && next.since === since && next.reason === reason
  return isSame ? receiver : { ...next, updatedAt: now }
}

function stateOf({ value, context }: SnapshotFrom<typeof webhookReceiverMachine>) {
  return content
    .pick({ step: true, since: true, reason: true })
    .parse({ step: value, since: context.since, reason: context.reason })
}

/** Returns the next row of a receiver. */
export function receiverRow(
  { scope, id, revision }: Pick<Receiver, 'scope' | 'id' | 'revision'>,
  next: ReceiverContent,
): WebhookRecord {
  return { scope, id, list: RECEIVERS, content: next, dueAt: null, revision: revision + 1 }
}

/** Returns the replaced signing secrets that are still valid, newest first. */
export function validReplaced({ previous, older }: ReceiverContent, now: number) {
  return [...(previous === null ? [] : [previous]), ...older].filter(({ until }) => until > now)
}

/** Returns the view of a receiver. */
export function receiverView({ id, content: receiver }: Receiver, now: number): WebhookView {
  const { url, events, tags, step: state, since, reason, previous, createdAt, updatedAt } = receiver
  const rotatedUntil = previous !== null && previous.until > now ? previous.until : null
  return { webhookId: id, url, events, tags, state, since, reason, rotatedUntil, createdAt, updatedAt }
}
