import { webhookDeliverySetup } from './webhook-delivery-setup.ts'

const giveUp = <Reason extends string>(reason: Reason) =>
  ({ target: 'given_up', actions: { type: 'end', params: { reason } } }) as const

/** The next attempt. */
const attempt = {
  guard: { type: 'isDueAndMayTry', params: ({ event }: { event: { now: number } }) => event },
  target: 'sendingAttempt',
  reenter: true,
  actions: { type: 'countAttempt', params: ({ event }: { event: { now: number } }) => event },
} as const

/**
 * The statechart of a delivery: one event for one receiver. It rests in the row of the delivery. A process holds a
 * lease during an attempt. The statechart has no side effects: the engine sends the request.
 */
export const webhookDeliveryMachine = webhookDeliverySetup.createMachine({
  id: 'webhookDelivery',
  context: ({ input }) => ({ attempts: 0, most: input.most, nextAt: input.at, reason: null }),
  initial: 'waiting',
  states: {
    waiting: {
      description: 'Waits for the time of the next attempt.',
      on: {
        due: attempt,
        defer: { actions: { type: 'postpone', params: ({ event }) => event } },
        drop: giveUp('receiver_off'),
      },
    },

    sendingAttempt: {
      description: 'Sends the event to the receiver. Due if its process ended before it recorded a result.',
      tags: 'working',
      invoke: {
        id: 'sendAttempt',
        src: 'sendAttempt',
        input: ({ context }) => ({ attempt: context.attempts }),
        onDone: [
          { guard: { type: 'isAccepted', params: ({ event }) => event.output }, target: 'delivered' },
          { guard: { type: 'isGone', params: ({ event }) => event.output }, ...giveUp('gone') },
          {
            guard: 'mayTryAgain',
            target: 'waiting',
            actions: { type: 'wait', params: ({ event }) => event.output },
          },
          giveUp('failed'),
        ],
        onError: giveUp('failed'),
      },
      on: {
        due: [attempt, { guard: { type: 'isDue', params: ({ event }) => event }, ...giveUp('failed') }],
        drop: giveUp('receiver_off'),
      },
    },

    delivered: { description: 'The receiver has accepted the event.', type: 'final' },
    given_up: {
      description: 'The receiver did not accept the event in time, or it was removed or turned off.',
      type: 'final',
    },
  },
})
