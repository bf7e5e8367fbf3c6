import { entryRemovalSetup, REMOVAL_LIFETIME, type RemovalResult } from './entry-removal-setup.ts'

/** The next attempt, or the end of the time for it. */
const due = [
  {
    guard: { type: 'isOver', params: ({ event }: { event: { now: number } }) => event },
    target: 'given_up',
  },
  {
    guard: { type: 'isDue', params: ({ event }: { event: { now: number } }) => event },
    target: 'findingOwner',
    reenter: true,
    actions: { type: 'countAttempt', params: ({ event }: { event: { now: number } }) => event },
  },
] as const

const answered = ({ event }: { event: { output: RemovalResult } }) => event.output

/**
 * The statechart of a removal: the service of a removed entry is informed. It rests in the row of the removal, which has
 * the encrypted values of the entry. The statechart has no side effects: the engine calls the integration.
 */
export const entryRemovalMachine = entryRemovalSetup.createMachine({
  id: 'entryRemoval',
  context: ({ input: { at, isTold } }) => ({
    attempts: 0,
    nextAt: at,
    endsAt: at + REMOVAL_LIFETIME,
    isShared: false,
    isTold,
    isRefused: false,
  }),
  initial: 'waiting',
  states: {
    waiting: { description: 'Waits for the time of the next attempt.', on: { due } },

    findingOwner: {
      description: 'Looks for another entry of the account, in all scopes. Due if its process has ended.',
      tags: 'working',
      invoke: {
        id: 'findOwner',
        src: 'findOwner',
        input: {},
        onDone: [
          { guard: { type: 'isLinked', params: ({ event }) => event.output }, target: 'skipped' },
          {
            guard: { type: 'onlyGrantIsLeft', params: ({ event }) => event.output },
            target: 'revokingGrant',
            actions: { type: 'rememberAccount', params: ({ event }) => event.output },
          },
          {
            target: 'informingService',
            actions: { type: 'rememberAccount', params: ({ event }) => event.output },
          },
        ],
        onError: 'waiting',
      },
      on: { due },
    },

    informingService: {
      description: 'Calls the integration, which informs the service. Due if its process has ended.',
      tags: 'working',
      invoke: {
        id: 'informService',
        src: 'informService',
        input: {},
        onDone: [
          {
            guard: { type: 'hasFailed', params: answered },
            target: 'waiting',
            actions: { type: 'wait', params: answered },
          },
          // A registered client can be deleted even if the service refuses the credential.
          { target: 'revokingGrant', actions: { type: 'noteAnswer', params: answered } },
        ],
        onError: 'waiting',
      },
      on: { due },
    },

    revokingGrant: {
      description: 'Revokes the grant of a sign-in, if there is one. Due if its process has ended.',
      tags: 'working',
      invoke: {
        id: 'revokeGrant',
        src: 'revokeGrant',
        input: {},
        onDone: [
          {
            guard: { type: 'hasFailed', params: answered },
            target: 'waiting',
            actions: ['noteTold', { type: 'wait', params: answered }],
          },
          { guard: { type: 'isRefused', params: answered }, target: 'given_up' },
          { target: 'completed' },
        ],
        onError: 'waiting',
      },
      on: { due },
    },

    completed: { description: 'The service was informed.', type: 'final' },
    skipped: { description: 'Another entry has the account, so the service is not informed.', type: 'final' },
    given_up: {
      description: 'The service could not be informed in time, or refuses the credential.',
      type: 'final',
    },
  },
})
