import { assign, setup } from 'xstate'

export interface WebhookReceiverInput {
  /** When it was added, in milliseconds since the epoch. */
  readonly now: number
}

export interface WebhookReceiverContext {
  /** Since when it is in its state, in milliseconds since the epoch. */
  readonly since: number
  /** The reason of `off`: `failed`, `gone` or `turned_off`; otherwise null. */
  readonly reason: string | null
}

/** A result of an attempt, or a change by the host. */
export type WebhookReceiverEvent = {
  /** `accepted`, `failed`: the result of an attempt. `gaveUp`: the last attempt failed. `gone`: 410 Gone. */
  readonly type: 'accepted' | 'failed' | 'gaveUp' | 'gone' | 'turnOn' | 'turnOff'
  readonly now: number
}

const receiverSetup = setup({
  types: {
    context: {} as WebhookReceiverContext,
    events: {} as WebhookReceiverEvent,
    input: {} as WebhookReceiverInput,
  },
  actions: {
    enter: assign((_, { now }: { now: number }) => ({ since: now, reason: null })),
    enterOff: assign((_, { now, reason }: { now: number; reason: string }) => ({ since: now, reason })),
    /** The state stays as it is. */
    continue: assign({}),
  },
})

type Params = { readonly event: { readonly now: number } }

const become = <Target extends 'active' | 'failing'>(target: Target) =>
  ({ target, actions: { type: 'enter', params: ({ event }: Params) => ({ now: event.now }) } }) as const

const turnOff = <Reason extends string>(reason: Reason) =>
  ({
    target: 'off',
    actions: { type: 'enterOff', params: ({ event }: Params) => ({ now: event.now, reason }) },
  }) as const

const stay = { actions: 'continue' } as const

const ends = { gaveUp: turnOff('failed'), gone: turnOff('gone'), turnOff: turnOff('turned_off') } as const

/**
 * The statechart of a receiver of webhooks. It rests in the row of the receiver. Only a receiver that is not off is
 * sent events.
 */
export const webhookReceiverMachine = receiverSetup.createMachine({
  id: 'webhookReceiver',
  context: ({ input }) => ({ since: input.now, reason: null }),
  initial: 'active',
  states: {
    active: {
      description: 'Accepts events, or has not received any yet.',
      on: { accepted: stay, failed: become('failing'), turnOn: stay, ...ends },
    },
    failing: {
      description: 'The last attempt failed. Latchkey repeats it.',
      on: { accepted: become('active'), failed: stay, turnOn: stay, ...ends },
    },
    off: {
      description: 'Receives no events until a user turns it on again.',
      on: {
        accepted: stay,
        failed: stay,
        gaveUp: stay,
        gone: stay,
        turnOn: become('active'),
        turnOff: turnOff('turned_off'),
      },
    },
  },
})
