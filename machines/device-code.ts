import { expire, refuse } from './authorization-ends.ts'
import { deviceCodeSetup } from './device-code-setup.ts'

const renew = { target: 'requestingCode', actions: 'countRenewal' } as const

/**
 * The statechart of a sign-in with a code that the user enters on another device (RFC 8628). It contacts the service only
 * when a client polls. It has no side effects: it names the work (`actors`), and the engine performs it.
 */
export const deviceCodeMachine = deviceCodeSetup.createMachine({
  id: 'deviceCode',
  context: ({ input }) => ({
    flowId: input.flowId,
    code: null,
    renewals: 0,
    draft: null,
    reason: null,
    until: null,
  }),
  initial: 'requestingCode',
  states: {
    requestingCode: {
      description: 'Requests a code from the service.',
      tags: 'working',
      invoke: {
        id: 'requestCode',
        src: 'requestCode',
        input: ({ context }) => ({ flowId: context.flowId }),
        onDone: [
          {
            guard: { type: 'shown', params: ({ event }) => event.output },
            target: 'showing_code',
            actions: { type: 'showCode', params: ({ event }) => event.output },
          },
          { target: 'refused', actions: { type: 'explain', params: ({ event }) => event.output } },
        ],
        onError: refuse('unknown'),
      },
      on: { cancel: refuse('cancelled') },
    },

    showing_code: {
      description: 'Shows the code and waits until the user has entered it on another device.',
      on: {
        poll: [
          { guard: { type: 'isOverAndMayRenew', params: ({ event }) => event }, ...renew },
          { guard: { type: 'isOver', params: ({ event }) => event }, ...expire },
          { guard: { type: 'isDue', params: ({ event }) => event }, target: 'pollingToken' },
        ],
        cancel: refuse('cancelled'),
      },
    },

    pollingToken: {
      description: 'Polls the service for the answer of the user.',
      tags: 'working',
      invoke: {
        id: 'pollToken',
        src: 'pollToken',
        input: ({ context }) => ({ flowId: context.flowId }),
        onDone: [
          { guard: { type: 'pending', params: ({ event }) => event.output }, target: 'showing_code' },
          {
            guard: { type: 'slowedDown', params: ({ event }) => event.output },
            target: 'showing_code',
            actions: 'slowDown',
          },
          {
            guard: { type: 'granted', params: ({ event }) => event.output },
            target: 'authorized',
            actions: { type: 'rememberGrant', params: ({ event }) => event.output },
          },
          { guard: { type: 'expiredAndMayRenew', params: ({ event }) => event.output }, ...renew },
          { guard: { type: 'expired', params: ({ event }) => event.output }, ...expire },
          { target: 'refused', actions: { type: 'explain', params: ({ event }) => event.output } },
        ],
        onError: refuse('unknown'),
      },
      on: { cancel: refuse('cancelled') },
    },

    authorized: { description: 'Access was granted.', type: 'final' },
    refused: { description: 'Access was not granted. The reason is an error code.', type: 'final' },
    expired: {
      description: 'The user did not enter a code in time, although expired codes were replaced.',
      type: 'final',
    },
  },
  output: ({ context: { draft, reason, until } }) => ({ draft, reason, until }),
})
