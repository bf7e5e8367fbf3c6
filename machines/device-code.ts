import { afterAnswer, expire, outputOf, refuse } from './authorization-ends.ts'
import { deviceCodeSetup, type Poll, type PollResult } from './device-code-setup.ts'

const answered = ({ event }: { event: { output: PollResult } }) => event.output

const claim = {
  target: 'claimingPoll',
  actions: { type: 'notePoll', params: ({ event }: { event: Poll }) => event },
} as const

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
    polledAt: null,
    renewals: 0,
    draft: null,
    reason: null,
    until: null,
    isSpent: false,
  }),
  initial: 'claimingPoll',
  states: {
    claimingPoll: {
      description: 'Claims the right to contact the service, so that only one process does at a time.',
      tags: 'working',
      invoke: {
        id: 'claimPoll',
        src: 'claimPoll',
        input: ({ context }) => ({ flowId: context.flowId }),
        onDone: [
          { guard: { type: 'busyBeforeCode', params: ({ event }) => event.output }, target: 'waiting' },
          { guard: { type: 'busy', params: ({ event }) => event.output }, target: 'showing_code' },
          { guard: 'needsCode', target: 'requestingCode' },
          { guard: 'isOverAndMayRenew', ...renew },
          { guard: 'isOver', ...expire },
          { target: 'pollingToken' },
        ],
        onError: [{ guard: 'needsCode', target: 'waiting' }, { target: 'showing_code' }],
      },
      on: { cancel: refuse('cancelled') },
    },

    waiting: {
      description: 'Another process requests a code. The next poll shows it, or requests one.',
      on: { poll: claim, cancel: refuse('cancelled') },
    },

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
        poll: { guard: { type: 'isDue', params: ({ event }) => event }, ...claim },
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
          { guard: { type: 'pending', params: answered }, target: 'showing_code' },
          {
            guard: { type: 'slowedDown', params: answered },
            target: 'showing_code',
            actions: 'slowDown',
          },
          { guard: { type: 'expiredAndMayRenew', params: answered }, ...renew },
          { guard: { type: 'expired', params: answered }, ...expire },
          ...afterAnswer(answered),
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
  output: outputOf,
})
