import type { Draft } from './draft.ts'
import { tokenSetup } from './token-setup.ts'

const explain = <Reason extends string>(reason: Reason) => ({ type: 'explain', params: { reason } }) as const

/** Saves a token that arrived too late. */
const saveArrived = {
  target: '#token.refreshing.savingToken',
  actions: {
    type: 'holdDraft',
    params: ({ event }: { event: { type: 'arrived'; draft: Draft } }) => event,
  },
} as const

/**
 * The short-lived token of one entry, in one process: renewed before its time is up, by one process at a time, and
 * saved before it is used. Pure: the engine provides its actors.
 */
export const tokenMachine = tokenSetup.createMachine({
  id: 'token',
  context: ({ input }) => ({ entryId: input.entryId, draft: null, reason: null, tries: 0, wait: 0 }),
  initial: 'fresh',
  states: {
    fresh: {
      description: 'The stored token is valid.',
      entry: 'reset',
      on: {
        due: 'refreshing',
        refused: 'refreshing',
        replaced: { actions: 'continue' },
        arrived: saveArrived,
      },
    },

    refreshing: {
      description: 'A new token is on its way.',
      initial: 'claimingLease',
      states: {
        claimingLease: {
          description: 'Reads the entry again and claims the right to refresh its token.',
          tags: 'working',
          invoke: {
            id: 'claimLease',
            src: 'claimLease',
            input: ({ context }) => ({ entryId: context.entryId }),
            onDone: [
              {
                guard: { type: 'leaseIsHeld', params: ({ event }) => event.output },
                target: 'waitingForHolder',
              },
              {
                guard: { type: 'tokenIsCurrent', params: ({ event }) => event.output },
                target: '#token.fresh',
              },
              {
                guard: { type: 'alreadyRejected', params: ({ event }) => event.output },
                target: '#token.rejected',
              },
              {
                guard: { type: 'tokenIsUnsaved', params: ({ event }) => event.output },
                target: 'savingToken',
                actions: { type: 'holdDraft', params: ({ event }) => event.output },
              },
              { target: 'askingService' },
            ],
            // Never without the lease: another process may be refreshing the same token.
            onError: { target: '#token.stale.ready', actions: explain('not_locked') },
          },
        },
        waitingForHolder: {
          description: 'Another process refreshes the token.',
          after: { leasePoll: 'claimingLease' },
        },
        askingService: {
          description: 'Asks the service for a new token.',
          tags: 'working',
          invoke: {
            id: 'refreshToken',
            src: 'refreshToken',
            input: ({ context }) => ({ entryId: context.entryId, tries: context.tries }),
            onDone: [
              {
                guard: { type: 'refreshed', params: ({ event }) => event.output },
                target: 'savingToken',
                actions: { type: 'holdDraft', params: ({ event }) => event.output },
              },
              { guard: { type: 'isRefused', params: ({ event }) => event.output }, target: 'readingAgain' },
              {
                guard: { type: 'leaseLapsed', params: ({ event }) => event.output },
                target: 'claimingLease',
              },
              {
                target: '#token.stale',
                actions: { type: 'explainFailure', params: ({ event }) => event.output },
              },
            ],
            onError: { target: '#token.stale.ready', actions: explain('unknown') },
          },
        },
        readingAgain: {
          description: 'Reads the entry again, because another process may have replaced the refused token.',
          tags: 'working',
          invoke: {
            id: 'readAgain',
            src: 'readAgain',
            input: ({ context }) => ({ entryId: context.entryId }),
            onDone: [
              {
                guard: { type: 'credentialChanged', params: ({ event }) => event.output },
                target: '#token.fresh',
              },
              { target: '#token.rejected' },
            ],
            onError: { target: '#token.stale.ready', actions: explain('unknown') },
          },
        },
        savingToken: {
          description: 'Saves the new token, unless the entry has another credential by now.',
          tags: ['working', 'committing'],
          invoke: {
            id: 'saveToken',
            src: 'saveToken',
            input: ({ context }) => ({ entryId: context.entryId, draft: context.draft }),
            onDone: { target: '#token.fresh' },
            onError: { target: '#token.stale.unsaved', actions: explain('not_saved') },
          },
        },
      },
    },

    stale: {
      description: 'The refresh failed for a temporary reason. Waits for the next attempt.',
      initial: 'waiting',
      states: {
        waiting: {
          description: 'Waits for the backoff. Calls use the stored token until it expires.',
          after: { refreshBackoff: 'ready' },
          on: { refused: '#token.refreshing', arrived: saveArrived },
        },
        ready: {
          description: 'The next call asks the service again.',
          on: { due: '#token.refreshing', refused: '#token.refreshing', arrived: saveArrived },
        },
        unsaved: {
          description: 'A new token could not be saved. It waits unused for the next attempt.',
          after: { saveRetry: '#token.refreshing.savingToken' },
          on: { due: '#token.refreshing.savingToken', refused: '#token.refreshing.savingToken' },
        },
      },
      on: { replaced: 'fresh' },
    },

    rejected: {
      description: 'The service refuses the credential. A user must enter a new one.',
      entry: 'reset',
      on: { replaced: 'fresh', retry: 'refreshing' },
    },
  },
})
