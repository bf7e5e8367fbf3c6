import { assign, setup } from 'xstate'
import { effect } from './effect.ts'

export interface WebhookDeliveryInput {
  /** When the first attempt is due, in milliseconds since the epoch. */
  readonly at: number
  /** The number of attempts before Latchkey gives up. A test has one. */
  readonly most: number
}

export interface WebhookDeliveryContext {
  /** The number of attempts that were started. */
  readonly attempts: number
  readonly most: number
  /** When the next attempt is due. During an attempt: when processes check whether it was lost. */
  readonly nextAt: number
  /** The code of the failure that ended the delivery; otherwise null. */
  readonly reason: string | null
}

/** The result of an attempt. `random` is from 0 to 1, for the jitter. `until`: a wait that the receiver demanded. */
export type AttemptResult =
  | { readonly type: 'accepted' }
  /** The receiver no longer exists: 410 Gone. */
  | { readonly type: 'gone' }
  | {
      readonly type: 'failed'
      readonly now: number
      readonly random: number
      readonly until: number | null
    }

export type WebhookDeliveryEvent =
  /** The time of the next attempt may have come. */
  | { readonly type: 'due'; readonly now: number }
  /** The receiver handles its most deliveries already. */
  | { readonly type: 'defer'; readonly until: number }
  /** The receiver was removed or turned off. */
  | { readonly type: 'drop' }

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** The waits before the second attempt, the third, and so on. Together they last 23 hours and 53 minutes. */
const WAITS = [
  ...[5 * SECOND, 30 * SECOND, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE],
  ...[HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 10 * HOUR],
] as const

/** The number of attempts of a delivery. */
export const MOST_ATTEMPTS = WAITS.length + 1

/** The longest wait that a receiver can demand with `Retry-After`, in milliseconds. */
export const LONGEST_WAIT = WAITS[WAITS.length - 1] as number

/** The waits differ by up to this part, so that receivers are not called by all deliveries at the same time. */
const JITTER = 0.1

/**
 * After this time without a result, processes check whether an attempt was lost with its process. It was if they can claim
 * its lease.
 */
export const LOST_AFTER = 15 * SECOND

/** The actors, guards and actions of a delivery. For the states, see webhook-delivery.ts. */
export const webhookDeliverySetup = setup({
  types: {
    context: {} as WebhookDeliveryContext,
    events: {} as WebhookDeliveryEvent,
    input: {} as WebhookDeliveryInput,
    tags: {} as 'working',
  },
  actors: {
    sendAttempt: effect<AttemptResult, { attempt: number }>('sendAttempt'),
  },
  guards: {
    isDueAndMayTry: ({ context: { attempts, most, nextAt } }, { now }: { now: number }) =>
      now >= nextAt && attempts < most,
    isDue: ({ context }, { now }: { now: number }) => now >= context.nextAt,
    isAccepted: (_, result: AttemptResult) => result.type === 'accepted',
    isGone: (_, result: AttemptResult) => result.type === 'gone',
    mayTryAgain: ({ context: { attempts, most } }) => attempts < most,
  },
  actions: {
    /** Counts the attempt before it starts, so that one which is lost with its process counts too. */
    countAttempt: assign(({ context }, { now }: { now: number }) => ({
      attempts: context.attempts + 1,
      nextAt: now + LOST_AFTER,
    })),
    wait: assign(({ context }, result: AttemptResult) => {
      if (result.type !== 'failed') return {}
      const wait = WAITS[context.attempts - 1] ?? LONGEST_WAIT
      const nextAt = result.now + Math.round(wait * (1 + JITTER * (2 * result.random - 1)))
      return { nextAt: Math.max(nextAt, Math.min(result.until ?? 0, result.now + LONGEST_WAIT)) }
    }),
    postpone: assign((_, { until }: { until: number }) => ({ nextAt: until })),
    end: assign((_, end: { reason: string }) => end),
  },
})
