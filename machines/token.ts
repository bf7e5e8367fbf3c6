import type { Draft } from './draft.ts'
import type { RefreshResult } from './token-result.ts'
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

/** Refreshes a token that the service has refused. */
const refreshRefused = { target: '#token.refreshing', actions: 'rememberRefusal' } as const

/** Refreshes a token after the backoff, also if the timer is late. */
const refreshAfterWait = {
  guard: { type: 'waitIsOver', params: ({ event }: { event: { now: number } }) => event },
  target: '#token.refreshing',
} as const

/**
 * The short-lived token of one entry, in one process: renewed before its time is up, by one process at a time, and
 * saved before it is used. Pure: the engine provides its actors.
 */
export const tokenMachine = tokenSetup.createMachine({
  id: 'token',
  context: ({ input }) => ({
    entryId: input.entryId,
    draft: null,
    reason: null,
    tries: 0,
    wait: 0,
    until: 0,
    refused: false,
  }),
  initial: 'fresh',
  states: {
    fresh: {
      description: 'The stored token is valid.',
      entry: 'reset',
      on: {
        due: 'refreshing',
        refused: refreshRefused,
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
          on: { changed: 'claimingLease' },
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
              {
                guard: { type: 'isRefused', params: ({ event }) => event.output },
                target: 'readingAgain',
                actions: {
                  type: 'rememberEnd',
                  params: ({ event }) => event.output as Extract<RefreshResult, { type: 'refused' }>,
                },
              },
              {
                guard: { type: 'leaseLapsed', params: ({ event }) => event.output },
                target: 'claimingLease',
              },
              {
                target: 'recordingFailure',
                actions: { type: 'explainFailure', params: ({ event }) => event.output },
              },
            ],
            onError: { target: '#token.stale.ready', actions: explain('unknown') },
          },
        },
        recordingFailure: {
          description: 'Stores when the refresh began to fail, so that a user learns of it in time.',
          tags: 'working',
          invoke: {
            id: 'recordFailure',
            src: 'recordFailure',
            input: ({ context }) => ({
              entryId: context.entryId,
              reason: context.reason,
              refused: context.refused,
            }),
            onDone: [
              {
                guard: { type: 'isOverdue', params: ({ event }) => event.output },
                target: '#token.stale.overdue',
              },
              { target: '#token.stale.waiting' },
            ],
            // The next failure is recorded instead.
            onError: '#token.stale.waiting',
          },
          on: { arrived: saveArrived },
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
              { guard: 'tokenIsUsable', target: '#token.expiring' },
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
          on: { due: refreshAfterWait, refused: refreshRefused, arrived: saveArrived },
        },
        overdue: {
          description:
            'The refresh has failed for too long: the entry is in the attention list. Waits for the backoff.',
          after: { refreshBackoff: 'ready' },
          on: { due: refreshAfterWait, refused: refreshRefused, arrived: saveArrived },
        },
        ready: {
          description: 'The next call asks the service again.',
          on: { due: '#token.refreshing', refused: refreshRefused, arrived: saveArrived },
        },
        unsaved: {
          description: 'A new token could not be saved. It waits unused for the next attempt.',
          after: { saveRetry: '#token.refreshing.savingToken' },
          on: { due: '#token.refreshing.savingToken', refused: '#token.refreshing.savingToken' },
        },
      },
      on: { replaced: 'fresh' },
    },

    expiring: {
      description: 'The service does not replace the token. Calls use it until it expires.',
      after: { tokenEnd: 'rejected' },
      on: {
        due: { guard: { type: 'waitIsOver', params: ({ event }) => event }, target: 'rejected' },
        refused: 'rejected',
        replaced: 'fresh',
        arrived: saveArrived,
      },
    },

    rejected: {
      description: 'The service refuses the credential. A user must enter a new one.',
      entry: 'reset',
      on: { replaced: 'fresh', retry: 'refreshing' },
    },
  },
})
