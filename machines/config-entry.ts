import { setupStates } from './config-entry-address.ts'
import {
  adoptIt,
  countError,
  drop,
  errorsAfter,
  explain,
  holdConnection,
  outcomesAfter,
  retire,
} from './config-entry-outcomes.ts'
import type { FailedSetup, RefusedCall } from './config-entry-setup.ts'
import { configEntrySetup } from './config-entry-setup.ts'
import { unloadStates } from './config-entry-unload.ts'

/** A connection that dropped soon after it was opened. */
const backOff = {
  target: '#configEntry.setup_retry',
  actions: [
    ...drop,
    explain('cannot_connect'),
    { type: 'countTry', params: ({ event }: { event: { wait: number } }) => ({ wait: event.wait }) },
  ],
} as const

/** One more attempt with a rejected credential, if a user requests it. */
const allowRejected = {
  type: 'allowRejected',
  params: ({ event }: { event: { retryRejected?: boolean } }) => ({
    retryRejected: event.retryRejected ?? false,
  }),
} as const

/** The stored failure of the last setup. */
const stored = ({ event }: { event: { failed?: FailedSetup } }) => ({ failed: event.failed })

/** A call that the service refused on a new connection. */
const refusal = ({ event }: { event: RefusedCall }) => event

/**
 * The life of one config entry in one process. Home Assistant: `ConfigEntryState`, with `reauth_required` as a
 * separate state, a `failed_unload` that can be left, and no failure that is permanent by accident.
 */
export const configEntryMachine = configEntrySetup.createMachine({
  id: 'configEntry',
  context: ({ input }) => ({
    entryId: input.entryId,
    lazy: input.lazy ?? false,
    disposeTimeout: input.disposeTimeout,
    connection: null,
    heldBy: null,
    reason: null,
    tries: 0,
    wait: 0,
    retryRejected: false,
    address: null,
    triedAddresses: [],
    candidate: null,
    refusedCalls: [],
    refusalLimit: input.refusalLimit,
    refusalWindow: input.refusalWindow,
  }),
  initial: 'not_loaded',
  on: {
    keepConnected: { actions: 'connectAlways' },
    connectForCalls: { actions: 'connectOnlyForCalls' },
  },
  states: {
    not_loaded: {
      description: 'Not loaded. Waits for a setup.',
      entry: ['forgetReason', 'forgetTries', 'forgetAddresses'],
      on: {
        setup: [
          {
            guard: { type: 'mustWait', params: stored },
            target: 'parked',
            actions: { type: 'rememberFailure', params: stored },
          },
          {
            target: 'migrating',
            actions: [allowRejected, { type: 'rememberFailure', params: stored }],
          },
        ],
        adopt: { target: 'loaded', actions: adoptIt },
        disable: 'disabled',
        unload: { actions: 'continue' },
      },
    },

    migrating: {
      description: 'Brings the stored data to the version of the integration.',
      tags: 'working',
      invoke: {
        id: 'migrateEntry',
        src: 'migrateEntry',
        input: ({ context }) => ({ entryId: context.entryId }),
        onDone: [
          {
            guard: { type: 'integrationIsMissing', params: ({ event }) => event.output },
            target: 'setup_error',
            actions: [explain('integration_missing'), 'forbidRejected'],
          },
          {
            guard: { type: 'migrationFailed', params: ({ event }) => event.output },
            target: 'migration_error.waitingForCorrection',
            actions: [{ type: 'explainFailure', params: ({ event }) => event.output }, 'forbidRejected'],
          },
          { target: 'setup_in_progress' },
        ],
        onError: errorsAfter(['forbidRejected']),
      },
      on: {
        unload: 'not_loaded',
        adopt: { target: 'loaded', actions: adoptIt },
      },
    },

    setup_in_progress: {
      description: 'Connects at the stored address, or at the one that the device has announced.',
      exit: 'forbidRejected',
      initial: 'connecting',
      states: setupStates,
      on: {
        unload: 'not_loaded',
        adopt: { target: 'loaded', actions: adoptIt },
      },
    },

    loaded: {
      description: 'Connected: calls run on its client.',
      entry: ['announceLoaded', 'forgetAddresses'],
      exit: 'announceUnloaded',
      initial: 'running',
      states: {
        running: {
          description: 'The connection is new. If it drops, the entry backs off.',
          after: { livedLong: 'settled' },
          on: { authFailed: 'probing', tokenRejected: 'probing', lost: backOff },
        },
        probed: {
          description: 'A probe has just accepted the credential. A call that is refused is not probed.',
          after: { probeExpiry: 'settled' },
          on: { tokenRejected: 'probing', lost: backOff },
        },
        settled: {
          description:
            'The connection has lived long. If it drops, the entry connects again at once, or at its next use.',
          on: {
            authFailed: 'probing',
            tokenRejected: 'probing',
            lost: [
              { guard: 'isLazy', target: '#configEntry.not_loaded', actions: drop },
              {
                target: '#configEntry.setup_retry',
                actions: [...drop, explain('cannot_connect'), 'forgetTries'],
              },
            ],
          },
        },
        probing: {
          description: 'Connects with the stored credential, to find out whether it still works.',
          tags: 'working',
          invoke: {
            id: 'probeEntry',
            src: 'probeEntry',
            input: ({ context }) => ({ entryId: context.entryId }),
            onDone: outcomesAfter(drop, {
              target: '#configEntry.loaded.probed',
              actions: ['announceUnloaded', ...retire, holdConnection, 'announceLoaded'],
            }),
            onError: errorsAfter(drop),
          },
          on: {
            authFailed: { actions: 'continue' },
            tokenRejected: { actions: 'continue' },
            lost: { actions: 'continue' },
          },
        },
      },
      on: {
        unload: 'unload_in_progress',
        callRefused: [
          {
            guard: { type: 'refusedTooOften', params: refusal },
            target: '#configEntry.reauth_required',
            actions: [...retire, 'announceRefusals', 'forgetRefusals'],
          },
          { actions: { type: 'countRefusal', params: refusal } },
        ],
        callPassed: { actions: 'forgetRefusals' },
        adopt: {
          target: 'loaded',
          reenter: true,
          actions: [retire[0], adoptIt],
        },
      },
    },

    setup_retry: {
      description: 'The last attempt failed. Waits for the backoff, then connects again.',
      always: { guard: 'isLazy', target: 'parked' },
      after: { retryBackoff: 'setup_in_progress' },
      on: {
        retry: 'setup_in_progress',
        setup: { target: 'migrating', actions: 'forgetTries' },
        adopt: { target: 'loaded', actions: adoptIt },
        unload: 'not_loaded',
      },
    },

    parked: {
      description: 'The last attempt failed. The next use after the backoff connects again.',
      on: {
        keepConnected: { target: 'setup_retry', actions: 'connectAlways' },
        retry: 'setup_in_progress',
        setup: { target: 'migrating', actions: 'forgetTries' },
        adopt: { target: 'loaded', actions: adoptIt },
        unload: 'not_loaded',
      },
    },

    setup_error: {
      description: 'It failed in a way that another try does not help; it is in the attention list.',
      on: {
        setup: { target: 'migrating', actions: 'forgetTries' },
        adopt: { target: 'loaded', actions: adoptIt },
        unload: 'not_loaded',
      },
    },

    reauth_required: {
      description: 'The service refuses the stored credential. A user must enter a new one.',
      entry: explain('invalid_auth'),
      initial: 'recordingNeed',
      states: {
        recordingNeed: {
          description: 'Stores that the credential is refused, with the flow that asks for another.',
          tags: 'working',
          invoke: {
            id: 'requireReauth',
            src: 'requireReauth',
            input: ({ context }) => ({ entryId: context.entryId }),
            onDone: [
              {
                guard: { type: 'needIsGone', params: ({ event }) => event.output },
                target: '#configEntry.setup_in_progress',
              },
              { target: 'waiting' },
            ],
            onError: { target: '#configEntry.setup_retry', actions: [explain('unknown'), countError] },
          },
        },
        waiting: {
          description: 'Waits for a flow with a verified credential. No login happens before that.',
          on: {
            setup: {
              target: '#configEntry.migrating',
              actions: allowRejected,
            },
            unload: '#configEntry.not_loaded',
          },
        },
      },
      on: { adopt: { target: 'loaded', actions: adoptIt } },
    },

    migration_error: {
      description: 'Its data is of a version that this integration cannot read, and is as it was.',
      initial: 'restoringOriginal',
      states: {
        restoringOriginal: {
          description: 'Restores the original values, because the migrated ones cannot be set up.',
          tags: 'working',
          entry: explain('migration_error'),
          invoke: {
            id: 'restoreOriginal',
            src: 'restoreOriginal',
            input: ({ context }) => ({ entryId: context.entryId }),
            onDone: [
              {
                guard: { type: 'migrationIsProven', params: ({ event }) => event.output },
                target: '#configEntry.migrating',
              },
              { target: 'waitingForCorrection' },
            ],
            onError: { target: '#configEntry.setup_retry', actions: [explain('unknown'), countError] },
          },
        },
        waitingForCorrection: {
          description: 'Until the integration is corrected, or of the version that wrote it.',
          on: { setup: '#configEntry.migrating', unload: '#configEntry.not_loaded' },
        },
      },
      on: { adopt: { target: 'loaded', actions: adoptIt } },
    },

    ...unloadStates,

    disabled: {
      description: 'Disabled by a user.',
      entry: ['forgetReason', 'forgetTries'],
      on: { enable: 'not_loaded' },
    },
  },
})
