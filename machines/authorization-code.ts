import { authorizationCodeSetup } from './authorization-code-setup.ts'
import { afterAnswer, expire, outputOf, refuse } from './authorization-ends.ts'
import type { GrantResult } from './grant-result.ts'

const answered = ({ event }: { event: { output: GrantResult } }) => event.output

/**
 * The statechart of a sign-in through the service's page: a browser goes there and returns with a code (RFC 6749, 4.1).
 * It has no side effects: it names the work (`actors`), and the engine performs it.
 */
export const authorizationCodeMachine = authorizationCodeSetup.createMachine({
  id: 'authorizationCode',
  context: ({ input }) => ({
    flowId: input.flowId,
    request: null,
    draft: null,
    reason: null,
    until: null,
    isSpent: false,
  }),
  initial: 'beginningAuthorization',
  states: {
    beginningAuthorization: {
      description: 'Creates the secrets of this request, and gets the address of the service’s page.',
      tags: 'working',
      invoke: {
        id: 'beginAuthorization',
        src: 'beginAuthorization',
        input: ({ context }) => ({ flowId: context.flowId }),
        onDone: [
          {
            guard: { type: 'begun', params: ({ event }) => event.output },
            target: 'redirected',
            actions: { type: 'rememberRequest', params: ({ event }) => event.output },
          },
          { target: 'refused', actions: { type: 'explain', params: ({ event }) => event.output } },
        ],
        onError: refuse('unknown'),
      },
      on: { cancel: refuse('cancelled') },
    },

    redirected: {
      description:
        'Waits for the browser to return. Only the browser that started may return, once and in time.',
      tags: 'reusable',
      on: {
        callback: [
          { guard: { type: 'isOurs', params: ({ event }) => event }, target: 'exchangingCode' },
          { guard: { type: 'isOursButLate', params: ({ event }) => event }, ...expire },
        ],
        expire,
        cancel: refuse('cancelled'),
      },
    },

    exchangingCode: {
      description: 'Redeems the code. A code can be redeemed once.',
      tags: 'working',
      invoke: {
        id: 'exchangeCode',
        src: 'exchangeCode',
        input: ({ context }) => ({ flowId: context.flowId }),
        onDone: afterAnswer(answered),
        onError: refuse('unknown'),
      },
      // Only if the process ended during the redemption, or has lost the flow since.
      on: { expire: { ...expire, actions: [expire.actions, 'spend'] }, cancel: refuse('cancelled') },
    },

    authorized: { description: 'Access was granted.', type: 'final' },
    refused: { description: 'Access was not granted. The reason is an error code.', type: 'final' },
    expired: { description: 'The browser did not return in time.', type: 'final' },
  },
  output: outputOf,
})
