import { authorizationCodeSetup } from './authorization-code-setup.ts'
import { expire, refuse } from './authorization-ends.ts'

/**
 * One request for access through the service's own page: a browser goes there and comes back with a code
 * (RFC 6749, 4.1). Pure: it names the work (`actors`) and never does it.
 */
export const authorizationCodeMachine = authorizationCodeSetup.createMachine({
  id: 'authorizationCode',
  context: ({ input }) => ({ flowId: input.flowId, request: null, draft: null, reason: null, until: null }),
  initial: 'beginningAuthorization',
  states: {
    beginningAuthorization: {
      description: 'Makes the secrets of this request, and asks where the service wants the browser.',
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
      description: 'The browser is at the service. Only the one that began may come back, once and in time.',
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
      description: 'Redeems the code, which nobody can redeem a second time.',
      tags: 'working',
      invoke: {
        id: 'exchangeCode',
        src: 'exchangeCode',
        input: ({ context }) => ({ flowId: context.flowId }),
        onDone: [
          {
            guard: { type: 'granted', params: ({ event }) => event.output },
            target: 'authorized',
            actions: { type: 'rememberGrant', params: ({ event }) => event.output },
          },
          { target: 'refused', actions: { type: 'explain', params: ({ event }) => event.output } },
        ],
        onError: refuse('unknown'),
      },
      // Only of a redemption that its process did not live to see the end of.
      on: { expire, cancel: refuse('cancelled') },
    },

    authorized: { description: 'Access was granted.', type: 'final' },
    refused: { description: 'Access was not granted; the reason says why.', type: 'final' },
    expired: { description: 'Nobody came back in time.', type: 'final' },
  },
  output: ({ context: { draft, reason, until } }) => ({ draft, reason, until }),
})
