import { configEntrySetup } from './config-entry-setup.ts'
import type { Connection } from './draft.ts'

/** Lets the running connection go, once the calls that use it have ended. */
const retire = [
  {
    type: 'retireConnection',
    params: ({ context }: { context: { connection: Connection | null } }) => ({
      connection: context.connection,
    }),
  },
  'letGo',
] as const

const explain = <Reason extends string>(reason: Reason) => ({ type: 'explain', params: { reason } }) as const

/**
 * The life of one config entry in one process. Home Assistant: `ConfigEntryState`, with `reauth_required` as a
 * state of its own, a `failed_unload` that can be left, and no failure that is permanent by accident.
 */
export const configEntryMachine = configEntrySetup.createMachine({
  id: 'configEntry',
  context: ({ input }) => ({
    entryId: input.entryId,
    connection: null,
    reason: null,
    tries: 0,
    retryAtOnce: false,
    until: null,
    retryRejected: false,
  }),
  initial: 'not_loaded',
  states: {
    not_loaded: {
      entry: ['forgetReason', 'forgetTries'],
      on: {
        setup: {
          target: 'migrating',
          actions: {
            type: 'allowRejected',
            params: ({ event }) => ({ retryRejected: event.retryRejected ?? false }),
          },
        },
        adopt: { target: 'loaded', actions: { type: 'adopt', params: ({ event }) => event } },
        disable: 'disabled',
        unload: { actions: 'carryOn' },
      },
    },

    migrating: {
      tags: 'working',
      invoke: {
        id: 'migrateEntry',
        src: 'migrateEntry',
        input: ({ context }) => ({ entryId: context.entryId }),
        onDone: [
          {
            guard: { type: 'migrationFailed', params: ({ event }) => event.output },
            target: 'migration_error',
            actions: { type: 'explainFailure', params: ({ event }) => event.output },
          },
          { target: 'setup_in_progress' },
        ],
        onError: { target: 'setup_retry', actions: [explain('unknown'), 'countTry'] },
      },
      on: {
        unload: 'not_loaded',
        adopt: { target: 'loaded', actions: { type: 'adopt', params: ({ event }) => event } },
      },
    },

    setup_in_progress: {
      tags: 'working',
      exit: 'forbidRejected',
      invoke: {
        id: 'setUpEntry',
        src: 'setUpEntry',
        input: ({ context }) => ({ entryId: context.entryId, retryRejected: context.retryRejected }),
        onDone: [
          {
            guard: { type: 'accountMismatches', params: ({ event }) => event.output },
            target: 'setup_error',
            actions: [
              { type: 'hold', params: ({ event }) => event.output },
              ...retire,
              explain('wrong_account'),
            ],
          },
          {
            guard: { type: 'connected', params: ({ event }) => event.output },
            target: 'loaded',
            actions: { type: 'hold', params: ({ event }) => event.output },
          },
          {
            guard: { type: 'alreadyRejected', params: ({ event }) => event.output },
            target: 'reauth_required.waiting',
          },
          { guard: { type: 'authInvalid', params: ({ event }) => event.output }, target: 'reauth_required' },
          { guard: { type: 'entryIsMissing', params: ({ event }) => event.output }, target: 'not_loaded' },
          { guard: { type: 'entryIsDisabled', params: ({ event }) => event.output }, target: 'disabled' },
          {
            guard: { type: 'cannotBeSetUp', params: ({ event }) => event.output },
            target: 'setup_error',
            actions: { type: 'explainFailure', params: ({ event }) => event.output },
          },
          {
            target: 'setup_retry',
            actions: [{ type: 'explainFailure', params: ({ event }) => event.output }, 'countTry'],
          },
        ],
        onError: { target: 'setup_retry', actions: [explain('unknown'), 'countTry'] },
      },
      on: {
        unload: 'not_loaded',
        adopt: { target: 'loaded', actions: { type: 'adopt', params: ({ event }) => event } },
      },
    },

    loaded: {
      entry: 'announceLoaded',
      exit: 'announceUnloaded',
      initial: 'running',
      states: {
        running: { on: { authFailed: 'probing' } },
        probing: {
          description:
            'One connection with the stored credential tells a dead credential from a passing refusal.',
          tags: 'working',
          invoke: {
            id: 'probeEntry',
            src: 'probeEntry',
            input: ({ context }) => ({ entryId: context.entryId }),
            onDone: [
              {
                guard: { type: 'accountMismatches', params: ({ event }) => event.output },
                target: '#configEntry.setup_error',
                actions: [
                  ...retire,
                  { type: 'hold', params: ({ event }) => event.output },
                  ...retire,
                  explain('wrong_account'),
                ],
              },
              {
                guard: { type: 'connected', params: ({ event }) => event.output },
                target: '#configEntry.loaded',
                reenter: true,
                actions: [...retire, { type: 'hold', params: ({ event }) => event.output }],
              },
              {
                guard: { type: 'alreadyRejected', params: ({ event }) => event.output },
                target: '#configEntry.reauth_required.waiting',
                actions: [...retire],
              },
              {
                guard: { type: 'authInvalid', params: ({ event }) => event.output },
                target: '#configEntry.reauth_required',
                actions: [...retire],
              },
              {
                guard: { type: 'entryIsMissing', params: ({ event }) => event.output },
                target: '#configEntry.not_loaded',
                actions: [...retire],
              },
              {
                guard: { type: 'entryIsDisabled', params: ({ event }) => event.output },
                target: '#configEntry.disabled',
                actions: [...retire],
              },
              {
                guard: { type: 'cannotBeSetUp', params: ({ event }) => event.output },
                target: '#configEntry.setup_error',
                actions: [...retire, { type: 'explainFailure', params: ({ event }) => event.output }],
              },
              {
                target: '#configEntry.setup_retry',
                actions: [
                  ...retire,
                  { type: 'explainFailure', params: ({ event }) => event.output },
                  'countTry',
                ],
              },
            ],
            onError: {
              target: '#configEntry.setup_retry',
              actions: [...retire, explain('unknown'), 'countTry'],
            },
          },
          on: { authFailed: { actions: 'carryOn' }, lost: { actions: 'carryOn' } },
        },
      },
      on: {
        unload: 'unload_in_progress',
        adopt: {
          target: 'loaded',
          reenter: true,
          actions: [...retire, { type: 'adopt', params: ({ event }) => event }],
        },
        lost: [
          {
            guard: { type: 'livedLong', params: ({ event }) => event },
            target: 'setup_retry',
            actions: [...retire, explain('cannot_connect'), 'retryAtOnce'],
          },
          { target: 'setup_retry', actions: [...retire, explain('cannot_connect'), 'countTry'] },
        ],
      },
    },

    setup_retry: {
      on: {
        retry: 'setup_in_progress',
        setup: { target: 'migrating', actions: 'forgetTries' },
        adopt: { target: 'loaded', actions: { type: 'adopt', params: ({ event }) => event } },
        unload: 'not_loaded',
      },
    },

    setup_error: {
      on: {
        setup: { target: 'migrating', actions: 'forgetTries' },
        adopt: { target: 'loaded', actions: { type: 'adopt', params: ({ event }) => event } },
        unload: 'not_loaded',
      },
    },

    reauth_required: {
      entry: explain('invalid_auth'),
      initial: 'recordingNeed',
      states: {
        recordingNeed: {
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
            onError: { target: '#configEntry.setup_retry', actions: [explain('unknown'), 'countTry'] },
          },
        },
        waiting: {
          on: {
            setup: {
              target: '#configEntry.migrating',
              actions: {
                type: 'allowRejected',
                params: ({ event }) => ({ retryRejected: event.retryRejected ?? false }),
              },
            },
            unload: '#configEntry.not_loaded',
          },
        },
      },
      on: { adopt: { target: 'loaded', actions: { type: 'adopt', params: ({ event }) => event } } },
    },

    migration_error: {
      on: {
        setup: 'migrating',
        adopt: { target: 'loaded', actions: { type: 'adopt', params: ({ event }) => event } },
        unload: 'not_loaded',
      },
    },

    unload_in_progress: {
      tags: 'working',
      invoke: {
        id: 'unloadEntry',
        src: 'unloadEntry',
        input: ({ context }) => ({ entryId: context.entryId, connection: context.connection }),
        onDone: { target: 'not_loaded', actions: 'letGo' },
        onError: { target: 'failed_unload', actions: explain('failed_unload') },
      },
    },

    failed_unload: {
      on: {
        forceUnload: { target: 'not_loaded', actions: 'letGo' },
        adopt: { target: 'loaded', actions: { type: 'adopt', params: ({ event }) => event } },
      },
    },

    disabled: { on: { enable: 'not_loaded' } },
  },
})
