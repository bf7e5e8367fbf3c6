import { expire, refuse } from './authorization-ends.ts'
import { deviceCodeSetup } from './device-code-setup.ts'

const renew = { target: 'requestingCode', actions: 'countRenewal' } as const

/**
 * One request for access by a code that a person enters on another device (RFC 8628). It moves only when somebody who
 * watches asks. Pure: it names the work (`actors`) and never does it.
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
      description: 'Asks the service for a code.',
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
      description: 'Shows the code, until somebody has entered it elsewhere.',
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
      description: 'Asks the service whether somebody has answered.',
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
    refused: { description: 'Access was not granted; the reason says why.', type: 'final' },
    expired: { description: 'No code was entered in time, however often it was renewed.', type: 'final' },
  },
  output: ({ context: { draft, reason, until } }) => ({ draft, reason, until }),
})
